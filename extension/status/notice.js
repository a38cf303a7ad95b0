// @ts-check
import { COLORS } from '../blocks/icon.js';
import { later } from '../client/wait.js';

/** How long it can be read, in milliseconds; a click ends it sooner. */
const SHOWN_MS = 12_000;

/** What happens on it is none of the project's business. */
const EVENTS = ['mousedown', 'mouseup', 'pointerdown', 'pointerup', 'touchstart', 'touchend'];

const STYLE = `p{background:#fff;border:1px solid ${COLORS.color1};border-inline-start-width:8px;border-radius:8px;
box-shadow:0 2px 12px #0006;color:#1c2526;cursor:pointer;font:15px/1.35 system-ui,sans-serif;margin:8px;max-height:60%;
overflow:auto;overflow-wrap:anywhere;padding:8px 12px}
p::after{content:" ✕" / "";color:${COLORS.color2};font-weight:600}`;

/**
 * Says over the stage, once in each run, why the project's first attempt to connect failed, where the page
 * has no place of its own for that. It is on the page and not in the project, and goes by itself.
 */
export class Notice {
  /** @param {import('../editors/support/environment.js').Environment} environment */
  constructor(environment) {
    this.environment = environment;
    /** Whether this run has not said anything, and has not been connected yet. @private */
    this.isDue = true;
    /** What is shown. @private @type {HTMLElement | null} */
    this.shown = null;
  }

  /** Another run of the project. */
  begin() {
    this.isDue = true;
    this.remove();
  }

  /** There is a connection, or was: what fails from now on was no first attempt. */
  settle() {
    this.isDue = false;
    this.remove();
  }

  /** @param {string} sentence */
  show(sentence) {
    const { document, runtime, showsStatus } = this.environment;
    const stage = runtime?.renderer?.canvas;
    if (!this.isDue || showsStatus || !document || !stage?.isConnected) return;
    this.isDue = false;
    this.remove();
    const host = document.createElement('div');
    const { left, top, width, height } = stage.getBoundingClientRect();
    // Editors have their dialogs, and a stage as large as the window, above everything else.
    host.style.cssText = `position:fixed;z-index:100000;left:${left}px;top:${top}px;width:${width}px;max-height:${height}px`;
    host.setAttribute('role', 'status');
    host.attachShadow({ mode: 'open' }).innerHTML = `<style>${STYLE}</style>`;
    host.addEventListener('click', () => host.remove());
    for (const type of EVENTS) host.addEventListener(type, (event) => event.stopPropagation());
    (document.fullscreenElement ?? document.body).append(host);
    this.shown = host;
    // What is there from the start is not read aloud.
    later(0, () => {
      const said = document.createElement('p');
      said.dir = 'auto';
      said.textContent = sentence;
      host.shadowRoot?.append(said);
    });
    later(SHOWN_MS, () => host.remove());
  }

  /** @private */
  remove() {
    this.shown?.remove();
    this.shown = null;
  }
}
