import * as errors from './errors.js';
import {
  EVENT_NAMES,
  eventOf,
  GLOBAL_IGNORED,
  GLOBAL_KEYS,
  looksMeant,
  OLD_KEYS,
  PHASE_KEYS,
  POLICIES,
  TASK_KEYS,
  TOP_KEYS,
  type EventName,
  type RtKind,
} from './rtapp-grammar.js';
import type { Problem, Report } from './report.js';
import type { Span } from './source.js';
import { headSpan, kindName, type Member, type Node, type ObjectNode } from './tree.js';

/** An rt-app file as it says it: names unresolved, times in microseconds, nothing carried over from phase to phase. */
export interface RtWorkload {
  /** Microseconds, or absent: until all is done. */
  readonly duration?: number;
  readonly defaultPolicy: RtKind;
  readonly tasks: readonly RtTask[];
  /** Names of tasks of which nothing could be read. */
  readonly unread: readonly string[];
}

export interface RtTask {
  readonly name: string;
  readonly at: Span;
  readonly instances: number;
  readonly delay: number;
  /** Repetitions of the list of phases; −1: for ever. */
  readonly loop: number;
  readonly attributes: RtAttributes;
  readonly phases: readonly RtPhase[];
  /** What could not be read has been reported, and must not be missed by what checks the rest. */
  readonly whole: Whole;
}

interface Whole {
  events: boolean;
  policy: boolean;
}

export interface RtPhase {
  readonly name: string;
  readonly at: Span;
  readonly loop: number;
  /** Empty for a task without phases: there they are the task's. */
  readonly attributes: RtAttributes;
  readonly events: readonly RtEvent[];
}

export interface RtAttributes {
  policy?: RtKind;
  priority?: number;
  runtime?: number;
  period?: number;
  deadline?: number;
  cpus?: readonly number[];
  group?: string;
  /** Places of what is above, by rt-app's key. */
  readonly at: Record<string, Span>;
}

export interface RtEvent {
  readonly event: EventName;
  readonly key: string;
  readonly at: Span;
  /** Microseconds, bytes or hops. */
  readonly amount: number;
  /** The one name, or the condition of a wait. */
  readonly name: string;
  readonly mutex: string;
  readonly mode: 'absolute' | 'relative';
  /** `memrun`: read, write or chase. */
  readonly type: string;
}

const INT_MAX = 2147483647;
const AMOUNTS: readonly EventName[] = ['run', 'runtime', 'sleep', 'mem', 'iorun'];
const WAITS: readonly EventName[] = ['wait', 'sync'];

/** Reads the tree of an rt-app file; what it cannot read is in the report. */
export function readRtWorkload(root: ObjectNode, duplicates: 'all' | 'last', report: Report): RtWorkload {
  return new Reader(duplicates, report).workload(root);
}

class Reader {
  private readonly ignored = new Set<string>();
  private readonly unread: string[] = [];
  private policyKnown = true;
  /** Of the task that is being read. */
  private whole: Whole = { events: true, policy: true };

  constructor(
    private readonly duplicates: 'all' | 'last',
    private readonly report: Report,
  ) {}

  workload(root: ObjectNode): RtWorkload {
    let duration: number | undefined;
    let defaultPolicy: RtKind = 'normal';
    const tasks: RtTask[] = [];
    // Several objects of tasks are one list; any other key counts once.
    for (const m of this.members(root, 'the workload', key => key !== 'tasks')) {
      if (m.key === 'tasks') {
        if (m.value.kind !== 'object') this.wrongType(m, 'an object of tasks');
        else for (const t of this.members(m.value, '"tasks"', () => false)) this.task(t, tasks);
      } else if (m.key === 'global') {
        if (m.value.kind !== 'object') this.wrongType(m, 'an object');
        else ({ duration, defaultPolicy } = this.global(m.value));
      } else if (m.key !== 'resources') this.report.add(errors.unknownKey(m.key, 'the workload', TOP_KEYS), m.keyAt);
    }
    if (this.ignored.size > 0) this.report.add(errors.notModelled([...this.ignored].map(k => errors.quote(k))), null);
    if (!this.policyKnown) for (const t of tasks) t.whole.policy = false;
    return { defaultPolicy, tasks, unread: this.unread, ...(duration === undefined ? {} : { duration }) };
  }

