// @ts-check
/**
 * The official editor shows the buttons that an extension has in its palette, and does nothing when they are pressed.
 * On this page they call the extension, by the contract of TurboWarp.
 *
 * @param {any} vm
 * @param {() => any} extension
 */
export function answerButtons(vm, extension) {
  /** @param {string} method */
  vm.runtime.handleExtensionButtonPress = (method) => extension()?.[method]();
  document.addEventListener(
    'pointerup',
    ({ target }) => {
      const button = target instanceof Element && target.closest('.blocklyFlyoutButton');
      const pressed = button && textOf(button);
      /** @type {any[]} */
      const blocks = pressed ? (extension()?.getInfo().blocks ?? []) : [];
      const method = blocks.find(({ func, text }) => func && text === pressed)?.func;
      // The editor first ends what it does with the pointer.
      if (method) setTimeout(() => vm.runtime.handleExtensionButtonPress(method));
    },
    true,
  );
}

/** The editor draws spaces that do not break, and says at the end that a text is from right to left. @param {Element} button */
const textOf = (button) =>
  button.textContent?.replaceAll('\u00a0', ' ').replaceAll('\u200f', '').trim() ?? '';
