// @ts-check
import { COLORS } from '../blocks/icon.js';

/** How the dialog looks, wherever it is shown. */
export const STYLE = `*{box-sizing:border-box;font:inherit}
dialog{background:#fff;border:0;border-radius:12px;box-shadow:0 8px 40px #0006;color:#1c2526;color-scheme:light;
font:16px/1.4 system-ui,sans-serif;max-width:min(26em,92vw);padding:1.3em}
dialog::backdrop{background:#0008}
h2{font-size:1.25em;font-weight:600;margin:0 0 .4em}
p{margin:0 0 .9em}
label{display:block;margin:0 0 .7em}
input:not([type=radio]){border:1px solid #52605f;border-radius:8px;display:block;margin-top:.25em;min-height:44px;
padding:.4em .6em;width:100%}
fieldset,legend{border:0;margin:0;padding:0}
fieldset{margin-bottom:.9em}
.choice{align-items:center;display:flex;gap:.5em;margin:0;min-height:36px}
.choice input{accent-color:${COLORS.color1};height:20px;margin:0;width:20px}
#note{color:${COLORS.color3};font-weight:600}
#note:empty,#where:empty{display:none}
#where{font-size:.9em;margin-top:-.3em;overflow-wrap:anywhere}
.row{display:flex;flex-wrap:wrap;gap:.6em;justify-content:flex-end;margin:0}
button{background:#fff;border:1px solid ${COLORS.color1};border-radius:8px;color:${COLORS.color2};cursor:pointer;
font-weight:600;min-height:44px;padding:.4em 1.1em}
button:not([type]){background:${COLORS.color1};color:#fff;order:1}
button[hidden]{display:none}
:focus-visible{outline:3px solid ${COLORS.color1};outline-offset:2px}`;
