// @ts-check
// Made by `npm run format`. The build puts a packed copy in the place of this module.
import en from './en.json' with { type: 'json' };
import ar from './ar.json' with { type: 'json' };
import de from './de.json' with { type: 'json' };
import es from './es.json' with { type: 'json' };
import es419 from './es-419.json' with { type: 'json' };
import fr from './fr.json' with { type: 'json' };
import id from './id.json' with { type: 'json' };
import it from './it.json' with { type: 'json' };
import ja from './ja.json' with { type: 'json' };
import jaHira from './ja-Hira.json' with { type: 'json' };
import ko from './ko.json' with { type: 'json' };
import nl from './nl.json' with { type: 'json' };
import pl from './pl.json' with { type: 'json' };
import pt from './pt.json' with { type: 'json' };
import ptBr from './pt-br.json' with { type: 'json' };
import ru from './ru.json' with { type: 'json' };
import tr from './tr.json' with { type: 'json' };
import uk from './uk.json' with { type: 'json' };
import vi from './vi.json' with { type: 'json' };
import zhCn from './zh-cn.json' with { type: 'json' };
import zhTw from './zh-tw.json' with { type: 'json' };

/** @typedef {import('../texts/languages.js').Language} Language */
/** What a language has; what it lacks is shown in English. @typedef {Readonly<Record<string, string>>} Table */

/** @type {Readonly<{ en: typeof en } & Record<Exclude<Language, 'en'>, Table>>} */
export const LOCALES = Object.freeze({
  en,
  ar,
  de,
  es,
  'es-419': es419,
  fr,
  id,
  it,
  ja,
  'ja-Hira': jaHira,
  ko,
  nl,
  pl,
  pt,
  'pt-br': ptBr,
  ru,
  tr,
  uk,
  vi,
  'zh-cn': zhCn,
  'zh-tw': zhTw,
});
