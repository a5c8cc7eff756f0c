import {
  nameFits,
  NO_COSTS,
  NO_GAPS,
  nrCpusOf,
  presetTopology,
  regularProblem,
  regularTopology,
  type Costs,
  type BandwidthLimit,
  type Gaps as RaceGaps,
  type GroupSpec,
  type MachineSpec,
  type Nanos,
  type Op,
  type OptionValue,
  type OutsideEvent,
  type Policy,
  type Scenario,
  type TaskSpec,
} from '@proxysched/core';
import type { Compiled } from './compiled.js';
import { parseDuration } from './duration.js';
import * as errors from './errors.js';
import { parseClaim, type Expectation } from './expectation.js';
import { reportFlow } from './flow-report.js';
import { MAX_COMM, MAX_CPUS, MAX_OPS, MAX_TASKS } from './limits.js';
import { parseMended, put, type Mend, type Path } from './mend.js';
import { expandList, expandName } from './name-template.js';
import { NameTable } from './name-table.js';
import { optionValue, settledMachine, type Settings } from './overrides.js';
import type { Problem, Report } from './report.js';
import { stream } from './rng.js';
import { Gaps, mendScenario } from './scenario-mend.js';
import { isProblem, readPolicy } from './scenario-policy.js';
import {
  fieldsAt,
  scenarioSchema,
  type DrawnTime,
  type PolicyInput,
  type GroupInput,
  type ScenarioInput,
  type Step,
  type StepObject,
  type TaskInput,
} from './scenario-schema.js';
import type { Span } from './source.js';
import { keySpanOf, member, spanOf, toPlain, type Node, type ObjectNode } from './tree.js';

/** What `proxy: true` asks for. */
const DEFAULT_GENERATION = '7.3';

/** Compiles a scenario; null when the report says why not. All that is wrong is said at once. */
export function compileScenario(
  root: ObjectNode,
  name: string,
  settings: Settings,
  report: Report,
  generations?: readonly string[],
): (Compiled & { readonly proxy?: string }) | null {
  const version = member(root, 'version');
  if (version === undefined) report.add(errors.noVersion(), spanOf(root, []));
  else if (version.value.kind === 'number' && version.value.integer && version.value.value > 1) {
    // Nothing here can be held to the rules of version 1.
    report.add(errors.newerVersion(String(version.value.value)), version.value.at);
    return null;
  }
  const gaps = new Gaps();
  const input = readInput(root, gaps, report);
  if (input === null) return null;
  const compiled = new Compiler(input, root, name, settings, gaps, report, generations).compile();
  if (report.failed) return null;
  const { proxy: said } = input;
  const proxy =
    settings.proxy ?? (said === undefined ? undefined : said === true ? DEFAULT_GENERATION : said === false ? 'off' : String(said));
  return { ...compiled, ...(proxy === undefined ? {} : { proxy }) };
}

/** What can be read of a scenario; when the report has failed, with gaps. */
function readInput(root: ObjectNode, gaps: Gaps, report: Report): ScenarioInput | null {
  const plain = toPlain(root);
  // That it is missing has been said.
  if (member(root, 'version') === undefined) put(plain, ['version'], 1);
  const mend: Mend = (value, issue) => mendScenario(value, issue, gaps);
  // Of a repeated key it is open which one is meant.
  return parseMended(scenarioSchema, { root, plain }, { known: fieldsAt, mend, wrong: repeatedKeys(root, [], report) }, report);
}

function repeatedKeys(node: Node, path: Path, report: Report): Path[] {
  if (node.kind === 'array') return node.items.flatMap((item, n) => repeatedKeys(item, [...path, n], report));
  if (node.kind !== 'object') return [];
  const first = new Map<string, Span>();
  return node.members.flatMap(m => {
    const here = [...path, m.key];
    const before = first.get(m.key);
    if (before === undefined) first.set(m.key, m.keyAt);
    else report.add(errors.duplicateKey(m.key, before), m.keyAt);
    return [...(before === undefined ? [] : [here]), ...repeatedKeys(m.value, here, report)];
  });
}

const DEFAULT_PERIOD: Nanos = 100_000_000;
const MIN_QUOTA: Nanos = 1_000_000;
const MAX_PERIOD: Nanos = 1_000_000_000;

