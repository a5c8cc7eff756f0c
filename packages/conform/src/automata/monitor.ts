import type { Nanos } from '@proxysched/core';
import { Automaton, Instance, type Handling, type Violation } from './automaton.js';
import type { AutomatonFile } from './automaton-file.js';
import type { Environment } from './guard.js';

export interface MonitorViolation extends Violation {
  readonly automaton: string;
  /** What broke the rule: a task, a lock. */
  readonly instance: string;
  readonly at: Nanos;
}

/** Instances of one automaton, by what they watch, and what they find. */
export class Monitor<K extends { readonly name: string } | { readonly comm: string }> {
  readonly violations: MonitorViolation[] = [];
  /** Events that an instance took: a rule that never saw any says nothing. */
  taken = 0;
  private readonly instances = new Map<K, Instance>();
  /** By event name; an event with several sources is handled as the caller says. */
  private readonly handling: ReadonlyMap<string, Handling>;

  /** @param parameters of invariants, per instance: bounds may differ from task to task. */
  constructor(
    private readonly file: AutomatonFile,
    private readonly parameters: (key: K) => Environment = () => ({}),
  ) {
    this.handling = new Map(file.event_sources.map(source => [source.event, source.handling]));
  }

  deliver(key: K, event: string, now: Nanos, env: Environment = {}, handling: Handling = this.handling.get(event) ?? 'event'): void {
    const instance = this.instance(key);
    const violation = instance.deliver(event, handling, now, env);
    if (instance.on) this.taken++;
    if (violation !== null) this.note(key, violation);
  }

  /** From now on, in the initial state: where the trace shows that it is in it. */
  start(key: K, now: Nanos): void {
    const instance = this.instance(key);
    if (!instance.on) instance.switchOn(now);
  }

  /** What is watched has become something else. */
  reset(key: K): void {
    this.instance(key).switchOff();
  }

  /** The run is over: clocks that ran out meanwhile. */
  end(now: Nanos): void {
    for (const [key, instance] of this.instances) {
      const violation = instance.expired(now);
      if (violation !== null) this.note(key, violation);
    }
  }

  private instance(key: K): Instance {
    let instance = this.instances.get(key);
    if (instance === undefined) {
      instance = new Instance(new Automaton(this.file, this.parameters(key)));
      this.instances.set(key, instance);
    }
    return instance;
  }

  private note(key: K, violation: Violation): void {
    this.violations.push({ ...violation, automaton: this.file.name, instance: 'comm' in key ? key.comm : key.name });
  }
}
