import type { Figures, RecordedEvent, RecordedRun, Recording } from './recorded-run.js';

/** How far two runs of one workload agree; the figures of the recordings' own script, which a test holds them against. */
export interface Agreement {
  /** Integral of the common part of the sets of running tasks over the integral of the larger set's size. */
  readonly overlap: number;
  /** Largest difference, over tasks, in the share of the duration that a task ran. */
  readonly shareError: number;
  /** Tasks whose waits for locks, and whose responses, lie in the span of the recorded runs. */
  readonly lockWaits: Judged;
  readonly responses: Judged;
}

export interface Judged {
  readonly tasks: number;
  readonly inSpan: number;
}

export function agreement(recorded: Recording, run: RecordedRun): Agreement {
  const waits = lockWaits(run);
  const jobs = responses(run, recorded.tasks);
  const judge = (key: 'lock_waits' | 'responses', seen: ReadonlyMap<string, Figures>): Judged => {
    const judged = Object.entries(recorded.repeats?.tasks ?? {}).flatMap(([name, spans]) => {
      const span = spans[key];
      return span === undefined ? [] : [inSpan(seen.get(name), span)];
    });
    return { tasks: judged.length, inSpan: judged.filter(Boolean).length };
  };
  return {
    overlap: overlap(recorded, run),
    shareError: shareError(recorded, run),
    lockWaits: judge('lock_waits', waits),
    responses: judge('responses', jobs),
  };
}

/** From `at` on, `running` are on a CPU. */
interface Step {
  readonly at: number;
  readonly running: ReadonlySet<string>;
}

/** Who runs when, from 0 to the end; idle and foreign threads left out. */
function timeline(run: RecordedRun): Step[] {
  const onCpu = new Map<number, string>();
  const steps: Step[] = [{ at: 0, running: new Set() }];
  const switches = run.events.filter(e => e[0] === 'switch').sort((a, b) => a[1] - b[1]);
  for (const [, t, cpu, , , next] of switches) {
    if (t >= run.duration_us) break;
    onCpu.set(cpu, String(next));
    const step = { at: Math.max(0, t), running: new Set([...onCpu.values()].filter(isWorkload)) };
    if (steps.at(-1)!.at === step.at) steps.pop();
    steps.push(step);
  }
  return steps;
}

function isWorkload(name: string): boolean {
  return name !== '-' && !name.startsWith('~');
}

export function overlap(a: RecordedRun, b: RecordedRun): number {
  const end = a.duration_us;
  const x = timeline(a);
  const y = timeline(b);
  let [i, j, t, common, larger] = [0, 0, 0, 0, 0];
  while (t < end) {
    while (i + 1 < x.length && x[i + 1]!.at <= t) i++;
    while (j + 1 < y.length && y[j + 1]!.at <= t) j++;
    const until = Math.min(x[i + 1]?.at ?? end, y[j + 1]?.at ?? end, end);
    const p = x[i]!.running;
    const q = y[j]!.running;
    common += (until - t) * [...p].filter(name => q.has(name)).length;
    larger += (until - t) * Math.max(p.size, q.size);
    t = until;
  }
  return larger === 0 ? 1 : common / larger;
}

/** Share of the duration that each task ran. */
export function shares(run: RecordedRun): Map<string, number> {
  const total = new Map<string, number>();
  const steps = timeline(run);
  steps.forEach(({ at, running }, i) => {
    const until = steps[i + 1]?.at ?? run.duration_us;
    for (const name of running) total.set(name, (total.get(name) ?? 0) + (until - at) / run.duration_us);
  });
  return total;
}

export function shareError(a: RecordedRun, b: RecordedRun): number {
  const x = shares(a);
  const y = shares(b);
  return Math.max(0, ...[...new Set([...x.keys(), ...y.keys()])].map(name => Math.abs((x.get(name) ?? 0) - (y.get(name) ?? 0))));
}

/** Per task, the time from asking for a lock to having it or to the error; what is open at the end counts up to the end. */
export function lockWaits(run: RecordedRun): Map<string, Figures> {
  const asked = new Map<string, { task: string; at: number }>();
  const waits = new Map<string, number[]>();
  for (const e of run.events) {
    if (e[1] > run.duration_us || e[0] !== 'op') continue;
    const { task, index, op, phase } = opEvent(e);
    if (op !== 'lock' && op !== 'wlock') continue;
    const key = `${task}\n${index}`;
    const open = asked.get(key);
    if (phase === 'req') {
      asked.set(key, { task, at: e[1] });
    } else if (open !== undefined) {
      push(waits, task, e[1] - open.at);
      asked.delete(key);
    }
  }
  for (const { task, at } of asked.values()) push(waits, task, run.duration_us - at);
  return new Map([...waits].map(([task, all]) => [task, figures(all)]));
}

/** Per periodic task, the time from a job's release to its end. */
export function responses(run: RecordedRun, tasks: Recording['tasks']): Map<string, Figures> {
  const periods = new Map(tasks.map(task => [task.name, task.ops.find(([op]) => op === 'period')?.[1]]));
  const released = new Map(tasks.map(task => [task.name, task.start_us]));
  const result = new Map<string, number[]>();
  for (const e of run.events) {
    if (e[1] > run.duration_us || e[0] !== 'op') continue;
    const { task, op, phase } = opEvent(e);
    const period = periods.get(task);
    if (op !== 'period' || phase !== 'done' || period === undefined) continue;
    const release = released.get(task)!;
    push(result, task, e[1] - release);
    released.set(task, release + period);
  }
  return new Map([...result].map(([task, all]) => [task, figures(all)]));
}

/**
 * Do count, mean and maximum lie in the span of the recorded runs, widened by a tenth or by 1 (counts) or 500 us (times)?
 * Where a recorded run had none, none is right here too.
 */
export function inSpan(seen: Figures | undefined, recorded: readonly (Figures | null)[]): boolean {
  if (seen === undefined) return recorded.includes(null);
  const runs = recorded.filter(r => r !== null);
  return [0, 1, 2].every(k => {
    const values = runs.map(r => r[k]!);
    const absolute = k === 0 ? 1 : 500;
    const low = Math.min(...values);
    const high = Math.max(...values);
    return seen[k]! >= low - Math.max(absolute, low / 10) && seen[k]! <= high + Math.max(absolute, high / 10);
  });
}

function opEvent(e: RecordedEvent): { task: string; index: number; op: string; phase: string } {
  return { task: String(e[3]), index: Number(e[4]), op: String(e[5]), phase: String(e[6]) };
}

function push(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function figures(values: readonly number[]): Figures {
  return [values.length, roundHalfEven(values.reduce((a, b) => a + b, 0) / values.length), Math.max(...values)];
}

/** As the script rounds: a half goes to the even neighbour. */
function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const half = x - down;
  return half > 0.5 || (half === 0.5 && down % 2 === 1) ? down + 1 : down;
}
