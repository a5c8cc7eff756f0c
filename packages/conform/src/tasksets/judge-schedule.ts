import { z } from 'zod';
import type { Observation } from './run-taskset.js';
import type { Scope } from './scope.js';

const interval = z.object({
  start: z.number(),
  end: z.number(),
  task: z.string().optional(),
  job: z.union([z.number(), z.string()]).optional(),
  server: z.string().optional(),
  spin: z.boolean().optional(),
});
const schedule = z.union([z.array(interval), z.record(z.string(), z.array(interval))]);

/** Who, in what detail the file gives it. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly who: string;
}

/**
 * Intervals [start, end) with what runs. On several CPUs it does not matter which of them; a task that moves without a break
 * makes one interval.
 */
export function judgeSchedule(value: unknown, seen: Observation, { tally, scale, label, horizon }: Scope): void {
  const expected = z.parse(schedule, value);
  const listed = (Array.isArray(expected) ? expected : Object.values(expected).flat()).map(named).filter(i => i.task !== 'idle');
  const byJob = listed.some(i => i.job !== undefined);
  const byServer = listed.some(i => i.server !== undefined);
  const name = (task: string | undefined, job: number | undefined, server: string | undefined): string =>
    `${task ?? 'spin'}${byJob ? `#${job}` : ''}${byServer ? `@${server}` : ''}`;

  const want = merged(listed.map(i => ({ start: i.start, end: i.end, who: name(i.task, i.job, i.server) })));
  const found = merged(
    seen.spans.map(s => ({
      start: scale.time(s.start),
      end: Math.min(horizon, scale.time(s.end)),
      who: name(s.task, s.job, s.server),
    })),
  ).filter(s => s.start < s.end);
  const key = ({ start, end, who }: Stretch): string => `${who} [${start}, ${end})`;
  const there = new Set(found.map(key));
  const wanted = new Set(want.map(key));
  const at = (t: number): string =>
    found
      .filter(s => s.start <= t && t < s.end)
      .map(key)
      .join(' and ') || 'idle';
  const differences = [
    ...want.map(s => ({ s, holds: there.has(key(s)), text: `expected ${key(s)}, found ${at(s.start)}` })),
    ...found.filter(s => !wanted.has(key(s))).map(s => ({ s, holds: false, text: `found ${key(s)}, which is not expected` })),
  ].sort((a, b) => a.s.start - b.s.start);
  for (const { s, holds, text } of differences) tally.that('schedule', holds, () => `${label}schedule at ${s.start}: ${text}`);
}

/** A job that is named, not counted, is a task. */
function named({ job, ...rest }: z.infer<typeof interval>): z.infer<typeof interval> & { job?: number } {
  if (job === undefined) return rest;
  return typeof job === 'string' ? { ...rest, task: job } : { ...rest, job };
}

/** In order of time, with touching stretches of the same joined. */
function merged(stretches: readonly Stretch[]): Stretch[] {
  const last = new Map<string, number>();
  const result: Stretch[] = [];
  for (const s of [...stretches].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const before = last.get(s.who);
    if (before !== undefined && result[before]!.end === s.start) {
      result[before] = { ...result[before]!, end: s.end };
    } else {
      last.set(s.who, result.length);
      result.push(s);
    }
  }
  return result;
}
