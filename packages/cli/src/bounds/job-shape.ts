import { criticalSections, type Op as TheoryOp, type Section } from '@proxysched/analysis';
import type { Nanos, Op, Scenario, TaskSpec } from '@proxysched/core';

/** What theory asks of a task's program: jobs a least time apart, each of so much work, with these stretches under locks. */
export interface JobShape {
  readonly wcet: Nanos;
  /** Shortest time between two releases; of a task with one job the length of the run, in which no second comes. */
  readonly period: Nanos;
  readonly sections: readonly Section[];
}

/** Steps after which a program that has not come round is given up. */
const ENOUGH = 100_000;

/**
 * Carries a program out on paper, job by job: programs do not branch, so that this shows all it ever does. A string says why
 * there is no such shape.
 */
export function jobShape({ program }: TaskSpec, scenario: Scenario): JobShape | string {
  const { ops } = program;
  const jumps = new Map<number, number>();
  const cameRound = new Set<number>();
  const jobs: TheoryOp[][] = [[]];
  let period = Infinity;
  let pc = 0;
  for (let step = 0; ; step++) {
    if (step > ENOUGH) return 'its program is too long to be carried out on paper';
    const op: Op = ops[pc] ?? { op: 'exit' };
    pc++;
    switch (op.op) {
      case 'run':
        jobs.at(-1)!.push({ run: op.ns });
        break;
      case 'lock':
        jobs.at(-1)!.push({ lock: scenario.mutexes[op.mutex]!.name });
        break;
      case 'unlock':
        jobs.at(-1)!.push({ unlock: scenario.mutexes[op.mutex]!.name });
        break;
      case 'timer':
        if (op.mode === 'relative') return 'its timer forgets a release that was missed';
        if (isShared(scenario, op.timer)) return 'it shares its timer';
        period = Math.min(period, op.period);
        jobs.push([]);
        break;
      case 'jump': {
        const taken = jumps.get(pc - 1) ?? 0;
        if (op.times < 0) {
          if (cameRound.has(pc - 1)) return shapeOf(jobs, period, scenario);
          cameRound.add(pc - 1);
          pc = op.to;
        } else if (taken < op.times) {
          jumps.set(pc - 1, taken + 1);
          pc = op.to;
        } else {
          jumps.delete(pc - 1);
        }
        break;
      }
      case 'exit':
        return shapeOf(jobs, period, scenario);
      default:
        return `its jobs are not work and locks alone (${op.op})`;
    }
  }
}

function shapeOf(jobs: readonly TheoryOp[][], period: number, { until }: Scenario): JobShape | string {
  const shapes = jobs.map(criticalSections);
  const wcet = Math.max(...shapes.map(s => s.wcet));
  if (wcet === 0) return 'it does no work';
  if (period === Infinity && jobs.length === 1 && wcet > until) return 'its one job is longer than the run';
  return { wcet, period: Math.min(period, Math.max(1, until)), sections: shapes.flatMap(s => s.sections) };
}

function isShared({ tasks }: Scenario, timer: number): boolean {
  return tasks.filter(task => task.program.ops.some(op => op.op === 'timer' && op.timer === timer)).length > 1;
}
