// @ts-check
/**
 * Alarms that ring in time in a hidden tab, too. There `setTimeout` fires once a second, after some minutes once a
 * minute, which is too late for a ping; a worker's fires in time. So while the page is hidden, each alarm is set
 * twice, and whichever fires first rings it. Where there are no workers (Node, a page whose Content Security
 * Policy forbids them) or no pages (in a worker), `setTimeout` is all there is.
 */

/** The worker ends when no alarm was set for so long. */
const IDLE_MS = 10_000;

/** Takes `[number, ms]`, or `[number]` to forget it, and answers the number when the time is over. */
const WORK = `const t={};onmessage=({data:[n,ms]})=>{clearTimeout(t[n]);delete t[n];
if(ms>=0)t[n]=setTimeout(()=>{delete t[n];postMessage(n)},ms)}`;

/** @typedef {{ due: number, ring: () => void, timeout: ReturnType<typeof setTimeout> }} Alarm */

/** @type {Map<number, Alarm>} */
const alarms = new Map();
let lastNumber = 0;

/** While the page is hidden and an alarm is set. @type {{ worker: Worker, url: string } | null} */
let clock = null;
const { document: page, Worker, Blob } = globalThis;
let canHaveClock = Boolean(page && Worker && Blob);

page?.addEventListener('visibilitychange', () => {
  if (page.hidden) for (const [number, { due }] of alarms) tellClock(number, due);
  else stopClock();
});

/**
 * @param {number} ms
 * @param {() => void} ring
 * @returns {number} for {@link clearAlarm}
 */
export function setAlarm(ms, ring) {
  lastNumber += 1;
  const number = lastNumber;
  const due = Date.now() + ms;
  alarms.set(number, { due, ring, timeout: setTimeout(fire, ms, number) });
  if (page?.hidden) tellClock(number, due);
  return number;
}

/** @param {number} number */
export function clearAlarm(number) {
  const alarm = alarms.get(number);
  if (!alarm) return;
  alarms.delete(number);
  clearTimeout(alarm.timeout);
  if (!clock) return;
  clock.worker.postMessage([number]);
  if (alarms.size === 0) setTimeout(stopIdleClock, IDLE_MS);
}

/** @param {number} number */
function fire(number) {
  const alarm = alarms.get(number);
  clearAlarm(number);
  alarm?.ring();
}

/** @param {number} number @param {number} due */
function tellClock(number, due) {
  clock ??= startClock();
  clock?.worker.postMessage([number, Math.max(0, due - Date.now())]);
}

function startClock() {
  if (!canHaveClock) return null;
  try {
    const url = URL.createObjectURL(new Blob([WORK], { type: 'text/javascript' }));
    const worker = new Worker(url);
    worker.onmessage = ({ data }) => fire(data);
    worker.onerror = forgetClocks;
    return { worker, url };
  } catch {
    canHaveClock = false;
    return null;
  }
}

/** This page cannot have one: it is not tried again. @param {Event} event */
function forgetClocks(event) {
  event.preventDefault();
  canHaveClock = false;
  stopClock();
}

function stopIdleClock() {
  if (alarms.size === 0) stopClock();
}

function stopClock() {
  if (!clock) return;
  clock.worker.terminate();
  URL.revokeObjectURL(clock.url);
  clock = null;
}
