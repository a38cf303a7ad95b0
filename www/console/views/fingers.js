// @ts-check
/** A plot under fingers: one moves it, two zoom. */

/** @typedef {{ from: number, to: number }} Range */

/**
 * @param {HTMLElement} surface
 * @param {() => Range} seen
 * @param {(range: Range) => void} show
 */
export function onFingers(surface, seen, show) {
  /** Where each finger is, from the left. @type {Map<number, number>} */
  const fingers = new Map();
  /** Where they and the range were. @type {{ range: Range, places: number[] }} */
  let start = { range: seen(), places: [] };
  const begin = () => (start = { range: seen(), places: [...fingers.values()] });
  const placeOf = (/** @type {PointerEvent} */ event) =>
    event.clientX - surface.getBoundingClientRect().left;

  surface.addEventListener('pointerdown', (event) => {
    if (event.pointerType !== 'touch') return;
    fingers.set(event.pointerId, placeOf(event));
    begin();
  });
  surface.addEventListener('pointermove', (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, placeOf(event));
    const range = movedRange(start.range, start.places, [...fingers.values()], surface.clientWidth);
    if (range !== null) show(range);
  });
  for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) {
    surface.addEventListener(end, (event) => {
      if (fingers.delete(event.pointerId)) begin();
    });
  }
}

/**
 * The range that lets what was under each finger stay under it.
 *
 * @param {Range} range
 * @param {readonly number[]} before
 * @param {readonly number[]} now
 * @param {number} width
 * @returns {Range | null} `null`: the fingers are at one place
 */
export function movedRange({ from, to }, before, now, width) {
  const value = (/** @type {number} */ place) => from + ((to - from) * place) / width;
  const [first = 0, second] = before;
  const [toFirst = 0, toSecond] = now;
  if (second === undefined || toSecond === undefined) {
    const by = value(first) - value(toFirst);
    return { from: from + by, to: to + by };
  }
  const perPixel = (value(second) - value(first)) / (toSecond - toFirst);
  if (!(perPixel > 0) || !Number.isFinite(perPixel)) return null;
  const start = value(first) - toFirst * perPixel;
  return { from: start, to: start + width * perPixel };
}
