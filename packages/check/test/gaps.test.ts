/**
 * Random small machines whose race windows have a random width (`proxy-execution.md` 17), under every generation: after each event the
 * invariants hold, and in the end every task has done its work once.
 */
import { NO_GAPS, type Balancer, type Gaps, type OptionValue, type Scenario } from '@proxysched/core';
import { FixedPriority, PullAnything, RoundRobin, runOf } from '@proxysched/core/test-kit';
import { GENERATIONS, ProxyExecution, type GenerationName } from '@proxysched/proxy';
import fc from 'fast-check';
import { InvariantChecker } from '../src/index.js';
import { machines, tell, workOf } from './machines.js';

const NUM_RUNS = Number(process.env['PROPERTY_RUNS'] ?? 150);
const SEED = Number(process.env['PROPERTY_SEED'] ?? 20230612);
const NAMES = Object.keys(GENERATIONS) as GenerationName[];

/** Half of them shut, so that few windows open onto each other at a time and all do at some time. */
const width = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 }));
const gaps: fc.Arbitrary<Gaps> = fc.record(
  Object.fromEntries(Object.keys(NO_GAPS).map(name => [name, width])) as Record<keyof Gaps, fc.Arbitrary<number>>,
);
const gapped = (costs: false | 'all'): fc.Arbitrary<Scenario> =>
  fc
    .tuple(machines({ locks: 'ordered', costs }), gaps)
    .map(([scenario, g]) => ({ ...scenario, until: 20_000, machine: { ...scenario.machine, gaps: g } }));

function simulate(scenario: Scenario, name: GenerationName, more: Readonly<Record<string, OptionValue>> = {}) {
  const checker = new InvariantChecker();
  const { options } = GENERATIONS[name];
  return runOf(scenario, {
    classes: kernel => [new FixedPriority(kernel), new RoundRobin(kernel, { delays: true })],
    ...(name === 'off' ? {} : { resolver: kernel => new ProxyExecution(kernel, { ...options, ...more }) }),
    balancers: (kernel): Balancer[] => [new PullAnything(kernel)],
    sinks: [checker],
    probe: checker.probe,
  });
}

function expectDone(scenario: Scenario, name: GenerationName, more?: Readonly<Record<string, OptionValue>>): void {
  try {
    const { result, machine } = simulate(scenario, name, more);
    expect(result.outcome).toBe('finished');
    const exact = scenario.machine.gaps!.block === 0 && scenario.machine.costs.lockReturn === 0;
    for (const p of machine.tasks) {
      expect([p.state, p.wakePending]).toEqual(['dead', false]);
      const work = workOf(scenario, p.exec.program.ops);
      const ran = p.exec.ran - p.exec.spun;
      if (exact) expect({ task: p.comm, ran }).toEqual({ task: p.comm, ran: work });
      else expect(ran).toBeGreaterThanOrEqual(work);
    }
    for (const m of machine.mutexes) expect([m.owner, m.nrWaiters, m.handoff]).toEqual([null, 0, false]);
  } catch (error) {
    const told = `${tell(scenario)}\n${JSON.stringify(scenario.machine.gaps)}`;
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${told}`, { cause: error });
  }
}

describe.each(NAMES)('%s', name => {
  test.each([false, 'all'] as const)('costs %s: invariants hold, every task ends, none is lost or run twice', costs => {
    fc.assert(
      fc.property(gapped(costs), scenario => expectDone(scenario, name)),
      { numRuns: NUM_RUNS, seed: SEED },
    );
  });
});

describe('who refers to a lock counts as blocked, as before 7.2', () => {
  test.each(['v4', '6.17', '7.1', '7.3'] as const)('%s: donors that could run themselves keep nobody from its end', name => {
    fc.assert(
      fc.property(gapped(false), scenario => expectDone(scenario, name, { 'proxy.blockedTest': 'blockedOn' })),
      { numRuns: NUM_RUNS, seed: SEED },
    );
  });
});
