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
  forever,
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
  wait,
  whenBroadcast,
  whenClicked,
  whenFlag,
  whenMessage,
  writeWhoIsHere,
} from '../tests/e2e/support/blocks.js';
import { shownList, shownVariable } from '../tests/e2e/support/project.js';
import { backdrop, letter, robot } from './sample-pictures.mjs';

export const BROKER = 'class';
/** It goes last, and what is below it begins some lines further down: before there is a connection it is long. */
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
    shownVariable('Quizmaster', 'points'),
    STATUS,
    // A list: in one line the names of a class would cover what the robot says.
    {
      ...shownList('Quizmaster', 'names', { x: 5, y: 90, width: 110, height: 150 }),
      visible: true,
    },
    shownList('Quizmaster', 'answers', { x: 330, y: 110, width: 145, height: 170 }),
  ],
  sprites: {
    Quizmaster: {
      costume: robot('#ff6680'),
      at: [-30, -5],
      variables: { name: '', asks: 'no', quizmaster: 'no', mine: '', points: 0 },
      lists: { answers: [], names: [] },
      scripts: [
        [
          whenFlag(),
          say(''),
          ...['asks', 'quizmaster'].map((one) => set(one, 'no')),
          ...['name', 'mine'].map((one) => set(one, '')),
          set('points', 0),
          ...['answers', 'names'].map((one) => clearList(one)),
          hideList('answers'),
          repeatUntil(not(equals(variable('name'), '')), ask('👤'), set('name', answer())),
          announce(variable('name')),
          connect(BROKER),
          forever(writeWhoIsHere('names'), wait(1)),
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
