import type { TasksetFile } from './taskset-file.js';

/** Jobs that a run is worth at most, beyond what the file speaks about. */
const ENOUGH = 20_000;

/** Up to which instant the file speaks about the run, in its unit: `schedule_until`, else the last instant it names. */
export function horizonOf(file: TasksetFile, expect: TasksetFile['expect']): number {
  if (typeof expect['schedule_until'] === 'number') return expect['schedule_until'];
  const named = ['schedule', 'completions', 'finish', 'misses', 'first_miss', 'miss', 'server_events', 'lock_events'].map(key =>
    lastInstant(expect[key]),
  );
  const last = Math.max(0, ...named);
  return last > 0 ? last : Math.max(longRun(file), work(file));
}

/** All the work of single jobs, one after another. */
function work({ tasks }: TasksetFile): number {
  return tasks.reduce((sum, { C, T }) => sum + (T === undefined ? (C ?? 0) : 0), 0);
}

/** How long to run it: past the horizon, so that a job that is late there is seen to end. */
export function runLength(file: TasksetFile, horizon: number): number {
  return Math.max(horizon, longRun(file)) + Math.max(1, ...file.tasks.map(task => periodOf(task) ?? 0));
}

/** Largest number under keys that name instants. */
function lastInstant(value: unknown, key = ''): number {
  if (typeof value === 'number') return INSTANTS.has(key) ? value : 0;
  if (Array.isArray(value)) return Math.max(0, ...value.map(v => lastInstant(v, key)));
  if (typeof value !== 'object' || value === null) return 0;
  // A table by task holds instants under names of tasks.
  return Math.max(
    0,
    ...Object.entries(value).map(([k, v]) =>
      typeof v === 'object' ? lastInstant(v, k) : INSTANTS.has(k) && typeof v === 'number' ? v : 0,
    ),
  );
}

const INSTANTS = new Set(['t', 'start', 'end', 'finish']);

/** Two hyperperiods, when they are not too many jobs; 0 for tasks without periods. */
function longRun({ tasks }: TasksetFile): number {
  const periods = tasks.map(periodOf).filter(p => p !== null);
  if (periods.length === 0) return 0;
  const hyperperiod = periods.reduce(lcm);
  const jobs = (length: number): number => periods.reduce((n, p) => n + length / p, 0);
  return Math.min(2 * hyperperiod, ENOUGH / jobs(1));
}

function periodOf({ T, period, server, periodic, arrivals, ops }: TasksetFile['tasks'][number]): number | null {
  if (server !== undefined) return periodic === true && arrivals === undefined && ops !== undefined ? server.T : null;
  return T ?? period ?? null;
}

/** Of whole numbers; the product where they are none. */
function lcm(a: number, b: number): number {
  if (!Number.isInteger(a) || !Number.isInteger(b)) return a * b;
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
