// @ts-check
// What lists of extensions show before an extension is loaded.
import { EXTENSION_ID } from '../../blocks/blocks.js';
import { COVER, ICON } from '../../blocks/icon.js';

/** For every host that has such a list; name and text are the host's own matter. */
export const ABOUT = Object.freeze({
  extensionId: EXTENSION_ID,
  collaborator: 'Scratch MQTT',
  iconURL: COVER,
  insetIconURL: ICON,
  featured: true,
  disabled: false,
  internetConnectionRequired: true,
});
