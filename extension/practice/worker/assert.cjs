// `assert` of Node, as far as mqemitter calls it.
module.exports = (/** @type {unknown} */ isTrue, /** @type {string} */ message) => {
  if (!isTrue) throw new Error(message);
};
