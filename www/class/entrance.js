// @ts-check
/** How the others get here: what they type or, where nobody else is let in, how to change that. */
import { element } from '../dom.js';
import { text } from '../texts.js';
import { post } from './post.js';

/** @typedef {{ reached: boolean }} Place */

/** How often it is asked whether anybody else got here, until somebody did. */
const ASK_AGAIN_MS = 3000;

/** Shows it; where a person started the server, with what that person decides. */
export async function showEntrance() {
  if (!(await showPlace())) return;
  element('full').addEventListener('click', () => element('wall').requestFullscreen());
  element('open').addEventListener('click', async () => {
    await post('class/open');
    await showPlace();
  });
  element('end').addEventListener('click', async () => {
    const answer = await post('class/end');
    if (answer?.ok === true) element('lesson').textContent = text('class.ended');
  });
}

async function showPlace() {
  const place = await whereWeAre();
  if (place === undefined) return false;
  const { addresses, boards, desk } = place;
  const [first, ...others] = addresses;
  element('wall').hidden = first === undefined;
  element('closed').hidden = first !== undefined || desk !== null;
  element('closed-desk').hidden = desk !== 'closed';
  element('end').hidden = desk === null;
  element('boards').textContent = text('class.boards', { port: boards });
  element('help').hidden = first === undefined;
  if (first === undefined) return true;
  const ports = `${new URL(first).port || 80},${boards}`;
  element('ports').textContent = `Linux: sudo ufw allow proto tcp to any port ${ports}`;
  element('address').textContent = first;
  const qr = element('qr', HTMLImageElement);
  qr.alt = first;
  // There was none while the class was not let in.
  qr.src = 'class/qr.svg?open';
  element('others').textContent = others.join('  ');
  showReached(place);
  return true;
}

/** Whether the network lets anybody through, until it did. @param {Place} place */
function showReached({ reached }) {
  const said = element('reached');
  said.textContent = text(reached ? 'class.reached' : 'class.unreached');
  said.dataset.state = reached ? 'connected' : 'waiting';
  if (reached) return;
  setTimeout(async () => showReached((await whereWeAre()) ?? { reached }), ASK_AGAIN_MS);
}

/** @returns {Promise<Place & { addresses: string[], boards: number, desk: 'open' | 'closed' | null } | undefined>} */
async function whereWeAre() {
  const response = await fetch('class/where.json').catch(() => undefined);
  return response?.ok === true ? response.json() : undefined;
}