/** What may be done from outside. */
const OUTSIDE_ACTS = ['setCpus', 'setPolicy', 'setGroup', 'kill', 'unplug', 'plug'] as const;
type OutsideInput = NonNullable<ScenarioInput['outside']>[number];
type TaskChange =
  | { act: 'setAffinity'; cpus: readonly number[] }
  | { act: 'setPolicy'; policy: Policy }
  | { act: 'setGroup'; group: number }
  | { act: 'kill' };

/** Names of one kind: those of a list, if the scenario has one, or else whatever is used. */
class Names {
  readonly table = new NameTable();

  constructor(
    readonly what: string,
    listed: readonly string[] | undefined,
    open = false,
  ) {
    this.closed = listed !== undefined && !open;
    for (const name of listed ?? []) this.table.get(name);
  }

  private readonly closed: boolean;

  get(name: string): number | Problem {
    return this.closed && !this.table.has(name) ? errors.unknownName(this.what, name, this.table.names) : this.table.get(name);
  }
}

class Compiler {
  private readonly mutexes: Names;
  private readonly conditions: Names;
  private readonly barriers: Names;
  private readonly semaphores: Names;
  private readonly groups: Names;
  private readonly timers = new NameTable();
  private readonly barrierUsers = new Map<number, Set<string>>();
  private readonly templates = new Map<string, number>();
  private readonly targets = new Map<string, number>();
  /** Of mutexes that are not of the ordinary kind. */
  private readonly kinds = new Map<string, string>();
  private readonly comms = new Set<string>();
  private readonly tasks: TaskSpec[] = [];
  private readonly places: Span[][] = [];
  private readonly machine: MachineSpec;
  private readonly groupSpecs: GroupSpec[] = [{ name: '/', weight: 1024, parent: 0 }];
  private readonly seed: number;
  private ops = 0;

  constructor(
    private readonly input: ScenarioInput,
    private readonly root: ObjectNode,
    private readonly fallbackName: string,
    private readonly settings: Settings,
    private readonly gaps: Gaps,
    private readonly report: Report,
    private readonly generations: readonly string[] | undefined,
  ) {
    this.seed = settings.seed ?? input.seed ?? 1;
    this.machine = settledMachine(this.machineSpec(), settings, report);
    this.groups = this.declareGroups();
    this.mutexes = new Names('mutex', this.listed('mutexes'));
    this.conditions = new Names('condition', this.listed('conditions'));
    this.barriers = new Names('barrier', this.unique('barrier', 'barriers'));
    this.semaphores = new Names('semaphore', this.unique('semaphore', 'semaphores'));
  }

  compile(): Compiled {
    const { input } = this;
    const expanded = input.tasks.flatMap((task, t) => this.instances(task, t));
    if (expanded.length > MAX_TASKS) this.fail(errors.tooMany('tasks', expanded.length, MAX_TASKS), ['tasks']);
    for (const [index, e] of expanded.entries()) (e.task.template === true ? this.templates : this.targets).set(e.comm, index);
    if (expanded.every(e => e.task.template === true) && !this.gaps.templates) this.fail(errors.noTasks(), ['tasks']);
    for (const e of expanded) {
      if (this.ops > MAX_OPS) break;
      new TaskCompiler(this, e).compile();
    }
    if (this.ops > MAX_OPS) this.fail(errors.tooMany('operations', this.ops, MAX_OPS), ['tasks']);
    const named = (names: Names): { name: string }[] => names.table.names.map(name => ({ name }));
    const mutexes = named(this.mutexes).map(({ name }) => ({ name, ...this.kindOf(name) }));
    const scenario: Scenario = {
      name: input.name ?? this.fallbackName,
      about: input.about ?? '',
      seed: this.seed,
      until: this.settings.until ?? this.time(input.until, ['until']),
      machine: this.machine,
      options: { ...this.options(), ...this.settings.options },
      groups: this.groupSpecs,
      mutexes,
      conditions: named(this.conditions),
      barriers: this.barriers.table.names.map((name, id) => ({
        name,
        count: input.barriers?.find(b => b.name === name)?.count ?? Math.max(1, this.barrierUsers.get(id)?.size ?? 1),
      })),
      semaphores: this.semaphores.table.names.map(name => ({ name, initial: input.semaphores?.find(s => s.name === name)?.initial ?? 0 })),
      timers: this.timers.names.map(name => ({ name })),
      tasks: this.tasks,
    };
    const outside = this.outside();
    const expectations = this.expectations(mutexes.map(m => m.name));
    return { scenario: outside.length === 0 ? scenario : { ...scenario, outside }, places: this.places, expectations };
  }

