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

/** @typedef {import('../tests/e2e/support/project.js').Picture} Picture */
/** @typedef {import('../tests/e2e/support/project.js').Project} Project */

const BROKER = 'class';
/** The board of the programs in `examples/`, and what its sensor says at most. */
const BOARD = 'board-1';
const MOST = 65_535;
const STATUS = 'scratchmqtt_status';
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
  monitors: [STATUS, shownVariable('Lamp', 'board'), shownVariable('Lamp', 'sensor')],
  sprites: {
    Lamp: {
      costume: lamp(),
      at: [0, 30],
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
  monitors: [STATUS, shownVariable('Plot', 'sensor')],
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
      at: [180, 100],
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
      costume: microbitPicture(),
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
};

/** What `npm run format` makes, by its path. */
export const sampleFiles = () =>
  Object.fromEntries(
    Object.entries(SAMPLES).map(([name, project]) => [
      `examples/projects/${name}.sb3`,
      () => makeProject(project),
    ]),
  );

/** @param {number} width @param {number} height @param {string} inside @returns {Picture} */
function picture(width, height, inside) {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return { svg: `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${inside}</svg>`, width, height };
}

/** Sky and ground. @param {string} above @param {string} below */
function backdrop(above, below) {
  return picture(
    480,
    360,
    `<path fill="${above}" d="M0 0h480v360H0z" /><path fill="${below}" d="M0 260h480v100H0z" />`,
  );
}

/** @param {string} color */
function robot(color) {
  return picture(
    100,
    130,
    `<g stroke="#2d4a5e" stroke-width="4" stroke-linejoin="round">
<path fill="none" d="M50 24V10" /><circle cx="50" cy="8" r="5" fill="#ffbf00" />
<rect x="14" y="24" width="72" height="54" rx="16" fill="${color}" />
<rect x="26" y="84" width="48" height="36" rx="10" fill="${color}" />
<circle cx="36" cy="46" r="8" fill="#fff" /><circle cx="64" cy="46" r="8" fill="#fff" />
<path fill="none" stroke-linecap="round" d="M38 64q12 8 24 0M26 94l-14 12M74 94l14 12" /></g>`,
  );
}

function lamp() {
  return picture(
    100,
    140,
    `<circle cx="50" cy="50" r="46" fill="#ffe680" /><g stroke="#5c4a00" stroke-width="4">
<path fill="#ffbf00" d="M50 12a36 36 0 0 0-20 66v14h40V78a36 36 0 0 0-20-66z" />
<path fill="#bbb" d="M32 92h36v26a8 8 0 0 1-8 8H40a8 8 0 0 1-8-8z" /></g>`,
  );
}

function microbitPicture() {
  const lights = [...HEART].map((one, place) => {
    const [x, y] = [55 + 15 * (place % 5), 25 + 13 * Math.floor(place / 5)];
    return `<rect x="${x}" y="${y}" width="6" height="9" rx="2" fill="${one === '1' ? '#ff4d4d' : '#5a5a5a'}" />`;
  });
  return picture(
    176,
    130,
    `<rect x="3" y="3" width="170" height="124" rx="16" fill="#2b2b2b" stroke="#7c5cc4" stroke-width="6" />
${lights.join('')}<g fill="#ffbf00"><circle cx="28" cy="60" r="14" /><circle cx="148" cy="60" r="14" />
${[40, 64, 88, 112, 136].map((x) => `<path d="M${x - 9} 104h18v20h-18z" />`).join('')}</g>`,
  );
}

/** @param {string} color @param {string} sign */
function key(color, sign) {
  return picture(
    80,
    80,
    `<rect x="3" y="3" width="74" height="74" rx="18" fill="${color}" stroke="#333" stroke-width="3" />
<g fill="none" stroke="#fff" stroke-width="8" stroke-linecap="round">${sign}</g>`,
  );
}

/** @param {string} color */
function dot(color) {
  return picture(12, 12, `<circle cx="6" cy="6" r="6" fill="${color}" />`);
}
