// @ts-check
/** How the others get here: what they type or, where nobody else is let in, how to change that. */
import { element } from '../dom.js';
import { text } from '../texts.js';

/** Shows it; where a person started the server, with what that person decides. */
export async function showEntrance() {
  if (!(await showPlace())) return;
  element('full').addEventListener('click', () => element('wall').requestFullscreen());
  element('open').addEventListener('click', async () => {
    await decide('class/open');
    await showPlace();
  });
  element('end').addEventListener('click', async () => {
    if (await decide('class/end')) element('lesson').textContent = text('class.ended');
  });
}

async function showPlace() {
  const response = await fetch('class/where.json').catch(() => undefined);
  if (response?.ok !== true) return false;
  const { addresses, boards, desk } = await response.json();
  const [first, ...others] = addresses;
  element('wall').hidden = first === undefined;
  element('closed').hidden = first !== undefined || desk !== null;
  element('closed-desk').hidden = desk !== 'closed';
  element('end').hidden = desk === null;
  element('boards').textContent = text('class.boards', { port: boards });
  if (first === undefined) return true;
  element('address').textContent = first;
  const qr = element('qr', HTMLImageElement);
  qr.alt = first;
  // There was none while the class was not let in.
  qr.src = 'class/qr.svg?open';
  element('others').textContent = others.join('  ');
  return true;
}

/** @param {string} address */
async function decide(address) {
  const answer = await fetch(address, { method: 'POST' }).catch(() => undefined);
  return answer?.ok === true;
}