  private outside(): OutsideEvent[] {
    return (this.input.outside ?? []).flatMap((event, n): OutsideEvent[] => {
      const path = ['outside', n];
      const at = this.time(event.at, [...path, 'at']);
      const [act, ...more] = OUTSIDE_ACTS.filter(name => event[name] !== undefined);
      if (act === undefined || more.length > 0) {
        this.fail(errors.oneChange(OUTSIDE_ACTS), path);
        return [];
      }
      const ofCpu = act === 'unplug' || act === 'plug';
      if (ofCpu !== (event.tasks === undefined)) {
        this.fail(errors.whoseChange(act, ofCpu), path);
        return [];
      }
      if (ofCpu) return this.cpus([event[act]!], null, [...path, act]).map(cpu => ({ at, act, cpu }));
      const meant = this.tasks.flatMap(({ comm, template }, task) => (template !== true && nameFits(event.tasks!, comm) ? [task] : []));
      if (meant.length === 0 && !this.gaps.templates)
        this.fail(errors.unknownName('task', event.tasks!, [...this.comms]), [...path, 'tasks']);
      const change = this.change(act, event, [...path, act]);
      return meant.map(task => ({ at, task, ...change }));
    });
  }

  private change(act: Exclude<(typeof OUTSIDE_ACTS)[number], 'unplug' | 'plug'>, event: OutsideInput, path: Path): TaskChange {
    switch (act) {
      case 'setCpus':
        return { act: 'setAffinity', cpus: this.cpus(event.setCpus!, null, path) };
      case 'setPolicy':
        return { act, policy: this.policy(event.setPolicy, path) };
      case 'setGroup':
        return { act, group: this.id('group', event.setGroup!, path) };
      case 'kill':
        return { act };
    }
  }

  private expectations(mutexes: readonly string[]): Expectation[] {
    const comms = this.tasks.map(t => t.comm);
    return (this.input.expect ?? []).flatMap((item, n) => {
      const path = typeof item === 'string' ? ['expect', n] : ['expect', n, 'that'];
      const { that, under, except } = typeof item === 'string' ? { that: item, under: undefined, except: undefined } : item;
      const claim = parseClaim(that, comms, mutexes);
      if ('severity' in claim) {
        this.fail(claim, path);
        return [];
      }
      this.checkGenerations(under ?? [], ['expect', n, 'under']);
      this.checkGenerations(except ?? [], ['expect', n, 'except']);
      return [{ text: that, claim, under: under?.map(String) ?? null, except: (except ?? []).map(String) }];
    });
  }

  private checkGenerations(names: readonly (string | number)[], path: Path): void {
    const { generations } = this;
    if (generations === undefined) return;
    for (const [n, name] of names.entries()) {
      if (!generations.includes(String(name)))
        this.fail(errors.unknownName('generation of proxy execution', String(name), generations), [...path, n]);
    }
  }

  // -- what the compiler of a task asks for ---------------------------------------------------------------------------

  /** Grows with every problem: a task with one is not checked any further, lest one mistake be reported as three. */
  failures = 0;

  fail(problem: Problem, path: Path): void {
    this.failures++;
    this.report.add(problem, spanOf(this.root, path));
  }

  span(path: Path, key?: string): Span {
    return key === undefined ? spanOf(this.root, path) : keySpanOf(this.root, path, key);
  }

  time(text: string, path: Path): Nanos {
    const parsed = parseDuration(text);
    if (parsed.ok) return parsed.ns;
    this.fail(errors.badTime('', parsed.why), path);
    return 0;
  }

  /** A time, drawn if need be; the stream is the place's own, so that a change elsewhere changes nothing here. */
  drawn(time: DrawnTime, purpose: string, path: Path): Nanos {
    if (typeof time === 'string') return this.time(time, path);
    if ('oneOf' in time) return this.time(time.oneOf[stream(this.seed, purpose).between(0, time.oneOf.length - 1)]!, path);
    const [low, high] = time.uniform.map(t => this.time(t, [...path, 'uniform'])) as [Nanos, Nanos];
    if (low > high) this.fail(errors.uniformOrder(), [...path, 'uniform']);
    return low > high ? low : stream(this.seed, purpose).between(low, high);
  }

