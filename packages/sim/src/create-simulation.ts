import {
  CORE_LOCK_KINDS,
  coreOptions,
  Machine,
  makeTracer,
  type Kernel,
  type LockRules,
  type OptionList,
  type OptionValue,
  type Policy,
  type PolicyKind,
  type Probe,
  type Scenario,
  type SchedClass,
  type SimResult,
  type TraceSink,
} from '@proxysched/core';
import {
  BALANCER,
  createContainer,
  DEADLOCK_POLICY,
  get,
  getAll,
  isProvided,
  KERNEL,
  LOCK_RULES,
  moduleProblems,
  OPTION_LIST,
  OPTIONS,
  provide,
  PROXY_RESOLVER,
  SCHED_CLASS,
  TRACE_SINK,
  type SimModule,
} from '@proxysched/kit';
import { cannotCompose } from './errors.js';
import { suggest } from '@proxysched/workload';

/** A machine ready to run, once. */
export interface Simulation {
  readonly kernel: Kernel;
  readonly scenario: Scenario;
  /** Classes in order of precedence, options in force: what the header of a run says. */
  readonly classes: readonly string[];
  readonly options: Readonly<Record<string, OptionValue>>;
  run(probe?: Probe): SimResult;
}

/**
 * The one composition root: modules register into a container of this simulation's own, everything is resolved once, and
 * the container is forgotten. Throws `CompositionError` with every problem it finds.
 *
 * @param written the scenario as its author or a format has it.
 * @param sinks listeners beside those that modules bring.
 */
export function createSimulation(written: Scenario, modules: readonly SimModule[], sinks: readonly TraceSink[] = []): Simulation {
  const problems = moduleProblems(modules).map(p => p.message);
  if (problems.length > 0) throw cannotCompose(problems);

  const c = createContainer();
  // Sinks may come from modules, which are resolved later than the machine they listen to.
  const listening: TraceSink[] = [...sinks];
  for (const m of modules) m.register(c);
  const lists = getAll(c, OPTION_LIST);
  const known = Object.assign({}, coreOptions, ...lists) as OptionList;
  const scenario: Scenario = { ...written, options: asWords(known, written.options) };
  provide(c, OPTIONS, { value: scenario.options });
  listening.push(...getAll(c, TRACE_SINK));
  const machine = new Machine(scenario, makeTracer(listening));
  provide(c, KERNEL, { value: machine });

  problems.push(...optionProblems(known, scenario.options));
  if (!isProvided(c, DEADLOCK_POLICY)) problems.push('no deadlock policy: add one of @proxysched/deadlock');
  if (problems.length > 0) throw cannotCompose(problems);

  const { classes, policies } = settlePolicies(getAll(c, SCHED_CLASS));
  problems.push(...policyProblems(scenario, classes, policies));
  const lockRules = getAll(c, LOCK_RULES);
  problems.push(...lockProblems(scenario, lockRules));
  if (problems.length > 0) throw cannotCompose(problems);

  machine.attach({
    classes,
    policies,
    resolver: isProvided(c, PROXY_RESOLVER) ? get(c, PROXY_RESOLVER) : undefined,
    lockRules,
    deadlock: get(c, DEADLOCK_POLICY),
    balancers: getAll(c, BALANCER),
  });
  const options: Record<string, OptionValue> = {};
  for (const [name, spec] of Object.entries(known)) options[name] = scenario.options[name] ?? spec.default;
  return { kernel: machine, scenario, classes: classes.map(cls => cls.name), options, run: probe => machine.run(probe) };
}

/**
 * Who serves which policy: a class that is listed later takes policies over. A class that has none left is dropped, and
 * the one that took its last policy has its place in the precedence.
 */
function settlePolicies(listed: readonly SchedClass[]): { classes: SchedClass[]; policies: Map<PolicyKind, SchedClass> } {
  const policies = new Map<PolicyKind, SchedClass>();
  const classes: SchedClass[] = [];
  for (const cls of listed) {
    for (const kind of cls.policies) policies.set(kind, cls);
    const idle = (other: SchedClass): boolean => other.policies.length > 0 && other.policies.every(kind => policies.get(kind) !== other);
    const place = classes.findIndex(idle);
    if (place < 0) classes.push(cls);
    else classes.splice(place, 1, cls);
    for (let i = classes.length - 1; i >= 0; i--) if (idle(classes[i]!)) classes.splice(i, 1);
  }
  return { classes, policies };
}

function policyProblems(scenario: Scenario, classes: readonly SchedClass[], policies: ReadonlyMap<PolicyKind, SchedClass>): string[] {
  const there = `there are ${classes.map(cls => cls.name).join(', ')}`;
  const problem = (policy: Policy): string | null => {
    if (policy.kind !== 'custom') return policies.has(policy.kind) ? null : `no class serves policy ${policy.kind}; ${there}`;
    return classes.some(cls => cls.name === policy.class) ? null : `no class named "${policy.class}"; ${there}`;
  };
  return scenario.tasks.flatMap(({ comm, policy, program }, index) => {
    // What it starts with, what it changes to, what it is made.
    const changed = program.ops.flatMap(op => (op.op === 'setPolicy' ? [op.policy] : []));
    const made = (scenario.outside ?? []).flatMap(e => (e.act === 'setPolicy' && e.task === index ? [e.policy] : []));
    const all = [policy, ...changed, ...made];
    const found = new Set(all.map(problem).filter(text => text !== null));
    return [...found].map(text => `task "${comm}": ${text}`);
  });
}

function lockProblems({ mutexes }: Scenario, rules: readonly LockRules[]): string[] {
  const known = [...CORE_LOCK_KINDS, ...rules.map(r => r.kind)];
  return mutexes
    .filter(({ kind }) => kind !== undefined && !known.includes(kind))
    .map(({ name, kind }) => `mutex "${name}": no rules for the kind "${kind}"; there are ${known.join(', ')}`);
}

/** A choice among words that look like numbers, `fair.version: 7.2`, is read as a number by everybody who does not know the dial. */
function asWords(known: OptionList, given: Readonly<Record<string, OptionValue>>): Readonly<Record<string, OptionValue>> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, known[name]?.values?.includes(String(value)) === true ? String(value) : value]),
  );
}

function optionProblems(known: OptionList, given: Readonly<Record<string, OptionValue>>): string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    const spec = known[name];
    if (spec === undefined) {
      const near = suggest(name, Object.keys(known));
      problems.push(`unknown option "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`);
    } else if (spec.values !== undefined && !spec.values.includes(String(value))) {
      problems.push(`option "${name}" is one of ${spec.values.join(', ')}, found ${JSON.stringify(value)}`);
    } else if (typeof value !== typeof spec.default) {
      problems.push(`option "${name}" wants a ${typeof spec.default}, found ${JSON.stringify(value)}`);
    }
  }
  return problems;
}
