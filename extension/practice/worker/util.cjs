// `util` of Node, as far as aedes and its libraries call it.
/** @param {Function} sub @param {Function} base */
exports.inherits = (sub, base) => Object.setPrototypeOf(sub.prototype, base.prototype);

/** @param {Function} callback */
exports.promisify =
  (callback) =>
  (/** @type {unknown[]} */ ...values) =>
    new Promise((resolve, reject) => {
      callback(...values, (/** @type {unknown} */ error, /** @type {unknown} */ value) =>
        error ? reject(error) : resolve(value),
      );
    });