  /** `n` of these, each as likely, as they stand or in an order that is drawn as well. */
  sample<T>(items: readonly T[], n: number, shuffled: boolean, purpose: string): T[] {
    if (n >= items.length && !shuffled) return [...items];
    const rng = stream(this.seed, purpose);
    const at = items.map((_, i) => i);
    for (let i = 0; i < Math.min(n, at.length); i++) {
      const j = rng.between(i, at.length - 1);
      [at[i], at[j]] = [at[j]!, at[i]!];
    }
    const drawn = at.slice(0, n);
    return (shuffled ? drawn : drawn.sort((a, b) => a - b)).map(i => items[i]!);
  }

  policy(input: PolicyInput | undefined, path: Path): Policy {
    const policy = readPolicy(input);
    if (!isProblem(policy)) return policy;
    this.fail(policy, path);
    return { kind: 'normal', nice: 0 };
  }

  text(template: string, instance: number | null, path: Path): string {
    const expanded = expandName(template, instance);
    if (expanded.ok) return expanded.text;
    this.fail(expanded.problem, path);
    return template;
  }

  id(kind: 'mutex' | 'condition' | 'barrier' | 'semaphore' | 'group', name: string, path: Path): number {
    const names = {
      mutex: this.mutexes,
      condition: this.conditions,
      barrier: this.barriers,
      semaphore: this.semaphores,
      group: this.groups,
    }[kind];
    const id = names.get(name);
    if (typeof id === 'number') return id;
    this.fail(id, path);
    return 0;
  }

  timer(name: string): number {
    return this.timers.get(name);
  }

  barrier(name: string, comm: string, path: Path): number {
    const id = this.id('barrier', name, path);
    const users = this.barrierUsers.get(id) ?? new Set();
    this.barrierUsers.set(id, users.add(comm));
    return id;
  }

  /** A task that can be sent a signal. */
  target(name: string, path: Path): number {
    const task = this.targets.get(name);
    if (task === undefined && !this.gaps.templates) this.fail(errors.unknownName('task', name, [...this.targets.keys()]), path);
    return task ?? 0;
  }

  /** Of a mutex by its number; absent: the ordinary one. */
  kind(mutex: number): string | undefined {
    return this.kinds.get(this.mutexes.table.names[mutex] ?? '');
  }

  waitWound(mutex: number): boolean {
    const kind = this.kind(mutex);
    return kind === 'wound-wait' || kind === 'wait-die';
  }

  private kindOf(name: string): { kind?: string } {
    const kind = this.kinds.get(name);
    return kind === undefined ? {} : { kind };
  }

  template(name: string, path: Path): number {
    const task = this.templates.get(name);
    if (task === undefined && !this.gaps.templates) this.fail(errors.unknownName('template', name, [...this.templates.keys()]), path);
    return task ?? 0;
  }

  cpus(list: readonly (string | number)[], instance: number | null, path: Path): number[] {
    const cpus = new Set<number>();
    for (const [n, item] of list.entries()) {
      const text = typeof item === 'number' ? String(item) : this.text(item, instance, [...path, n]);
      const [low = '', high = low] = text.split('-');
      const beyond = [low, high].map(Number).find(cpu => cpu >= this.machine.cpus);
      if (beyond !== undefined) this.fail(errors.cpuOutOfRange(beyond, this.machine.cpus, MAX_CPUS), [...path, n]);
      else for (let cpu = Number(low); cpu <= Number(high); cpu++) cpus.add(cpu);
      if (Number(low) > Number(high)) this.fail(errors.noCpus(errors.quote(text)), [...path, n]);
    }
    return [...cpus].sort((a, b) => a - b);
  }

  add(spec: TaskSpec, places: Span[], sound: boolean): void {
    this.tasks.push(spec);
    this.places.push(places);
    this.ops += places.length;
    if (!sound) return;
    const fallback = places[0] ?? this.span(['tasks']);
    reportFlow(
      {
        task: spec.comm,
        ops: spec.program.ops,
        places,
        mutexes: this.mutexes.table.names,
        fallback,
        costs: this.machine.costs,
        waitWound: mutex => this.waitWound(mutex),
      },
      this.report,
    );
  }

  // -- the scenario around the tasks ----------------------------------------------------------------------------------

