// @ts-check
// What lists of extensions show before an extension is loaded.
import { COVER, ICON } from '../../blocks/icon.js';
import { EXTENSION_ID } from '../../blocks/ids.js';
import { LANGUAGES } from '../../texts/languages.js';
import { text } from '../../texts/texts.js';

/** For every editor that has such a list; how it takes the name and the description is its own matter. */
export const ABOUT = Object.freeze({
  extensionId: EXTENSION_ID,
  collaborator: 'Scratch MQTT',
  iconURL: COVER,
  insetIconURL: ICON,
  featured: true,
  disabled: false,
  internetConnectionRequired: true,
});

/** What the two texts are called where an editor keeps the texts of all extensions in one table. */
export const CARD = Object.freeze({
  name: 'scratchmqtt.name',
  description: 'scratchmqtt.description',
});

/** Those texts, for that table. @type {Readonly<Record<string, Readonly<Record<string, string>>>>} */
export const CARD_TEXTS = Object.freeze(
  Object.fromEntries(
    LANGUAGES.map((language) => [
      language,
      {
        [CARD.name]: text(language, 'extension.name'),
        [CARD.description]: text(language, 'extension.description'),
      },
    ]),
  ),
);
