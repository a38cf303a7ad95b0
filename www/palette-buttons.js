// @ts-check
/** So far a pointer may move in a click, in pixels: what moves further drags the palette, or a block. */
const MOST_MOVED = 5;

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
  /** Where the pointer went down. @type {PointerEvent | undefined} */
  let down;
  document.addEventListener('pointerdown', (event) => (down = event), true);
  document.addEventListener(
    'pointerup',
    (up) => {
      const button = buttonOf(up);
      if (!button || !down || button !== buttonOf(down) || !isClick(down, up)) return;
      const pressed = textOf(button);
      /** @type {any[]} */
      const blocks = extension()?.getInfo().blocks ?? [];
      const method = blocks.find(({ func, text }) => func && text === pressed)?.func;
      // The editor first ends what it does with the pointer.
      if (method) setTimeout(() => vm.runtime.handleExtensionButtonPress(method));
    },
    true,
  );
}

/** @param {PointerEvent} event */
const buttonOf = ({ target }) =>
  target instanceof Element ? target.closest('.blocklyFlyoutButton') : null;

/** @param {PointerEvent} down @param {PointerEvent} up */
const isClick = (down, up) =>
  down.button === 0 &&
  down.pointerId === up.pointerId &&
  Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY) <= MOST_MOVED;

/** The editor draws spaces that do not break, and says at the end that a text is from right to left. @param {Element} button */
const textOf = (button) =>
  button.textContent?.replaceAll('\u00a0', ' ').replaceAll('\u200f', '').trim() ?? '';