  private instances(task: TaskInput, t: number): Instance[] {
    const path = ['tasks', t];
    const counted = task.instances !== undefined;
    const template = counted && !/\{/.test(task.name) ? `${task.name}-{i}` : task.name;
    return Array.from({ length: task.instances ?? 1 }, (_, i) => {
      const instance = counted || this.gaps.instances.has(t) ? i : null;
      const comm = this.text(template, instance, [...path, 'name']);
      if (!/^[\x21-\x7e]+$/.test(comm) || comm.length > MAX_COMM) this.fail(errors.badName(comm), [...path, 'name']);
      if (this.comms.has(comm)) this.fail(errors.doubleName('task', comm), [...path, 'name']);
      this.comms.add(comm);
      return { task, path, comm, instance, whole: !this.gaps.programs.has(t) };
    });
  }

  private machineSpec(): MachineSpec {
    const { machine } = this.input;
    const costs: Record<keyof Costs, Nanos> = { ...NO_COSTS };
    for (const key of Object.keys(NO_COSTS) as (keyof Costs)[]) {
      const cost = machine?.costs?.[key];
      if (cost !== undefined) costs[key] = this.time(cost, ['machine', 'costs', key]);
    }
    const gaps: Record<keyof RaceGaps, Nanos> = { ...NO_GAPS };
    for (const key of Object.keys(NO_GAPS) as (keyof RaceGaps)[]) {
      const gap = machine?.gaps?.[key];
      if (gap !== undefined) gaps[key] = this.time(gap, ['machine', 'gaps', key]);
    }
    return {
      ...this.cpusAndTopology(),
      hz: machine?.hz === undefined || machine.hz === 'exact' ? null : machine.hz,
      hrtick: machine?.hrtick ?? false,
      tickPhase: machine?.tickPhase === undefined ? 0 : this.time(machine.tickPhase, ['machine', 'tickPhase']),
      costs,
      ...(machine?.gaps === undefined ? {} : { gaps }),
    };
  }

  /** How many CPUs there are and what they are. Where that is wrong no CPU that is named later is one too many. */
  private cpusAndTopology(): Pick<MachineSpec, 'cpus' | 'topology'> {
    const { cpus, topology } = this.input.machine ?? {};
    if (topology === undefined || this.settings.topology !== undefined) return { cpus: cpus ?? 1 };
    const path = ['machine', 'topology'];
    const shape = typeof topology === 'string' ? presetTopology(topology) : topology;
    if (shape === null) this.fail(errors.unknownTopology(topology as string), path);
    else {
      const nrCpus = nrCpusOf(shape);
      const told = this.settings.cpus;
      const problem = nrCpus > MAX_CPUS ? `it has ${nrCpus} CPUs, and a machine has at most ${MAX_CPUS}` : regularProblem(shape);
      if (problem !== null) this.fail(errors.badTopology(problem), path);
      else if (cpus !== undefined && cpus !== nrCpus) this.fail(errors.topologyHasOtherCpus(nrCpus, cpus, 'cpus'), ['machine', 'cpus']);
      else if (told !== undefined && told !== nrCpus) this.fail(errors.topologyHasOtherCpus(nrCpus, told, '--cpus'), path);
      else return { cpus: nrCpus, topology: regularTopology(shape) };
    }
    return { cpus: MAX_CPUS };
  }

  private options(): Record<string, OptionValue> {
    return Object.fromEntries(
      Object.entries(this.input.options ?? {}).map(([key, value]) => [key, typeof value === 'string' ? optionValue(value) : value]),
    );
  }

  private declareGroups(): Names {
    const names = ['/'];
    for (const [g, group] of (this.input.groups ?? []).entries()) {
      const path = ['groups', g];
      if (names.includes(group.name)) this.fail(errors.doubleName('group', group.name), [...path, 'name']);
      const parent = group.parent === undefined ? 0 : names.indexOf(group.parent);
      if (parent < 0 && !this.gaps.groups) {
        const later = this.input.groups!.some(x => x.name === group.parent);
        this.fail(later ? errors.groupOrder(group.name) : errors.unknownName('group', group.parent!, names), [...path, 'parent']);
      }
      names.push(group.name);
      const bandwidth = this.bandwidth(group, path);
      const spec = { name: group.name, weight: group.weight ?? 1024, parent: Math.max(0, parent) };
      this.groupSpecs.push(bandwidth === null ? spec : { ...spec, bandwidth });
    }
    return new Names('group', names, this.gaps.groups);
  }

  /** The ranges are the kernel's (`tg_set_bandwidth`). */
  private bandwidth(group: GroupInput, path: Path): BandwidthLimit | null {
    if (group.quota === undefined) {
      for (const field of ['period', 'burst'] as const) {
        if (group[field] !== undefined) this.fail(errors.badLimit(`a ${field} without a quota limits nothing`), [...path, field]);
      }
      return null;
    }
    const quota = this.time(group.quota, [...path, 'quota']);
    const period = group.period === undefined ? DEFAULT_PERIOD : this.time(group.period, [...path, 'period']);
    const burst = group.burst === undefined ? 0 : this.time(group.burst, [...path, 'burst']);
    if (quota < MIN_QUOTA) this.fail(errors.badLimit('a quota is at least 1ms'), [...path, 'quota']);
    if (period < MIN_QUOTA || period > MAX_PERIOD) this.fail(errors.badLimit('a period is 1ms to 1s'), [...path, 'period']);
    if (burst > quota) this.fail(errors.badLimit('a burst is at most the quota'), [...path, 'burst']);
    return { quota, period, burst };
  }

  private listed(field: 'mutexes' | 'conditions'): string[] | undefined {
    const list = this.input[field];
    if (list === undefined) return undefined;
    const names = new Set<string>();
    let whole = true;
    for (const [n, item] of list.entries()) {
      const { name: text, kind } = typeof item === 'string' ? { name: item, kind: undefined } : item;
      const expanded = expandList(text);
      if ('severity' in expanded) {
        this.fail(expanded, [field, n]);
        whole = false;
        continue;
      }
      for (const name of expanded) {
        if (names.has(name)) this.fail(errors.doubleName(field === 'mutexes' ? 'mutex' : 'condition', name), [field, n]);
        names.add(name);
        if (kind !== undefined && kind !== 'mutex') this.kinds.set(name, kind);
      }
    }
    return whole ? [...names] : undefined;
  }

  private unique(what: string, field: 'barriers' | 'semaphores'): string[] | undefined {
    const names = this.input[field]?.map(x => x.name);
    for (const [n, name] of (names ?? []).entries())
      if (names!.indexOf(name) < n) this.fail(errors.doubleName(what, name), [field, n, 'name']);
    return names;
  }
}

interface Instance {
  readonly task: TaskInput;
  readonly path: Path;
  readonly comm: string;
  readonly instance: number | null;
  /** Nothing was left out of its program. */
  readonly whole: boolean;
}

/** One task: its attributes, and its steps as operations. */
class TaskCompiler {
  private readonly ops: Op[] = [];
  private readonly places: Span[] = [];
  /** Where the steps of each transaction begin. */
  private readonly contexts: number[] = [];
  private inContext = false;
  /** Number of the step, depth first: what `src` says. */
  private src = 0;

