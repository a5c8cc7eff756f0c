import { edfResponseTime, tardinessBounds } from '@proxysched/analysis';
import type { Scenario, TaskSpec } from '@proxysched/core';
import { familyOf, type Answer, type Facts } from './bounds-of.js';
import { usersOfSharedLocks } from './fixed-priority-bounds.js';
import { fairServerCompetes } from './fair-server.js';
import { jobShape } from './job-shape.js';

interface Reservation {
  readonly comm: string;
  readonly wcet: number;
  readonly period: number;
  readonly deadline: number;
  /** It gets no more than is reserved, whatever it asks for. */
  readonly isolated: boolean;
  /** Why its own jobs have no bound: they ask for more than is reserved, or are no jobs. */
  readonly beyond: string | null;
}

/** Worst response under EDF on one CPU (`oracles.md` 3.2, 3.5): a reservation never takes more than its budget, whatever its task does. */
export function edfBounds(task: TaskSpec, facts: Facts): Answer {
  const all = reservations(facts);
  if (typeof all === 'string') return { none: all };
  const at = all.findIndex(r => r.comm === task.comm);
  const mine = all[at]!;
  if (mine.beyond !== null) return { none: mine.beyond };
  const other = all.find(r => r.beyond !== null && (!r.isolated || facts.scenario.machine.hz !== null));
  if (other !== undefined)
    return { none: `${other.isolated ? 'budgets are policed by the tick, and ' : ''}${other.comm}: ${other.beyond}` };
  const response = edfResponseTime(all, at);
  if (response === 'unbounded') return { none: 'overload: more than a CPU is reserved' };
  return { quantity: 'response', bound: response, theorem: 'EDF, worst release pattern' };
}

/** Tardiness under global EDF (`oracles.md` 3.3): implicit deadlines, tasks that may run anywhere. */
export function tardinessOf(task: TaskSpec, facts: Facts): Answer {
  const { scenario } = facts;
  const all = reservations(facts);
  if (typeof all === 'string') return { none: all };
  const own = all.findIndex(r => r.comm === task.comm);
  const beyond = all.find(r => r.beyond !== null);
  if (beyond !== undefined) return { none: beyond.comm === task.comm ? beyond.beyond! : `${beyond.comm}: ${beyond.beyond}` };
  const constrained = all.find(r => r.deadline !== r.period);
  if (constrained !== undefined) return { none: `${constrained.comm} has a deadline before its period` };
  const pinned = reserved(scenario).find(t => t.cpus !== undefined && t.cpus.length < scenario.machine.cpus);
  if (pinned !== undefined) return { none: `${pinned.comm} may not run everywhere` };
  const bounds = tardinessBounds(
    all.map(({ wcet, period }) => ({ wcet, period })),
    scenario.machine.cpus,
  );
  if (bounds === 'unbounded') return { none: 'overload: more is reserved than there are CPUs' };
  return { quantity: 'tardiness', bound: bounds[own]!, theorem: 'global EDF, Devi and Anderson' };
}

const reserved = ({ tasks }: Scenario): TaskSpec[] => tasks.filter(t => familyOf(t) === 'edf' && t.template !== true);

/** All reservations, as theory sees them; a string: why it does not see them. */
function reservations(facts: Facts): Reservation[] | string {
  const { scenario } = facts;
  const shared = usersOfSharedLocks(scenario);
  const locked = reserved(scenario).find(t => shared.includes(t));
  if (locked !== undefined) return `${locked.comm} shares a lock; no response bound with locks under EDF here`;
  if (fairServerCompetes(facts)) return 'the server of the fair tasks competes with them (deadline.serverRuntime=0 turns it off)';
  return reserved(scenario).map(task => {
    const shape = jobShape(task, scenario);
    const { comm, policy } = task;
    if (policy.kind !== 'deadline') {
      // A research class: no budgets, the job's own deadline.
      if (typeof shape === 'string') return { comm, wcet: 1, period: 1, deadline: 1, isolated: false, beyond: shape };
      const { wcet, period } = shape;
      return { comm, wcet, period, deadline: task.deadline ?? period, isolated: false, beyond: null };
    }
    const { runtime, deadline, period } = policy;
    const beyond =
      typeof shape === 'string'
        ? shape
        : shape.wcet > runtime
          ? 'a job asks for more than its budget'
          : shape.period < period && scenario.until > period && shape.period < scenario.until
            ? 'jobs come faster than its period'
            : null;
    return { comm, wcet: runtime, period, deadline, isolated: true, beyond };
  });
}