  private global(node: ObjectNode): { duration: number | undefined; defaultPolicy: RtKind } {
    let duration: number | undefined;
    let defaultPolicy: RtKind = 'normal';
    for (const m of this.members(node, '"global"', () => true)) {
      if (m.key === 'duration') {
        const seconds = this.int(m);
        if (seconds !== undefined && seconds > 0) duration = seconds * 1e6;
      } else if (m.key === 'default_policy') {
        const policy = this.policy(m);
        this.policyKnown = policy !== undefined;
        defaultPolicy = policy ?? 'normal';
      } else if (m.key === 'pi_enabled') {
        if (m.value.kind === 'boolean' && m.value.value) this.report.add(errors.piEnabled(), m.keyAt);
      } else if (GLOBAL_IGNORED.includes(m.key)) this.ignored.add(m.key);
      else this.report.add(errors.unknownKey(m.key, '"global"', GLOBAL_KEYS), m.keyAt);
    }
    return { duration, defaultPolicy };
  }

  private task(m: Member, tasks: RtTask[]): void {
    const old = m.value.kind === 'object' ? m.value.members.filter(x => OLD_KEYS.includes(x.key)) : [];
    if (m.value.kind !== 'object' || old.length > 0) {
      this.unread.push(m.key);
      if (old.length > 0) this.report.add(errors.oldGrammar([...new Set(old.map(x => x.key))]), old[0]!.keyAt);
      else this.wrongType(m, 'an object');
      return;
    }
    this.whole = { events: true, policy: true };
    const where = `task ${errors.quote(m.key)}`;
    const phased = m.value.members.some(x => x.key === 'phases');
    const attributes: RtAttributes = { at: {} };
    const older: RtAttributes = { at: {} };
    const events: RtEvent[] = [];
    let phases: RtPhase[] = [];
    let instances = 1;
    let delay = 0;
    let loop: number | undefined;
    for (const x of this.members(m.value, where, key => TASK_KEYS.includes(key) && (key !== 'runtime' || phased))) {
      const event = eventOf(x.key);
      if (x.key === 'instance') instances = this.atLeast(x, 0) ?? 1;
      else if (x.key === 'delay') delay = this.time(x) ?? 0;
      else if (x.key === 'loop') loop = this.loop(x);
      else if (x.key === 'phases') phases = this.phases(x, m.key);
      else if (x.key === 'runtime' || x.key === 'period' || x.key === 'deadline') {
        // Older spellings of the dl- keys; `runtime` is an event besides.
        const time = this.time(x);
        if (time !== undefined) older[x.key] = time;
        else if (x.key !== 'runtime' || phased) this.whole.policy = false;
        older.at[`dl-${x.key}`] = x.keyAt;
        if (x.key === 'runtime' && !phased) this.event(x, 'runtime', events);
      } else if (this.attribute(x, attributes)) continue;
      else if (event === undefined)
        this.report.add(errors.unknownKey(x.key, where, [...TASK_KEYS, ...(phased ? [] : EVENT_NAMES)]), x.keyAt);
      else if (phased) this.report.add(errors.eventBesidePhases(x.key, m.key), x.keyAt);
      else this.event(x, event, events);
    }
    for (const key of ['runtime', 'period', 'deadline'] as const) {
      if ((attributes[key] ?? 0) !== 0 || older[key] === undefined) continue;
      attributes[key] = older[key];
      attributes.at[`dl-${key}`] = older.at[`dl-${key}`]!;
    }
    if (!phased) {
      // The task is its one phase: a `loop` counts that phase, and without one it goes on for ever.
      phases = [{ name: m.key, at: m.keyAt, loop: loop ?? -1, attributes: { at: {} }, events }];
      if (events.length === 0 && this.whole.events) this.report.add(errors.phaseWithoutEvent(where), m.keyAt);
    }
    const { whole } = this;
    tasks.push({ name: m.key, at: m.keyAt, instances, delay, loop: phased ? (loop ?? -1) : 1, attributes, phases, whole });
  }

  private phases(m: Member, task: string): RtPhase[] {
    if (m.value.kind !== 'object') {
      this.wrongType(m, 'an object of phases');
      this.whole.events = false;
      return [];
    }
    const phases: RtPhase[] = [];
    for (const p of this.members(m.value, `the phases of ${errors.quote(task)}`, () => false)) {
      const where = `phase ${errors.quote(p.key)}`;
      if (p.value.kind !== 'object') {
        this.wrongType(p, 'an object');
        this.whole.events = false;
        continue;
      }
      const attributes: RtAttributes = { at: {} };
      const events: RtEvent[] = [];
      let loop = 1;
      for (const x of this.members(p.value, where, key => PHASE_KEYS.includes(key))) {
        const event = eventOf(x.key);
        if (x.key === 'loop') loop = this.loop(x) ?? 1;
        else if (this.attribute(x, attributes)) continue;
        else if (event === undefined) this.report.add(errors.unknownKey(x.key, where, [...PHASE_KEYS, ...EVENT_NAMES]), x.keyAt);
        else this.event(x, event, events);
      }
      if (events.length === 0 && this.whole.events) this.report.add(errors.phaseWithoutEvent(where), p.keyAt);
      phases.push({ name: p.key, at: p.keyAt, loop, attributes, events });
    }
    if (phases.length === 0 && this.whole.events) this.report.add(errors.phaseWithoutEvent(`task ${errors.quote(task)}`), m.keyAt);
    return phases;
  }