  constructor(
    private readonly all: Compiler,
    private readonly of: Instance,
  ) {}

  compile(): void {
    const { all, of } = this;
    const { task, path, comm, instance } = of;
    const before = all.failures;
    this.steps(task.program, [...path, 'program']);
    this.addBackOffs();
    const sound = all.failures === before && of.whole;
    const cpus = task.cpus === undefined ? undefined : all.cpus(task.cpus, instance, [...path, 'cpus']);
    const cpu = task.cpu === undefined ? undefined : all.cpus([task.cpu], instance, [...path, 'cpu'])[0];
    all.add(
      {
        comm,
        policy: all.policy(task.policy, [...path, 'policy']),
        start: task.start === undefined ? 0 : all.drawn(task.start, `${comm}/start`, [...path, 'start']),
        ...(cpus === undefined ? {} : { cpus }),
        ...(cpu === undefined ? {} : { cpu }),
        group: task.group === undefined ? 0 : this.named(task.group, [...path, 'group'], (name, at) => all.id('group', name, at)),
        ...(task.deadline === undefined ? {} : { deadline: all.time(task.deadline, [...path, 'deadline']) }),
        ...(task.template === true ? { template: true } : {}),
        program: { ops: this.ops },
      },
      this.places,
      sound,
    );
  }

