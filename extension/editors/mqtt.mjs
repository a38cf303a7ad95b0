// Name: MQTT
// ID: scratchmqtt
// Description: Exchange messages with boards, sensors and other programs through an MQTT broker.
// By: Scratch MQTT
// License: MPL-2.0

// @ts-check
/** The entry of `mqtt.mjs`: a module for Xcratch, which makes the blocks with its runtime. */
import { EXTENSION_ID } from '../blocks/ids.js';
import { ScratchMqtt } from '../blocks/extension.js';
import { ABOUT, CARD, CARD_TEXTS } from './support/about.js';
import { docsBeside } from './support/environment.js';
import { sharedBridge } from '../client/shared-bridge.js';
import { text } from '../texts/texts.js';

/** @typedef {import('./support/scratch.js').Runtime} Runtime */
/** @typedef {(message: { id: string, defaultMessage: string }) => string} FormatMessage */

/** The editor's, in its language, as soon as it has given it. @type {FormatMessage} */
let formatMessage = ({ defaultMessage }) => defaultMessage;

/** What Xcratch shows in its list; it writes the address into it from where it loaded the module. */
export const entry = {
  ...ABOUT,
  extensionURL: import.meta.url,
  helpLink: docsBeside(import.meta.url),
  get name() {
    return formatMessage({ id: CARD.name, defaultMessage: text('en', 'extension.name') });
  },
  get description() {
    const defaultMessage = text('en', 'extension.description');
    return formatMessage({ id: CARD.description, defaultMessage });
  },
  translationMap: CARD_TEXTS,
  /** @param {FormatMessage} ofEditor */
  setFormatMessage(ofEditor) {
    formatMessage = ofEditor;
  },
};

/** The class that Xcratch constructs. Its address is stored in projects. */
export class blockClass extends ScratchMqtt {
  static EXTENSION_ID = EXTENSION_ID;
  static extensionURL = import.meta.url;

  /** @param {Runtime} runtime */
  constructor(runtime) {
    const getLocale = () => String(runtime.formatMessage?.setup?.().locale ?? '');
    super(sharedBridge({ vm: { runtime, getLocale } }, runtime));
  }

  /** What the editor asks, with the address that it stores. @override */
  getInfo() {
    return { ...super.getInfo(), extensionURL: blockClass.extensionURL };
  }
}
