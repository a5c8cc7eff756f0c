import type { Nanos } from '@proxysched/core';
import { z } from 'zod';
import type { ServerEvent } from './observer.js';
import type { Observation } from './run-taskset.js';
import type { Scope } from './scope.js';

const lockEvent = z.object({ t: z.number(), event: z.string(), task: z.string(), lock: z.string(), holder: z.string().optional() });
const serverEvent = z.looseObject({
  t: z.number(),
  event: z.string(),
  server: z.string().optional(),
  budget: z.number().optional(),
  deadline: z.number().optional(),
  until: z.number().optional(),
  timer: z.number().optional(),
});

/** `lock_events`: all that happens to locks, up to the horizon. Within one instant the order of different locks is free. */
export function judgeLockEvents(value: unknown, seen: Observation, { tally, scale, label, horizon }: Scope): void {
  const expected = z.parse(z.array(lockEvent), value);
  const found = seen.locks.map(e => ({ ...e, t: scale.time(e.t) })).filter(e => e.t <= horizon);
  const text = (e: z.infer<typeof lockEvent>): string =>
    `${e.t} ${e.event} ${e.task} ${e.lock}${e.holder === undefined ? '' : ` of ${e.holder}`}`;
  const there = new Set(found.map(text));
  const wanted = new Set(expected.map(text));
  for (const e of expected)
    tally.that(
      'lock_events',
      there.has(text(e)),
      () => `${label}lock_events at ${e.t}: expected ${text(e)}, found ${at(found, e.t, text)}`,
    );
  for (const e of found.filter(x => !wanted.has(text(x))))
    tally.that('lock_events', false, () => `${label}lock_events at ${e.t}: ${text(e)} is not expected`);
}

/** Never silent: what takes budget away or gives it back. Other kinds a file may leave out altogether. */
const TELLING = new Set(['throttle_until', 'replenish', 'recharge']);

/** `server_events`: those of the file, with budget and deadline after them, and no others of the kinds that it tells. */
export function judgeServerEvents(value: unknown, seen: Observation, { tally, scale, label, horizon }: Scope): void {
  const expected = z.parse(z.array(serverEvent), value);
  const nameOf = serverNames(
    expected.map(e => e.server),
    seen.serverNames,
  );
  const found = visible(seen)
    .map(e => inUnits(e, scale.time.bind(scale)))
    .filter(e => e.t <= horizon);
  const kinds = new Set([...TELLING, ...expected.map(e => e.event)]);
  const taken = new Set<object>();
  for (const want of expected) {
    const same = found.find(
      e => !taken.has(e) && e.t === want.t && e.event === want.event && e.server === (nameOf(want.server) ?? e.server),
    );
    if (same !== undefined) taken.add(same);
    const keys = (['budget', 'deadline', 'until', 'timer'] as const).filter(key => want[key] !== undefined);
    const numbers = (e: object): object => Object.fromEntries(keys.map(key => [key, (e as Record<string, unknown>)[key]]));
    const where = `${label}server_events at ${want.t}, ${want.event} of ${want.server ?? 'the server'}`;
    tally.equal('server_events', where, numbers(want), same === undefined ? undefined : numbers(same));
  }
  for (const e of found.filter(x => kinds.has(x.event) && !taken.has(x)))
    tally.that('server_events', false, () => `${label}server_events at ${e.t}: ${JSON.stringify(e)} is not expected`);
}

/**
 * What servers do, without what nobody sees: a budget that ends with the job throttles first, as the kernel does, and is
 * replenished for the next one (`oracles.md` 7).
 */
function visible(seen: Observation): ServerEvent[] {
  const hidden = new Set<string>();
  return seen.servers.filter(({ event, server, t }) => {
    if (!seen.serverNames.includes(server)) return false;
    if (event === 'replenish') return !hidden.delete(server);
    if (event !== 'throttle_until' || !isDone(seen, server, t)) return true;
    hidden.add(server);
    return false;
  });
}

function isDone(seen: Observation, server: string, t: Nanos): boolean {
  const jobs = seen.jobs.get(server);
  return jobs !== undefined && !jobs.some(job => job.release <= t && (job.finish < 0 || t < job.finish));
}

/** Files call a server by its task or by a name of its own; the latter stand for the servers in order of listing. */
function serverNames(names: readonly (string | undefined)[], servers: readonly string[]): (name: string | undefined) => string | undefined {
  const own = [...new Set(names)].filter(name => name !== undefined && !servers.includes(name));
  return name => (name === undefined ? undefined : servers.includes(name) ? name : servers[own.indexOf(name)]);
}

function inUnits(e: ServerEvent, time: (ns: number) => number): ServerEvent {
  const numbers = (['t', 'budget', 'deadline', 'until', 'timer'] as const).flatMap(key =>
    e[key] === undefined ? [] : [[key, time(e[key])]],
  );
  return { ...e, ...Object.fromEntries(numbers) } as ServerEvent;
}

function at<E extends { readonly t: number }>(events: readonly E[], t: number, text: (e: E) => string): string {
  return (
    events
      .filter(e => e.t === t)
      .map(text)
      .join(', ') || 'nothing'
  );
}
