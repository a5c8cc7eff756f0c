import { readOptions, type Balancer, type Kernel, type Nanos, type OptionValue, type OptionValues, type RunQueue } from '@proxysched/core';
import { Inject, Injectable, KERNEL, OPTIONS } from '@proxysched/kit';
import { DomainBalancer } from './domain-balancer.js';
import { loadOptions } from './options.js';

/**
 * Fair load balancing as Linux has it (`pelt-and-balance.md` 6): by load averages, over scheduling domains; on ticks, before a CPU idles,
 * and for those that idle. For the first class that tracks load; the others are `LoadBalance`'s.
 */
@Injectable()
export class FairBalance implements Balancer {
  readonly name = 'fair-balance';
  /** With exact timers only: elsewhere ticks tell the time. */
  period?: Nanos;
  private readonly options: OptionValues<typeof loadOptions>;
  /** `null`: there is nothing to balance. */
  private balancer: DomainBalancer | null = null;

  constructor(
    @Inject(KERNEL) private readonly kernel: Kernel,
    @Inject(OPTIONS) given: Readonly<Record<string, OptionValue>>,
  ) {
    this.options = readOptions(loadOptions, given);
  }

  init(): void {
    const { kernel, options } = this;
    if (!options['balance.domains'] || kernel.rqs.length === 1) return;
    const cls = kernel.classes.find(c => c.load?.tracked === true);
    if (cls === undefined) return;
    this.balancer = new DomainBalancer(kernel, cls, cls.load!, options);
    const period = options['balance.period'];
    if (kernel.machine.hz === null && period > 0) this.period = period;
  }

  /** The stopper's work: it has the lock of its queue all the time. */
  beforePick(rq: RunQueue): boolean {
    this.balancer?.pushRunning(rq);
    return false;
  }

  newIdle(rq: RunQueue): boolean {
    return this.options['balance.newIdle'] && this.balancer?.newIdle.run(rq) === true;
  }

  afterSwitch(rq: RunQueue): void {
    this.balancer?.switched(rq);
  }

  periodic(rq: RunQueue): void {
    const { balancer } = this;
    if (balancer !== null && this.options['balance.periodic'] && balancer.isDue(rq.cpu)) balancer.balance(rq);
  }

  tick(rq: RunQueue): void {
    this.periodic(rq);
    if (this.options['balance.nohz']) this.balancer?.nohz.tick(rq);
  }
}
