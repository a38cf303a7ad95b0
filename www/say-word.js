// @ts-check
/** Says a word of the class, for the page that asks for it and for an editor that is open when a new lesson begins. */

/** @typedef {import('./texts.js').TextKey} TextKey */

/** Where each word is said, and what only its ticket opens. */
const DOORS = Object.freeze({
  pupil: { say: '/join', behind: '/groups.json' },
  teacher: { say: '/teach', behind: '/class/where.json' },
});

/** @typedef {keyof typeof DOORS} Role */

/**
 * @param {Role} role
 * @param {string} word
 * @returns {Promise<TextKey | undefined>} what is wrong
 */
export async function sayWord(role, word) {
  const request = { method: 'POST', body: word };
  const answer = await fetch(DOORS[role].say, request).catch(() => undefined);
  if (answer === undefined) return 'class.lost';
  if (answer.status === 429) return 'word.tooMany';
  if (!answer.ok) return 'word.wrong';
  // The ticket is a cookie.
  return (await isKeptOut(role)) ? 'word.noCookies' : undefined;
}

/** Whether the server wants to hear the word. @param {Role} role */
export async function isKeptOut(role) {
  const answer = await fetch(DOORS[role].behind, { cache: 'no-store' }).catch(() => undefined);
  return answer?.status === 403;
}
