import type { FairEntity } from './fair-entity.js';
import type { FairQueue } from './fair-queue.js';
import type { FairRq } from './fair-rq.js';
import type { Flat } from './flat.js';
import type { Nested } from './nested.js';
import type { Rules } from './rules.js';
import type { WakeupContext } from './wakeup-preemption.js';

/** Made once and refilled, so that a wake-up allocates nothing. */
abstract class Wakeup implements WakeupContext {
  abstract readonly rules: Rules;
  protected f!: FairRq;
  q!: FairQueue;
  curr!: FairEntity;
  e!: FairEntity;
  wakee!: FairEntity;
  flags = 0;

  of(f: FairRq, curr: FairEntity, e: FairEntity, flags: number): this {
    this.f = f;
    this.curr = curr;
    this.e = this.wakee = e;
    this.flags = flags;
    this.match();
    return this;
  }

  get pending(): boolean {
    return this.f.rq.needResched;
  }

  /** Finds the timeline on which the two, or the groups they are in, compete. */
  protected abstract match(): void;
  abstract charge(): void;
  abstract settledPick(protect: boolean): FairEntity | null;
  abstract setBuddy(): void;
}

export class FlatWakeup extends Wakeup {
  readonly rules: Rules;

  constructor(private readonly flat: Flat) {
    super();
    this.rules = flat.rules;
  }

  protected match(): void {
    this.q = this.f.timeline;
  }

  charge(): void {
    this.flat.kernel.charge(this.f.rq);
  }

  settledPick(protect: boolean): FairEntity | null {
    return this.flat.settledPick(this.f, protect);
  }

  setBuddy(): void {
    if (!this.e.idle) this.q.next = this.e;
  }
}

export class NestedWakeup extends Wakeup {
  readonly rules: Rules;

  constructor(private readonly nested: Nested) {
    super();
    this.rules = nested.rules;
  }

  /** `find_matching_se`: up, the deeper one first, until both are members of one group. */
  protected match(): void {
    let a = this.curr;
    let b = this.e;
    let [da, db] = [depth(a), depth(b)];
    for (; da > db; da--) a = a.parent!;
    for (; db > da; db--) b = b.parent!;
    for (; a.cfsRq !== b.cfsRq; a = a.parent!) b = b.parent!;
    this.curr = a;
    this.e = b;
    this.q = a.cfsRq!.timeline;
  }

  charge(): void {
    this.nested.chargeLevel(this.curr.cfsRq!);
  }

  settledPick(protect: boolean): FairEntity | null {
    return this.nested.settledPick(this.f, this.curr.cfsRq!, protect);
  }

  setBuddy(): void {
    this.nested.setBuddy(this.wakee);
  }
}

function depth(e: FairEntity): number {
  let n = 0;
  for (let s = e.parent; s !== null; s = s.parent) n++;
  return n;
}