  /** Takes a scheduling attribute; false when the key is none. */
  private attribute(m: Member, into: RtAttributes): boolean {
    into.at[m.key] = headSpan(m.value);
    switch (m.key) {
      case 'policy': {
        const policy = this.policy(m);
        if (policy !== undefined) into.policy = policy;
        else this.whole.policy = false;
        return true;
      }
      case 'priority':
        this.number(into, 'priority', this.int(m));
        return true;
      case 'dl-runtime':
        this.number(into, 'runtime', this.time(m));
        return true;
      case 'dl-period':
        this.number(into, 'period', this.time(m));
        return true;
      case 'dl-deadline':
        this.number(into, 'deadline', this.time(m));
        return true;
      case 'cpus': {
        const cpus = this.cpus(m);
        if (cpus !== undefined) into.cpus = cpus;
        return true;
      }
      case 'taskgroup': {
        const path = this.string(m);
        if (path === undefined) return true;
        if (!path.startsWith('/')) this.report.add(errors.badGroupPath(path), headSpan(m.value));
        into.group = path;
        return true;
      }
      case 'util_min':
      case 'util_max':
      case 'nodes_membind':
        this.ignored.add(m.key);
        return true;
      default:
        return false;
    }
  }

  private number(into: RtAttributes, key: 'priority' | 'runtime' | 'period' | 'deadline', value: number | undefined): void {
    if (value === undefined) this.whole.policy = false;
    else into[key] = value;
  }

  private loop(m: Member): number | undefined {
    const value = this.int(m);
    this.whole.events &&= value !== undefined;
    return value;
  }

  private cpus(m: Member): number[] | undefined {
    if (m.value.kind !== 'array') {
      this.wrongType(m, 'a list of CPU numbers');
      return undefined;
    }
    if (m.value.items.length === 0) this.report.add(errors.noCpus(errors.quote(m.key)), m.keyAt);
    const cpus = m.value.items.flatMap(item => this.integer(item, m.key) ?? []);
    return [...new Set(cpus)].sort((a, b) => a - b);
  }

  private event(m: Member, event: EventName, into: RtEvent[]): void {
    if (!looksMeant(m.key, event)) this.report.add(errors.eventLikeKey(m.key, event), m.keyAt);
    if (m.bare === true) this.report.add(errors.bareKey(m.key), m.keyAt);
    const said = this.said(m, event);
    if (said === undefined) this.whole.events = false;
    else into.push({ event, key: m.key, at: m.keyAt, amount: 0, name: '', mutex: '', mode: 'relative', type: '', ...said });
  }

  /** What an event says; nothing when it cannot be read. A time that cannot be read is as good as any other but none. */
  private said(m: Member, event: EventName): Partial<RtEvent> | undefined {
    if (AMOUNTS.includes(event)) return { amount: this.time(m) ?? 1 };
    if (event === 'yield') return {};
    if (event === 'timer') {
      if (m.value.kind !== 'object') return this.wrongType(m, 'an object { ref, period, mode }');
      const part = this.parts(m.value, m.key, ['ref', 'period', 'mode']);
      const mode = part('mode', '');
      if (mode !== undefined && mode !== '' && mode !== 'absolute' && mode !== 'relative')
        this.report.add(errors.wrongType('mode', '"absolute" or "relative"', errors.quote(mode)), m.keyAt);
      const period = m.value.members.findLast(x => x.key === 'period');
      const amount = period === undefined ? 0 : (this.time(period) ?? 1);
      const name = part('ref', 'unknown');
      return name === undefined ? undefined : { name, mode: mode === 'absolute' ? mode : 'relative', amount };
    }
    if (WAITS.includes(event)) {
      if (m.value.kind !== 'object') return this.wrongType(m, 'an object { ref, mutex }');
      const part = this.parts(m.value, m.key, ['ref', 'mutex']);
      const [name, mutex] = [part('ref', 'unknown'), part('mutex', 'unknown')];
      return name === undefined || mutex === undefined ? undefined : { name, mutex };
    }
    if (event === 'memrun') {
      if (m.value.kind !== 'object') return this.wrongType(m, 'an object { type, size, count }');
      const part = this.parts(m.value, m.key, ['type', 'size', 'count', 'stride', 'pattern', 'ref']);
      const type = part('type', '');
      const count = m.value.members.findLast(x => x.key === 'count');
      const amount = count === undefined ? 0 : (this.time(count) ?? 1);
      if (type !== undefined && ['read', 'write', 'chase'].includes(type)) return { type, amount };
      if (type !== undefined) this.report.add(errors.wrongType('type', '"read", "write" or "chase"', errors.quote(type)), m.keyAt);
      return undefined;
    }
    const name = this.string(m);
    return name === undefined ? undefined : { name };
  }

