// @ts-check
const MARKS = '.blocklyFlyoutButton, .blocklyFlyoutLabel';
const BLOCKS = '.blocklyFlyout .blocklyBlockCanvas > .blocklyDraggable';

/**
 * From right to left the editor puts the titles and buttons of its palette as far from the left as its longest block
 * reaches: one that is longer than the palette pushes them behind the edge, Scratch's own too. Here they go back to the
 * edge at which the blocks begin.
 *
 * @param {Element} app
 */
export function keepButtonsAtEdge(app) {
  new MutationObserver((changes) => {
    if (document.documentElement.dir === 'rtl' && changes.some(isOfPalette)) align(app);
  }).observe(app, { subtree: true, childList: true, attributeFilter: ['transform'] });
}

/** @param {MutationRecord} change */
const isOfPalette = ({ target, addedNodes }) =>
  [target, ...addedNodes].some((node) => node instanceof Element && node.matches(MARKS));

/** @param {Element} app */
function align(app) {
  const edges = placed(app, BLOCKS).map(({ x }) => x);
  for (const { element, x } of placed(app, MARKS)) {
    const end = x + element.getBBox().width;
    element.style.translate = edges.length > 0 ? `${Math.max(...edges) - end}px` : '';
  }
}

/**
 * What is in the palette, and where the editor put it, in its own measure.
 *
 * @param {Element} app
 * @param {string} selector
 */
function placed(app, selector) {
  return [...app.querySelectorAll(selector)].flatMap((element) => {
    if (!(element instanceof SVGGElement)) return [];
    return [{ element, x: element.transform.baseVal.consolidate()?.matrix.e ?? 0 }];
  });
}
