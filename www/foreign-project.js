// @ts-check
/**
 * The project that the address of the editor page names. One of this site is opened at once; one of another
 * website could be anybody's, so a person has to say yes.
 */
import { text } from './texts.js';

/**
 * @param {string} address as it stands in `?project=`, from this folder
 * @returns {Promise<{ file: ArrayBuffer, name: string, own: string | undefined } | undefined>} the file, what it is
 *   called, and its address if that is of this site; nothing when the person did not want it
 */
export async function projectAt(address) {
  const url = URL.canParse(address, import.meta.url)
    ? new URL(address, import.meta.url)
    : undefined;
  const isOwn = url?.origin === location.origin;
  if (url === undefined || (!isOwn && url.protocol !== 'https:')) throw notOpened(address);
  if (!isOwn && !(await isWanted(url.host))) return undefined;
  // A redirect could lead from this site to another.
  const response = await fetch(url, { redirect: isOwn ? 'error' : 'follow' }).catch(
    () => undefined,
  );
  if (response?.ok !== true) throw notOpened(address);
  return {
    file: await response.arrayBuffer(),
    name: nameIn(url),
    own: isOwn ? url.href : undefined,
  };
}

/** The name of the file in an address, as a title. @param {URL} url */
function nameIn({ pathname }) {
  const name = pathname.slice(pathname.lastIndexOf('/') + 1).replace(/\.sb3$/i, '');
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** @param {string} address */
function notOpened(address) {
  return new Error(`${text('editor.noProject')} ${address}`);
}

/**
 * Asks whether to open a project of another website.
 *
 * @param {string} host
 * @returns {Promise<boolean>}
 */
function isWanted(host) {
  const dialog = document.createElement('dialog');
  dialog.id = 'foreign-project';
  const question = document.createElement('p');
  question.textContent = text('editor.foreign', { host });
  // The first is chosen by Enter, and nothing is lost by it.
  dialog.append(question, button('editor.foreignLeave', ''), button('editor.foreignOpen', 'open'));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'open');
    });
  });

  /** @param {import('./texts.js').TextKey} key @param {string} answer */
  function button(key, answer) {
    const one = document.createElement('button');
    one.type = 'button';
    one.textContent = text(key);
    one.addEventListener('click', () => dialog.close(answer));
    return one;
  }
}