  /** String members of an object; one that is named and missing is worth a warning when rt-app makes up a name for it. */
  private parts(node: ObjectNode, event: string, known: readonly string[]): (key: string, missing: string) => string | undefined {
    const members = this.members(node, errors.quote(event), () => true);
    for (const m of members) if (!known.includes(m.key)) this.report.add(errors.unknownKey(m.key, errors.quote(event), known), m.keyAt);
    return (key, missing) => {
      const m = members.find(x => x.key === key);
      if (m !== undefined) return this.string(m);
      if (missing === 'unknown') this.report.add(errors.missingMember(event, key), headSpan(node));
      return missing;
    };
  }

  /**
   * The members of an object in the order in which they count. Of a repeated event every occurrence counts (what `workgen`
   * makes of it), or the last at the first one's place (what rt-app does with it alone). An attribute has one value: the last.
   */
  private members(node: ObjectNode, where: string, isAttribute: (key: string) => boolean): Member[] {
    const kept: Member[] = [];
    const seen = new Map<string, { readonly slot: number; readonly all: Member[] }>();
    for (const m of node.members) {
      const before = seen.get(m.key);
      if (before === undefined) seen.set(m.key, { slot: kept.length, all: [m] });
      else before.all.push(m);
      if (before === undefined || !(isAttribute(m.key) || this.duplicates === 'last')) kept.push(m);
      else kept[before.slot] = m;
    }
    for (const [key, { all }] of seen) {
      if (all.length === 1) continue;
      const { keyAt, value } = all.at(-1)!;
      const shown =
        value.kind === 'number' || value.kind === 'boolean'
          ? String(value.value)
          : value.kind === 'string'
            ? errors.quote(value.value)
            : '';
      const earlier = all.slice(0, -1).map(m => m.keyAt);
      this.report.add(errors.repeatedKey(key, where, earlier, { kept: this.duplicates, value: shown, attribute: isAttribute(key) }), keyAt);
    }
    return kept;
  }

  private policy(m: Member): RtKind | undefined {
    const name = this.string(m);
    if (name === undefined) return undefined;
    if (Object.hasOwn(POLICIES, name)) return POLICIES[name as keyof typeof POLICIES];
    this.report.add(errors.unknownPolicy(name, Object.keys(POLICIES)), headSpan(m.value));
    return undefined;
  }

  private string(m: Member): string | undefined {
    if (m.value.kind === 'string') return m.value.value;
    this.wrongType(m, 'a string');
    return undefined;
  }

  private int(m: Member): number | undefined {
    return this.integer(m.value, m.key);
  }

  private integer(node: Node, key: string): number | undefined {
    if (node.kind !== 'number') {
      this.report.add(errors.wrongType(key, 'an integer', kindName(node)), headSpan(node));
      return undefined;
    }
    if (!node.integer) {
      this.report.add(errors.notInteger(key, this.report.source.text.slice(node.at.offset, node.at.offset + node.at.length)), node.at);
      return undefined;
    }
    if (Math.abs(node.value) <= INT_MAX) return node.value;
    const limit = node.value < 0 ? -INT_MAX - 1 : INT_MAX;
    this.report.add(errors.saturated(key, limit), node.at);
    return limit;
  }

  private time(m: Member): number | undefined {
    const value = this.int(m);
    if (value === undefined || value >= 0) return value;
    this.report.add(errors.negativeTime(m.key, value), headSpan(m.value));
    return undefined;
  }

  private atLeast(m: Member, least: number): number | undefined {
    const value = this.int(m);
    if (value === undefined || value >= least) return value;
    this.report.add(errors.badCount(m.key, value, least), headSpan(m.value));
    return undefined;
  }

  private wrongType(m: Member, expected: string): undefined {
    const problem: Problem =
      m.bare === true ? errors.wrongType(m.key, expected, 'nothing') : errors.wrongType(m.key, expected, kindName(m.value));
    this.report.add(problem, m.bare === true ? m.keyAt : headSpan(m.value));
  }
}
