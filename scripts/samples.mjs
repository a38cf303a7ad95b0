// @ts-check
/**
 * The sample projects of `examples/projects`, which `npm run format` writes. They connect to the broker `class`; their
 * topics are the default of the blocks, and those of the programs in `examples/` for boards.
 */
import {
  calculate,
  change,
  clearMicrobit,
  connect,
  equals,
  forever,
  goTo,
  greater,
  ifElse,
  lastWill,
  microbitTilt,
  payload,
  pen,
  penSize,
  publish,
  publishWith,
  random,
  repeat,
  say,
  set,
  setBrightness,
  showOnMicrobit,
  variable,
  wait,
  whenClicked,
  whenConnection,
  whenFlag,
  whenMessage,
  whenMicrobitButton,
  writeOnMicrobit,
} from '../tests/e2e/support/blocks.js';
import { makeProject, shownVariable } from '../tests/e2e/support/project.js';
import { backdrop, dot, key, lamp, microbitPicture, robot } from './sample-pictures.mjs';
import { BROKER, STATUS, quiz } from './sample-quiz.mjs';

/** @typedef {import('../tests/e2e/support/project.js').Project} Project */

/** The board of the programs in `examples/`, and what its sensor says at most. */
const BOARD = 'board-1';
const MOST = 65_535;
/** Brightness of a lamp that is off. */
const DARK = -60;
/** Where the plot is on the stage. */
const LEFT = -225;
const RIGHT = 225;
const BOTTOM = -150;
const HEIGHT = 250;

/** @type {Project} */
const twoSprites = {
  backdrop: backdrop('#e6f4ff', '#b5e3c0'),
  monitors: [STATUS],
  sprites: {
    Pip: {
      costume: robot('#0fbd8c'),
      at: [-110, -30],
      scripts: [
        [whenFlag(), say('👆'), connect(BROKER)],
        [whenClicked(), publish('hello', 'test')],
        [whenMessage('answer'), say(payload())],
      ],
    },
    Pop: {
      costume: robot('#4c97ff'),
      at: [110, -30],
      scripts: [
        [whenFlag(), say('👆')],
        [whenMessage('test'), say(payload())],
        [whenClicked(), publish('👋', 'answer')],
      ],
    },
  },
};

/** @type {Project} */
const remoteControl = {
  backdrop: backdrop('#fff7e0', '#d9c7a3'),
  monitors: [shownVariable('Lamp', 'board'), shownVariable('Lamp', 'sensor'), STATUS],
  sprites: {
    Lamp: {
      costume: lamp(),
      at: [80, 12],
      variables: { board: '?', sensor: '?' },
      scripts: [
        [whenFlag(), setBrightness(DARK), connect(BROKER)],
        [
          whenMessage(`${BOARD}/led`),
          ifElse(equals(payload(), 'on'), [setBrightness(0)], [setBrightness(DARK)]),
        ],
        [whenMessage(`${BOARD}/button`), say(payload()), wait(1), say('')],
        [whenMessage(`${BOARD}/sensor`), set('sensor', payload())],
        [whenMessage(`${BOARD}/status`), set('board', payload())],
      ],
    },
    // Kept: a board that comes later hears how its lamp shall be.
    On: {
      costume: key('#59c059', '<path d="M40 20v40" />'),
      at: [-70, -120],
      scripts: [[whenClicked(), publishWith('on', `${BOARD}/led`, '1', 'yes')]],
    },
    Off: {
      costume: key('#ff6680', '<circle cx="40" cy="40" r="18" />'),
      at: [70, -120],
      scripts: [[whenClicked(), publishWith('off', `${BOARD}/led`, '1', 'yes')]],
    },
  },
};

const atTheLeft = [pen('penUp'), pen('clear'), set('x', LEFT), goTo(LEFT, BOTTOM)];

/** @type {Project} */
const weatherStation = {
  backdrop: backdrop('#dff1ff', '#9fd0f5'),
  extensions: ['scratchmqtt', 'pen'],
  monitors: [shownVariable('Plot', 'sensor'), STATUS],
  sprites: {
    Plot: {
      costume: dot('#ff6680'),
      at: [LEFT, BOTTOM],
      variables: { x: LEFT, sensor: '?' },
      scripts: [
        [whenFlag(), penSize(3), ...atTheLeft, connect(BROKER)],
        [
          whenMessage(`${BOARD}/sensor`),
          set('sensor', payload()),
          ifElse(greater(variable('x'), RIGHT), atTheLeft, [change('x', 5)]),
          goTo(
            variable('x'),
            calculate('add', calculate('divide', payload(), Math.round(MOST / HEIGHT)), BOTTOM),
          ),
          pen('penDown'),
        ],
      ],
    },
    // Whoever has no board yet clicks on it.
    'Pretend board': {
      costume: robot('#ffab19'),
      at: [180, 40],
      scripts: [
        [whenClicked(), repeat(20, publish(random(20_000, 45_000), `${BOARD}/sensor`), wait(0.5))],
      ],
    },
  },
};

/** On its 5 × 5 lights. */
const HEART = '0101011111111110111000100';

/** A micro:bit, by Bluetooth, is a board for everybody else. Whoever has none at hand clicks on it. @type {Project} */
const microbit = {
  backdrop: backdrop('#f3ecff', '#c9b8e8'),
  extensions: ['scratchmqtt', 'microbit'],
  monitors: [STATUS],
  sprites: {
    'micro:bit': {
      costume: microbitPicture(HEART),
      at: [0, 20],
      scripts: [
        [
          whenFlag(),
          setBrightness(DARK),
          lastWill('offline', `${BOARD}/status`, 'yes'),
          connect(BROKER),
        ],
        [whenConnection('made'), publishWith('online', `${BOARD}/status`, '1', 'yes')],
        [whenMicrobitButton('A'), publish('pressed', `${BOARD}/button`), wait(0.3)],
        [whenClicked(), publish('pressed', `${BOARD}/button`)],
        [whenFlag(), forever(wait(10), publish(microbitTilt('front'), `${BOARD}/sensor`))],
        [
          whenMessage(`${BOARD}/led`),
          ifElse(
            equals(payload(), 'on'),
            [setBrightness(0), showOnMicrobit(HEART)],
            [setBrightness(DARK), clearMicrobit()],
          ),
        ],
        [whenMessage(`${BOARD}/text`), say(payload()), writeOnMicrobit(payload())],
      ],
    },
  },
};

/** By the name of the file. @type {Record<string, Project>} */
export const SAMPLES = {
  'two-sprites': twoSprites,
  'remote-control': remoteControl,
  'weather-station': weatherStation,
  microbit,
  quiz,
};

/** What `npm run format` makes, by its path. */
export const sampleFiles = () =>
  Object.fromEntries(
    Object.entries(SAMPLES).map(([name, project]) => [
      `examples/projects/${name}.sb3`,
      () => makeProject(project),
    ]),
  );

/**
 * The samples for a place without a class server, by the names of their files.
 *
 * @param {object} place
 * @param {string} place.broker to which they connect there
 * @param {string} [place.extensionUrl] where other editors find the blocks
 */
export const samplesFor = ({ broker, extensionUrl }) =>
  Object.fromEntries(
    Object.entries(SAMPLES).map(([name, project]) => [
      `${name}.sb3`,
      makeProject({ ...connectingTo(broker, project), extensionUrl }),
    ]),
  );

/** @param {string} broker @param {Project} project @returns {Project} */
const connectingTo = (broker, project) =>
  JSON.parse(
    JSON.stringify(project, (slot, value) =>
      slot === 'BROKER' && value === BROKER ? broker : value,
    ),
  );
