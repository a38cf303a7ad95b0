// Name: MQTT
// ID: scratchmqtt
// Description: Exchange messages with boards, sensors and other programs through an MQTT broker.
// By: Scratch MQTT
// License: MPL-2.0

// @ts-check
/** The entry of `mqtt.mjs`: a module for Xcratch, which makes the blocks with its runtime. */
import { EXTENSION_ID } from '../blocks/blocks.js';
import { ScratchMqtt } from '../blocks/extension.js';
import { ABOUT } from './support/about.js';
import { languageOf } from '../texts/languages.js';
import { sharedBridge } from '../client/shared-bridge.js';
import { text } from '../texts/texts.js';

/** @typedef {import('./support/scratch.js').Runtime} Runtime */

/** What Xcratch shows in its list; it writes the address into it from where it loaded the module. */
export const entry = {
  ...ABOUT,
  extensionURL: import.meta.url,
  get name() {
    return text(languageOfPage(), 'extension.name');
  },
  get description() {
    return text(languageOfPage(), 'extension.description');
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

  /** What the host asks, with the address that it stores. @override */
  getInfo() {
    return { ...super.getInfo(), extensionURL: blockClass.extensionURL };
  }
}

const languageOfPage = () => languageOf(globalThis.navigator?.languages ?? []);