  private steps(steps: readonly Step[], path: Path): void {
    for (const [n, step] of steps.entries()) {
      const src = this.src++;
      if (typeof step === 'string') this.emit([...path, n], src, { op: step });
      else if (step.repeat !== undefined) this.repeat(step.repeat, [...path, n, 'repeat'], src);
      else if (step.transaction !== undefined) this.transaction(step.transaction, [...path, n, 'transaction'], src);
      else if (step.lockAll !== undefined) this.lockAll(step.lockAll, [...path, n, 'lockAll'], src);
      else if (step.try !== undefined) this.attempt(step.try, [...path, n, 'try'], src);
      else this.emit([...path, n], src, ...this.operation(step, [...path, n], src));
    }
  }

  private repeat(repeat: NonNullable<StepObject['repeat']>, path: Path, src: number): void {
    if (repeat.times === 0) return;
    const top = this.ops.length;
    this.steps(repeat.do, [...path, 'do']);
    if (repeat.times !== 1) this.emit(path, src, { op: 'jump', to: top, times: repeat.times === 'forever' ? -1 : repeat.times - 1 });
  }

  private transaction(steps: readonly Step[], path: Path, src: number): void {
    if (this.inContext) this.all.fail(errors.contextOutOfPlace('transaction', 'it stands inside another'), path);
    this.inContext = true;
    this.emit(path, src, { op: 'wbegin' });
    this.contexts.push(this.ops.length);
    this.steps(steps, path);
    this.emit(path, src, { op: 'wend' });
    this.inContext = false;
  }

  /** Behind the end of the program, one back-off for each context; and the way there for the locks that may be refused. */
  private addBackOffs(): void {
    if (this.contexts.length === 0) return;
    const path = [...this.of.path, 'program'];
    this.emit(path, this.src, { op: 'exit' });
    const first = this.ops.length;
    for (const to of this.contexts) this.emit(path, this.src, { op: 'wbackoff', to, slow: true });
    for (const [pc, op] of this.ops.entries())
      if (op.op === 'lock' && op.orElse !== undefined && op.orElse < 0) this.ops[pc] = { ...op, orElse: first - 1 - op.orElse };
  }

  private lockAll(all: NonNullable<StepObject['lockAll']>, path: Path, src: number): void {
    const names = all.mutexes.flatMap((text, n) => this.listed(text, [...path, 'mutexes', n]));
    const { some = names.length } = all;
    if (some > names.length) this.all.fail(errors.tooFew('mutexes', names.length, some), [...path, 'some']);
    const taken = this.all.sample(names, some, all.order === 'drawn', `${this.of.comm}/${src}`);
    for (const name of taken) this.emit(path, src, ...this.operation({ lock: name }, path, src));
    this.steps(all.do, [...path, 'do']);
    for (const name of taken.reverse()) this.emit(path, src, ...this.operation({ unlock: name }, path, src));
  }

  /** A name of a list: a range, or one that may compute with the instance. */
  private listed(text: string, path: Path): readonly string[] {
    if (!text.includes('..')) return [this.name(text, path)];
    const names = expandList(text);
    if (!('severity' in names)) return names;
    this.all.fail(names, path);
    return [];
  }

  private attempt(attempt: NonNullable<StepObject['try']>, path: Path, src: number): void {
    const { lock, interruptible, timeout, wait } = attempt;
    const mutex = this.named(lock, [...path, 'lock'], (text, at) => this.all.id('mutex', text, at));
    if (wait === false && (timeout !== undefined || interruptible === true)) this.all.fail(errors.waitsNot(), [...path, 'wait']);
    const patience = timeout === undefined ? {} : { timeout: this.all.drawn(timeout, `${this.of.comm}/${src}`, [...path, 'timeout']) };
    const pc = this.ops.length;
    const op = {
      op: 'lock',
      mutex,
      ...(interruptible === true ? { interruptible } : {}),
      ...(wait === false ? { noWait: true as const } : {}),
      ...patience,
    } as const;
    this.emit(path, src, op);
    this.steps(attempt.do, [...path, 'do']);
    const end = this.ops.length;
    if (attempt.else !== undefined) {
      this.emit(path, src, { op: 'jump', to: 0, times: -1 });
      this.steps(attempt.else, [...path, 'else']);
      this.ops[end] = { op: 'jump', to: this.ops.length, times: -1, src };
    }
    this.ops[pc] = { ...op, orElse: attempt.else === undefined ? end : end + 1, src };
  }

