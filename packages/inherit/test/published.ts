/** Published lock scenarios as scenarios of ours, and what a run of them shows. One abstract unit is a millisecond. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Op, Policy, Scenario, SimResult } from '@proxysched/core';
import { jump, RecordingSink, scenarioOf, timer, type TestTask } from '@proxysched/core/test-kit';
import { pushPull } from '@proxysched/balancer-pushpull';
import { InvariantChecker } from '@proxysched/check';
import { deadline } from '@proxysched/deadline';
import { haltOnDeadlock } from '@proxysched/deadlock';
import { fair } from '@proxysched/fair';
import type { SimModule } from '@proxysched/kit';
import { rt } from '@proxysched/rt';
import { createSimulation } from '@proxysched/sim';

export const MS = 1e6;

type SetOp = { readonly run: number } | { readonly lock: string } | { readonly unlock: string };

export interface LockSet {
  readonly platform: { readonly cpus: number };
  readonly tasks: readonly {
    readonly name: string;
    readonly release?: number;
    readonly prio?: number;
    readonly server?: { readonly Q: number; readonly T: number };
    readonly runtime?: number;
    readonly period?: number;
    readonly cpu?: number;
    readonly periodic?: boolean;
    readonly ops: readonly SetOp[];
  }[];
  readonly expect: Readonly<Record<string, unknown>>;
}

export interface Span {
  readonly start: number;
  readonly end: number;
  readonly task?: string;
  readonly server?: string;
  readonly spin?: boolean;
}

export const readSet = (name: string): LockSet =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'conform', 'data', 'tasksets', `${name}.json`), 'utf8')) as LockSet;

/** Priority 1 becomes FIFO 90; a server becomes a reservation; periodic jobs are released by a timer. */
export function scenarioFrom(set: LockSet, until: number, options: Scenario['options'] = {}): Scenario {
  const locks = [...new Set(set.tasks.flatMap(t => t.ops.flatMap(op => ('lock' in op ? [op.lock] : []))))];
  const tasks = set.tasks.map((t, id): [string, TestTask] => {
    const ops = t.ops.map((op): Op => {
      if ('run' in op) return { op: 'run', ns: op.run * MS };
      return 'lock' in op ? { op: 'lock', mutex: locks.indexOf(op.lock) } : { op: 'unlock', mutex: locks.indexOf(op.unlock) };
    });
    const server = t.server ?? (t.runtime === undefined ? undefined : { Q: t.runtime, T: t.period! });
    const policy: Policy =
      server === undefined
        ? { kind: 'fifo', prio: 91 - t.prio! }
        : { kind: 'deadline', runtime: server.Q * MS, deadline: server.T * MS, period: server.T * MS };
    const periodic = t.periodic === true || t.period !== undefined;
    if (periodic) ops.push(timer(server!.T * MS, 'absolute', id), jump(0));
    return [t.name, { policy, start: (t.release ?? 0) * MS, ops, ...(t.cpu === undefined ? {} : { cpus: [t.cpu] }) }];
  });
  return scenarioOf({
    cpus: set.platform.cpus,
    until: until * MS,
    mutexes: locks.length,
    timers: tasks.length,
    tasks: Object.fromEntries(tasks),
    options: { 'deadline.admission': false, ...options },
  });
}

export interface Observed {
  readonly sink: RecordingSink;
  readonly result: SimResult;
  /** Who executed in whose server, in order of time, neighbours of one task joined; in units. */
  readonly schedule: readonly Span[];
  /** When each task ended. */
  readonly completions: Readonly<Record<string, number>>;
}

/** Runs a scenario with the invariant checker on. */
export function observe(scenario: Scenario, modules: readonly SimModule[]): Observed {
  const sink = new RecordingSink();
  const checker = new InvariantChecker();
  const result = createSimulation(scenario, [deadline, rt, fair, ...modules, pushPull, haltOnDeadlock], [sink, checker]).run(checker.probe);
  const spans: { start: number; end: number; task: string; server: string }[] = [];
  for (const r of [...sink.ran].sort((x, y) => x.from - y.from || x.cpu - y.cpu)) {
    const last = spans.findLast(s => s.task === r.task);
    if (last !== undefined && last.end === r.from / MS && last.server === r.donor) last.end = r.to / MS;
    else spans.push({ start: r.from / MS, end: r.to / MS, task: r.task, server: r.donor });
  }
  const completions = Object.fromEntries(
    sink.of('taskExit').map(line => {
      const [at, , task] = line.split(' ') as [string, string, string];
      return [task, Number(at) / MS];
    }),
  );
  return { sink, result, schedule: spans, completions };
}
