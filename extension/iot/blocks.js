// @ts-check
// The blocks of CodeLab's IoT extension of 2019. Saved projects hold its id, opcodes and argument
// names: nothing of that may ever change, and nothing is added; new blocks are ours.

/** The extension's id, which saved projects hold. */
export const IOT_ID = 'iot';

const TOPIC = { ours: 'TOPIC', value: '/scratch3_sub' };

/**
 * @typedef {object} IotArgument
 * @property {string} ours the name of the argument in our block
 * @property {string} value the default
 *
 * @typedef {object} IotBlock
 * @property {'command' | 'reporter' | 'Boolean' | 'hat'} blockType
 * @property {string} text as it was, in English, the only language it had
 * @property {string} ours the opcode of our block that does the same
 * @property {Readonly<Record<string, IotArgument>>} arguments
 */

/** The blocks by opcode, in the order of their palette. @type {Readonly<Record<string, IotBlock>>} */
export const IOT_BLOCKS = Object.freeze({
  connect_to_mqtt: {
    blockType: 'command',
    text: 'Connect To [mqtt_uri]',
    ours: 'connect',
    arguments: {
      mqtt_uri: { ours: 'BROKER', value: 'wss://guest:test@iot.codelab.club:8084/mqtt' },
    },
  },
  mqtt_is_connected: {
    blockType: 'Boolean',
    text: 'is connected?',
    ours: 'isConnected',
    arguments: {},
  },
  subTopic: {
    blockType: 'command',
    text: 'subscribe Topic[topic]',
    ours: 'subscribe',
    arguments: { topic: TOPIC },
  },
  whenMessage: {
    blockType: 'hat',
    text: 'When Topic[topic] Message Receive',
    ours: 'whenMessage',
    arguments: { topic: TOPIC },
  },
  getComingMessage: {
    blockType: 'reporter',
    text: 'received message',
    ours: 'messagePayload',
    arguments: {},
  },
  pubMessage: {
    blockType: 'command',
    text: 'publish Topic[topic] Message[message]',
    ours: 'publish',
    arguments: {
      topic: { ours: 'TOPIC', value: '/scratch3_pub' },
      message: { ours: 'MESSAGE', value: 'hello' },
    },
  },
});
