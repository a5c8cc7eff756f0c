import { msText } from '@proxysched/trace';
import { boundNs, type CheckedBound } from './task-bound.js';

/** The bound beside the observation, a line per task; or why there is none. */
export function boundsText(bounds: readonly CheckedBound[]): string {
  if (bounds.length === 0) return '';
  const rows = bounds.map(b => ('bound' in b ? boundedRow(b) : [b.task, `no bound: ${b.none}`]));
  const widths = [0, 1, 2].map(column => Math.max(0, ...rows.filter(row => row.length > 2).map(row => row[column]!.length)));
  const name = Math.max(...rows.map(row => row[0]!.length));
  const line = (row: readonly string[]): string =>
    row.length === 2
      ? `${row[0]!.padEnd(name)}  ${row[1]}`
      : `${row[0]!.padEnd(name)}  ${row[1]!.padEnd(widths[1]!)}  ${row[2]!.padEnd(widths[2]!)}  ${row[3]}`;
  return [' bounds', ...rows.map(row => ` ${line(row)}`)].map(text => `${text}\n`).join('');
}

function boundedRow(b: Extract<CheckedBound, { bound: unknown }>): string[] {
  const seen = b.at < 0 ? 'nothing seen' : `${b.quantity} ${msText(b.observed)} at ${msText(b.at)}`;
  const verdict = b.exceeded ? 'EXCEEDED' : 'within';
  return [b.task, seen, `${b.at < 0 ? 'bound' : verdict} ${msText(Math.floor(boundNs(b.bound)))}`, b.theorem];
}

/** `t1: response of 3 ms at 12 ms is above its bound of 1 ms (…)`. */
export function exceededText(b: CheckedBound): string {
  if (!('bound' in b)) return `${b.task}: ${b.none}`;
  const [observed, at, bound] = [b.observed, b.at, Math.floor(boundNs(b.bound))].map(msText);
  return `${b.task}: ${b.quantity} of ${observed} at ${at} is above its bound of ${bound} (${b.theorem})`;
}

/** For `--json`: integer nanoseconds, rounded down; `none` where no bound applies. */
export function boundsJson(bounds: readonly CheckedBound[]): object[] {
  return bounds.map(b =>
    'bound' in b
      ? {
          task: b.task,
          quantity: b.quantity,
          boundNs: Math.floor(boundNs(b.bound)),
          observedNs: b.at < 0 ? null : b.observed,
          atNs: b.at < 0 ? null : b.at,
          exceeded: b.exceeded,
          theorem: b.theorem,
        }
      : { task: b.task, none: b.none },
  );
}
