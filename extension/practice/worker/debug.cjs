// `debug` of npm without a console to write to.
module.exports = () => () => {};
