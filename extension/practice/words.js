// @ts-check
// What a tab and the practice broker say to each other, beside the bytes of MQTT. Tabs with another version of this
// script may listen too: what any of this means is never changed, only the number in the name.

/** The channel of all tabs of one origin; each connection has one of its own, with its number behind this name. */
export const CHANNEL = 'scratchmqtt practice 1';

/** Nothing follows. */
export const CLOSE = 'close';

/** A number that nobody else has. Not `crypto.randomUUID`, which plain http does not have. */
export const newId = () =>
  [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join('-');

/** @param {string} id of a connection */
export const channelOf = (id) => `${CHANNEL} ${id}`;
