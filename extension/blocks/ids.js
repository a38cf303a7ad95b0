// @ts-check
// Names that saved projects hold: frozen for ever.

/** The extension's id. */
export const EXTENSION_ID = 'scratchmqtt';

/** Opcodes as the runtime knows them. */
export const HAT_OPCODE = `${EXTENSION_ID}_whenMessage`;
export const CONNECT_OPCODE = `${EXTENSION_ID}_connect`;
export const CONNECTION_HAT_OPCODE = `${EXTENSION_ID}_whenConnection`;

/** The broker of the connect block where the page names no other: one of those whose ports and paths are known. */
export const DEFAULT_BROKER = 'mqtt.longan.link';

/** What a full address looks like. */
export const EXAMPLE_ADDRESS = `wss://${DEFAULT_BROKER}:8084/mqtt`;
