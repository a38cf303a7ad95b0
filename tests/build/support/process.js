// @ts-check
/** What Linux tells of a running process. */
import { readFileSync } from 'node:fs';

/** Clock ticks of `/proc/PID/stat`. */
const TICKS_PER_SECOND = 100;

/** CPU time so far, in seconds. @param {number} pid */
export function cpuTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The most memory that it had, in bytes. @param {number} pid */
export function peakMemory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}
