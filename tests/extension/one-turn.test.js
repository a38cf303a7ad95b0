// @ts-check
// Which scripts may handle several messages in one frame.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endsInOneTurn } from '../../extension/delivery/one-turn.js';

/**
 * Blocks of one script: each of a list follows the one before; inputs are blocks too.
 *
 * @param {...any} body
 */
function script(...body) {
  /** @type {Record<string, any>} */
  const all = {};
  /** @param {any[]} list @returns {string | null} */
  const add = (list) => {
    let next = null;
    for (const { opcode, inputs = [], shadow = false } of [...list].reverse()) {
      const id = `b${Object.keys(all).length}`;
      all[id] = { opcode, shadow, next, fields: {}, inputs: {} };
      for (const [index, input] of inputs.entries()) {
        all[id].inputs[index] = { block: add([input].flat()) };
      }
      next = id;
    }
    return next;
  };
  const hat = add([{ opcode: 'scratchmqtt_whenMessage' }, ...body]);
  return {
    blocks: /** @type {any} */ ({ getBlock: (/** @type {string} */ id) => all[id] }),
    hat: String(hat),
  };
}

/** @param {string} opcode @param {...any} inputs */
const block = (opcode, ...inputs) => ({ opcode, inputs });

/** @param {string} opcode */
const menu = (opcode) => ({ opcode, shadow: true });

/** @type {[string, any[]][]} */
const SHORT = [
  ['nothing', []],
  [
    'data, operators and our reporters',
    [block('data_setvariableto', block('operator_join', block('scratchmqtt_messagePayload')))],
  ],
  [
    'motion, looks, sound and pen',
    [
      block('motion_gotoxy'),
      block('looks_say'),
      block('sound_play', menu('sound_sounds_menu')),
      block('pen_stamp'),
    ],
  ],
  [
    'a question of sensing',
    [block('control_if', block('sensing_touchingobject', menu('sensing_touchingobjectmenu')))],
  ],
  [
    'branches',
    [block('control_if_else', block('operator_gt'), [block('looks_show')], [block('looks_hide')])],
  ],
  ['our publishing', [block('scratchmqtt_publishWith', menu('scratchmqtt_menu_QOS'))]],
];

/** @type {[string, any[]][]} */
const LONG = [
  ['a wait', [block('control_wait')]],
  ['a loop', [block('control_repeat', [block('looks_show')])]],
  ['forever', [block('control_forever')]],
  ['a glide', [block('motion_glidesecstoxy')]],
  ['a glide to a place', [block('motion_glideto')]],
  ['say for some seconds', [block('looks_sayforsecs')]],
  ['think for some seconds', [block('looks_thinkforsecs')]],
  ['a sound until it is done', [block('sound_playuntildone')]],
  ['a question to the user', [block('sensing_askandwait')]],
  ['a broadcast', [block('event_broadcast')]],
  ['a broadcast that waits', [block('event_broadcastandwait')]],
  ['a backdrop, which starts other scripts', [block('looks_switchbackdropto')]],
  ['the next backdrop', [block('looks_nextbackdrop')]],
  ['a backdrop that waits', [block('looks_switchbackdroptoandwait')]],
  ['a custom block', [block('procedures_call')]],
  ['stop', [block('control_stop')]],
  ['a clone', [block('control_create_clone_of')]],
  ['another extension', [block('music_playDrumForBeats')]],
  ['a reporter of another extension', [block('looks_say', block('translate_getTranslate'))]],
  ['our connect', [block('scratchmqtt_connect')]],
  ['a wait inside a branch', [block('control_if', block('operator_gt'), [block('control_wait')])]],
  ['a wait after short blocks', [block('looks_show'), block('looks_hide'), block('control_wait')]],
];

for (const [what, body] of SHORT) {
  test(`a script with ${what} ends in one turn`, () => {
    const { blocks, hat } = script(...body);

    assert.equal(endsInOneTurn(blocks, hat), true);
  });
}

for (const [what, body] of LONG) {
  test(`a script with ${what} may take longer, or start others`, () => {
    const { blocks, hat } = script(...body);

    assert.equal(endsInOneTurn(blocks, hat), false);
  });
}

test('blocks that follow each other in a circle are no trap', () => {
  const circle = { opcode: 'looks_show', shadow: false, next: 'hat', fields: {}, inputs: {} };
  const blocks = /** @type {any} */ ({ getBlock: () => circle });

  assert.equal(endsInOneTurn(blocks, 'hat'), true);
});
