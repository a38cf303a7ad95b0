// @ts-check
/** A quiz for a class: who clicks on the robot asks, all others answer with a letter. Groups do not hear each other. */
import {
  add,
  announce,
  answer,
  ask,
  broadcast,
  change,
  clearList,
  connect,
  equals,
  hideList,
  ifElse,
  ifThen,
  join,
  not,
  payload,
  publishWith,
  repeatUntil,
  say,
  set,
  showList,
  topicPart,
  variable,
  whenBroadcast,
  whenClicked,
  whenFlag,
  whenMessage,
} from '../tests/e2e/support/blocks.js';
import { shownList, shownVariable } from '../tests/e2e/support/project.js';
import { backdrop, letter, robot } from './sample-pictures.mjs';

export const BROKER = 'class';
export const STATUS = 'scratchmqtt_status';

const QUESTION = 'quiz/question';
const ANSWERS = 'quiz/answer/';
/** The letter that is right. */
const RIGHT = 'quiz/right';
const LETTERS = /** @type {const} */ ({ A: '#4c97ff', B: '#ffab19', C: '#59c059' });

const isMaster = () => equals(variable('quizmaster'), 'yes');

/** @type {import('../tests/e2e/support/project.js').Project} */
export const quiz = {
  backdrop: backdrop('#fde8ef', '#e8a9c0'),
  broadcasts: Object.keys(LETTERS),
  monitors: [
    STATUS,
    'scratchmqtt_whoIsHere',
    shownVariable('Quizmaster', 'points'),
    shownList('Quizmaster', 'answers', { x: 330, y: 90, width: 145, height: 190 }),
  ],
  sprites: {
    Quizmaster: {
      costume: robot('#ff6680'),
      at: [-30, 20],
      variables: { name: '', asks: 'no', quizmaster: 'no', mine: '', points: 0 },
      lists: { answers: [] },
      scripts: [
        [
          whenFlag(),
          say(''),
          ...['asks', 'quizmaster'].map((one) => set(one, 'no')),
          ...['name', 'mine'].map((one) => set(one, '')),
          set('points', 0),
          clearList('answers'),
          hideList('answers'),
          repeatUntil(not(equals(variable('name'), '')), ask('👤'), set('name', answer())),
          announce(variable('name')),
          connect(BROKER),
        ],
        // Whoever does that is the quizmaster, until another one asks. Kept: who comes later hears the question too.
        [
          whenClicked(),
          ask('❓ A B C'),
          ifThen(
            not(equals(answer(), '')),
            set('asks', 'yes'),
            publishWith(answer(), QUESTION, '1', 'yes'),
          ),
        ],
        [
          whenMessage(QUESTION),
          set('quizmaster', variable('asks')),
          set('asks', 'no'),
          set('mine', ''),
          clearList('answers'),
          ifElse(isMaster(), [showList('answers')], [hideList('answers')]),
          say(payload()),
        ],
        ...Object.keys(LETTERS).map((one) => [
          whenBroadcast(one),
          ifElse(
            isMaster(),
            [publishWith(one, RIGHT, '1', 'no')],
            [set('mine', one), publishWith(one, join(ANSWERS, variable('name')), '1', 'no')],
          ),
        ]),
        [whenMessage(`${ANSWERS}+`), add(join(topicPart(3), join(': ', payload())), 'answers')],
        [
          whenMessage(RIGHT),
          ifElse(
            equals(variable('mine'), payload()),
            [change('points', 1), say(join(payload(), ' 😀'))],
            [say(join(payload(), ' ✔️'))],
          ),
          set('mine', ''),
        ],
      ],
    },
    ...Object.fromEntries(
      Object.entries(LETTERS).map(([one, color], place) => [
        one,
        {
          costume: letter(color, one),
          at: /** @type {[number, number]} */ ([-160 + 100 * place, -115]),
          scripts: [[whenClicked(), broadcast(one)]],
        },
      ]),
    ),
  },
};
