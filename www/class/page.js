// @ts-check
/** The class page: how to get here, who is connected, and what each one sends. */
import { showBuild } from '../build-name.js';
import { element } from '../dom.js';
import { isKeptOut } from '../say-word.js';
import { fillTexts, text } from '../texts.js';
import { offerCards, offerRooms } from './cards.js';
import { Details } from './details.js';
import { showEntrance, showWord } from './entrance.js';
import { offerGroups, showGroups } from './groups.js';
import { offerClearing } from './kept.js';
import { offerNewLesson } from './new-lesson.js';
import { offerPause, showPause } from './pause.js';
import { post } from './post.js';
import { offerProject, showProject } from './project.js';
import { Tiles } from './tiles.js';

const status = element('status');
const details = new Details();
const tiles = new Tiles(element('tiles'), (tile) => details.show(tile));

fillTexts();
element('forget').addEventListener('click', () => post('class/forget'));
offerGroups();
offerClearing();
offerProject();
offerCards();
offerPause(() => {
  element('lesson').textContent = text('class.lost');
});
offerNewLesson((sentence) => {
  element('lesson').textContent = sentence;
});
// What is offered is there before anything is waited for: a form would send itself.
await Promise.all([showEntrance(), showGroups(), offerRooms(), showBuild()]);
listen();

function listen() {
  // It comes back by itself when the server does.
  const events = new EventSource('class/events');
  events.addEventListener('message', ({ data }) => {
    /** @type {import('./tiles.js').Tile[]} */
    const all = JSON.parse(data);
    tiles.update(all);
    details.update(all);
    const here = all.filter((tile) => tiles.isHere(tile)).length;
    element('here').textContent = text('class.here', { count: here });
    status.hidden = all.length > 0;
    say('class.nobody');
  });
  events.addEventListener('pause', ({ data }) => showPause(JSON.parse(data)));
  events.addEventListener('word', ({ data }) => showWord(JSON.parse(data)));
  events.addEventListener('project', ({ data }) => showProject(JSON.parse(data)));
  events.addEventListener('error', async () => {
    status.hidden = false;
    say('class.lost', 'problem');
    // A new lesson that began on another device: the page that asks for the word takes the place of this one.
    if (await isKeptOut('teacher')) location.reload();
  });
}

/** @param {import('../texts.js').TextKey} key @param {string} [state] */
function say(key, state = '') {
  status.textContent = text(key);
  status.dataset.state = state;
}
