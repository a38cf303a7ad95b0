// @ts-check
/** Projects as CodeLab's editor saves them, and what shows that they run. */
import assert from 'node:assert/strict';
import {
  add,
  iotConnect,
  iotIsConnected,
  iotMessage,
  iotPublish,
  iotSubscribe,
  iotWhenMessage,
  say,
  set,
  waitUntil,
  whenClicked,
  whenFlag,
} from './blocks.js';
import { uniqueTopic } from './names.js';
import { makeProject } from './project.js';
import { until } from './wait.js';

/** A lesson of CodeLab with topics of its own. */
export class Lesson {
  /** The slash at the start belongs to the name. */
  sub = `/${uniqueTopic('scratch3_sub')}`;
  pub = `/${uniqueTopic('scratch3_pub')}`;

  /** @param {string} address of the broker, with the login in it */
  constructor(address) {
    this.address = address;
  }

  /** The project's file. */
  get file() {
    return makeProject({
      extensions: ['iot'],
      sprites: {
        Cat: {
          variables: { connected: 'no' },
          lists: { got: [] },
          scripts: [
            [
              whenFlag(),
              iotConnect(this.address),
              iotSubscribe(this.sub),
              waitUntil(iotIsConnected()),
              set('connected', 'yes'),
            ],
            [iotWhenMessage(this.sub), say(iotMessage()), add(iotMessage(), 'got')],
            [whenClicked(), iotPublish(this.pub, 'hello')],
          ],
        },
        Dog: {
          lists: { got: [] },
          scripts: [[iotWhenMessage(this.sub), add(iotMessage(), 'got')]],
        },
      },
    });
  }

  /**
   * Plays the lesson that an editor has opened: every message reaches both sprites, in order, and a click
   * publishes.
   *
   * @param {import('./editors/editor.js').Editor} editor
   * @param {{ broker: import('./mosquitto.js').Mosquitto, native: import('./native.js').Native }} bench
   */
  async play(editor, { broker, native }) {
    const numbers = Array.from({ length: 20 }, (_, index) => String(index + 1));
    await native.subscribe(this.pub);

    await editor.greenFlag();
    await editor.untilVariable('Cat', 'connected', /^yes$/);
    await until('the subscription', () => broker.subscriptions(this.sub) > 0);
    for (const number of numbers) await native.publish(this.sub, number);
    await editor.untilLength('Dog', 'got', numbers.length);
    await editor.untilLength('Cat', 'got', numbers.length);
    await editor.click('Cat');

    assert.deepEqual(await editor.list('Cat', 'got'), numbers);
    assert.deepEqual(await editor.list('Dog', 'got'), numbers);
    assert.equal(await editor.said('Cat'), '20');
    assert.deepEqual(await native.untilTexts(this.pub, 1), ['hello']);
  }
}

/** The address with the login of a guest, as CodeLab's lessons have it. @param {{ wss: string }} broker */
export const guestAddress = ({ wss }) => wss.replace('//', '//guest:test@');
