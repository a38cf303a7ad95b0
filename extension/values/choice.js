// @ts-check

/**
 * The choice that was meant, by a reporter for example: capitals and spaces at the ends do not matter.
 *
 * @param {readonly string[]} choices
 * @param {string} typed
 * @returns {string | undefined}
 */
export function choiceOf(choices, typed) {
  const wanted = typed.trim().toLowerCase();
  return choices.find((choice) => choice.toLowerCase() === wanted);
}