  private operation(step: StepObject, path: Path, src: number): Op[] {
    const { all, of } = this;
    const drawn = (time: DrawnTime, ...key: string[]): Nanos => all.drawn(time, `${of.comm}/${src}`, [...path, ...key]);
    const id = (kind: Parameters<Compiler['id']>[0], name: string, ...key: string[]): number =>
      this.named(name, [...path, ...key], (text, at) => all.id(kind, text, at));
    if (step.run !== undefined) return [{ op: 'run', ns: drawn(step.run, 'run') }];
    if (step.busy !== undefined) return [{ op: 'runFor', ns: drawn(step.busy, 'busy') }];
    if (step.sleep !== undefined) return [{ op: 'sleep', ns: drawn(step.sleep, 'sleep') }];
    if (step.period !== undefined) {
      const period = typeof step.period === 'object' && 'every' in step.period ? step.period : { every: step.period };
      const name = period.timer === undefined ? `${of.comm}.period` : this.name(period.timer, [...path, 'period', 'timer']);
      return [{ op: 'timer', timer: all.timer(name), period: drawn(period.every, 'period'), mode: period.mode ?? 'absolute' }];
    }
    if (step.lock !== undefined) {
      const mutex = id('mutex', step.lock, 'lock');
      // Where to go when it is refused is known at the end; until then, the number of the context, below zero.
      return [{ op: 'lock', mutex, ...(this.inContext && all.waitWound(mutex) ? { orElse: -this.contexts.length } : {}) }];
    }
    if (step.lockIo !== undefined) return [{ op: 'lock', mutex: id('mutex', step.lockIo, 'lockIo'), io: true }];
    if (step.readLock !== undefined) {
      const mutex = id('mutex', step.readLock, 'readLock');
      if (all.kind(mutex) !== 'rwsem') all.fail(errors.notToRead(step.readLock), [...path, 'readLock']);
      return [{ op: 'lock', mutex, shared: true }];
    }
    if (step.unlock !== undefined) return [{ op: 'unlock', mutex: id('mutex', step.unlock, 'unlock') }];
    if (step.wait !== undefined) {
      const mutex = id('mutex', step.wait.mutex, 'wait', 'mutex');
      return [
        { op: 'wait', cond: id('condition', step.wait.cond, 'wait', 'cond'), mutex },
        { op: 'lock', mutex },
      ];
    }
    if (step.signal !== undefined) return [{ op: 'signal', cond: id('condition', step.signal, 'signal') }];
    if (step.broadcast !== undefined) return [{ op: 'broadcast', cond: id('condition', step.broadcast, 'broadcast') }];
    if (step.barrier !== undefined)
      return [{ op: 'barrier', barrier: this.named(step.barrier, [...path, 'barrier'], (name, at) => all.barrier(name, of.comm, at)) }];
    if (step.post !== undefined) return [{ op: 'semPost', sem: id('semaphore', step.post, 'post') }];
    if (step.await !== undefined) return [{ op: 'semWait', sem: id('semaphore', step.await, 'await') }];
    if (step.setPolicy !== undefined) return [{ op: 'setPolicy', policy: all.policy(step.setPolicy, [...path, 'setPolicy']) }];
    if (step.setCpus !== undefined) return [{ op: 'setAffinity', cpus: all.cpus(step.setCpus, of.instance, [...path, 'setCpus']) }];
    if (step.setGroup !== undefined) return [{ op: 'setGroup', group: id('group', step.setGroup, 'setGroup') }];
    if (step.kill !== undefined)
      return [{ op: 'kill', task: this.named(step.kill, [...path, 'kill'], (name, at) => all.target(name, at)) }];
    if (step.fork !== undefined)
      return [{ op: 'fork', task: this.named(step.fork, [...path, 'fork'], (name, at) => all.template(name, at)) }];
    return [];
  }

  private name(template: string, path: Path): string {
    return this.all.text(template, this.of.instance, path);
  }

  /** The number of a name; of one that cannot be computed nothing more is said. */
  private named(template: string, path: Path, number: (name: string, path: Path) => number): number {
    const before = this.all.failures;
    const name = this.name(template, path);
    return this.all.failures === before ? number(name, path) : 0;
  }

  private emit(path: Path, src: number, ...ops: Op[]): void {
    for (const op of ops) {
      this.ops.push({ ...op, src });
      this.places.push(this.all.span(path));
    }
  }
}
