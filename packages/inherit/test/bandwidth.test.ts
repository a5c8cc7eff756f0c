/** Bandwidth inheritance: the schedules of the task sets, in whose server and where it spins; CPU numbers are free. */
import type { Kernel } from '@proxysched/core';
import { RecordingSink } from '@proxysched/core/test-kit';
import { pushPull } from '@proxysched/balancer-pushpull';
import { InvariantChecker } from '@proxysched/check';
import { deadline } from '@proxysched/deadline';
import { haltOnDeadlock } from '@proxysched/deadlock';
import { fair } from '@proxysched/fair';
import { rt } from '@proxysched/rt';
import { createSimulation } from '@proxysched/sim';
import { publishedProtocol } from '../src/index.js';
import { MS, readSet, scenarioFrom, type LockSet, type Span } from './published.js';

interface Expected {
  readonly schedule: Readonly<Record<string, readonly Span[]>>;
  readonly lock_events: readonly { readonly t: number; readonly event: string; readonly task: string; readonly lock: string }[];
  readonly completions: readonly { readonly task: string; readonly release: number; readonly finish: number }[];
}

let compared = 0;
afterAll(() => console.log(`bandwidth inheritance: ${compared} values compared`));

/** What was executed in whose server, by looking at every CPU between events. */
class Watch {
  readonly spans: { start: number; end: number; task?: string; server: string; spin?: true }[] = [];
  private readonly open: (Span | null)[] = [];

  look(kernel: Kernel): void {
    const now = kernel.queue.now / MS;
    for (const { cpu, curr, donor, idle } of kernel.rqs) {
      const was = this.open[cpu] ?? null;
      if (was !== null && now > was.start) this.spans.push({ ...was, end: now } as never);
      if (curr === idle) this.open[cpu] = null;
      else if (curr.isBlocked) this.open[cpu] = { start: now, end: now, spin: true, server: donor.comm };
      else this.open[cpu] = { start: now, end: now, task: curr.comm, server: donor.comm };
    }
  }
}

/** In order of time, what goes on without a gap as one, on whatever CPU. */
function merged(spans: readonly Span[]): string[] {
  const out: { start: number; end: number; what: string }[] = [];
  for (const s of [...spans].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const what = s.spin === true ? `spin in ${s.server}` : `${s.task} in ${s.server}`;
    const last = out.findLast(o => o.what === what);
    if (last !== undefined && last.end === s.start) last.end = s.end;
    else out.push({ start: s.start, end: s.end, what });
  }
  return out.map(o => `${o.start}-${o.end} ${o.what}`).sort();
}

function play(set: LockSet, protocol: string, until: number) {
  const sink = new RecordingSink();
  const watch = new Watch();
  const checker = new InvariantChecker();
  const { module } = publishedProtocol(protocol)!;
  const modules = [deadline, rt, fair, module, pushPull, haltOnDeadlock];
  const result = createSimulation(scenarioFrom(set, until), modules, [sink, checker]).run(kernel => {
    watch.look(kernel);
    checker.probe(kernel);
  });
  return { sink, watch, result };
}

/** `t event task` of every lock event, sorted. */
function lockEvents(sink: RecordingSink): string[] {
  return sink
    .of('mutexAcquired', 'mutexBlocked', 'mutexReleased')
    .flatMap(line => {
      const [at, event, task, , word, to] = line.split(' ') as [string, string, string, string, string?, string?];
      const t = Number(at) / MS;
      if (event === 'mutexBlocked') return [`${t} block ${task}`];
      if (event === 'mutexAcquired') return word === 'waited' ? [] : [`${t} lock ${task}`];
      return word === 'to' ? [`${t} unlock ${task}`, `${t} handoff ${to}`] : [`${t} unlock ${task}`];
    })
    .sort();
}

describe.each([
  ['bwi-single-cpu', 'BWI', 20],
  ['bwi-single-cpu', 'M-BWI', 20],
  ['mbwi-preempted-owner', 'M-BWI', 20],
  ['mbwi-spin-then-host', 'M-BWI', 20],
  ['mbwi-basic-enlarged-budgets', 'M-BWI', 28],
])('%s under %s', (name, protocol, until) => {
  test('schedule, lock events, completions', () => {
    const set = readSet(name);
    const expected = set.expect as unknown as Expected;
    const { sink, watch } = play(set, protocol, until);
    const schedule = merged(Object.values(expected.schedule).flat());
    expect(merged(watch.spans)).toEqual(schedule);
    expect(lockEvents(sink)).toEqual(expected.lock_events.map(e => `${e.t} ${e.event} ${e.task}`).sort());
    const done = sink.of('jobDone').map(line => {
      const [at, , task, took] = line.split(' ') as [string, string, string, string];
      return `${task} ${(Number(at) - Number(took)) / MS} ${Number(at) / MS}`;
    });
    expect(done.sort()).toEqual(expected.completions.map(c => `${c.task} ${c.release} ${c.finish}`).sort());
    compared += 4 * schedule.length + 3 * expected.lock_events.length + 3 * expected.completions.length;
  });
});

// Their budgets are the bare work: what lock users burn in spinning and hosting makes them late, without end. Isolation is the claim.
describe.each(['mbwi-jl-basic', 'mbwi-jl-chain', 'mbwi-jl-migration'])('%s', name => {
  test('tasks without locks miss nothing, and the others go on completing jobs', () => {
    const set = readSet(name);
    const { sink, result } = play(set, 'M-BWI', 600);
    const isolated = set.expect['isolated_tasks'] as readonly string[];
    expect(result.outcome).toBe('timeLimit');
    for (const { name: task, period } of set.tasks) {
      const done = sink.of('jobDone').filter(line => line.split(' ')[2] === task);
      const took = done.map(line => Number(line.split(' ')[3]) / MS);
      const windows = new Set(done.map(line => Math.floor(Number(line.split(' ')[0]) / (100 * MS))));
      expect([task, [...windows].filter(w => w < 6)]).toEqual([task, [0, 1, 2, 3, 4, 5]]);
      if (isolated.includes(task)) expect(Math.max(...took)).toBeLessThanOrEqual(period!);
      compared += took.length;
    }
  });
});
