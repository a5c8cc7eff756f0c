/** The same with the real classes and balancers, as `preset-linux` arranges them. Their own invariants are asked as well. */
import { coreOptions, NO_GAPS, type Gaps, type OptionValue, type Policy, type Scenario } from '@proxysched/core';
import { RecordingSink } from '@proxysched/core/test-kit';
import { generationOptions, GENERATIONS, linux, type GenerationName } from '@proxysched/preset-linux';
import { proxyOptions } from '@proxysched/proxy';
import { createSimulation } from '@proxysched/sim';
import fc from 'fast-check';
import { InvariantChecker } from '../src/index.js';
import { machines, tell, workOf } from './machines.js';

const NUM_RUNS = Number(process.env['PROPERTY_RUNS'] ?? 100);
const SEED = Number(process.env['PROPERTY_SEED'] ?? 20230612);
const NAMES = Object.keys(GENERATIONS) as GenerationName[];
const UNIT = 200_000;

const policies: fc.Arbitrary<Policy> = fc.oneof(
  fc.integer({ min: 1, max: 5 }).map((prio): Policy => ({ kind: 'fifo', prio })),
  fc.integer({ min: 1, max: 5 }).map((prio): Policy => ({ kind: 'rr', prio })),
  fc.constantFrom(-10, 0, 0, 5, 19).map((nice): Policy => ({ kind: 'normal', nice })),
  fc.constantFrom<Policy>({ kind: 'batch', nice: 0 }, { kind: 'idle', nice: 0 }, { kind: 'normal', nice: 0, slice: 300_000 }),
);

const shape = { policies, unit: UNIT, hz: [null, null, 1000, 250], costs: false } as const;

function simulate(scenario: Scenario, name: GenerationName, more: Scenario['options'] = {}) {
  const checker = new InvariantChecker();
  const sink = new RecordingSink();
  const options = { ...scenario.options, ...generationOptions(name), 'rt.rrTimeslice': 1_000_000, ...more };
  const simulation = createSimulation({ ...scenario, options }, linux(name), [checker, sink]);
  const result = simulation.run(checker.probe);
  return { result, sink, kernel: simulation.kernel };
}

function holds(what: string, arbitrary: fc.Arbitrary<Scenario>, property: (scenario: Scenario) => void): void {
  test(what, () => {
    fc.assert(
      fc.property(arbitrary, scenario => {
        try {
          property(scenario);
        } catch (error) {
          throw new Error(`${error instanceof Error ? error.message : String(error)}\n${tell(scenario)}`, { cause: error });
        }
      }),
      { numRuns: NUM_RUNS, seed: SEED },
    );
  });
}

describe.each(NAMES)('%s', name => {
  holds('locks in order: invariants hold and all work gets done', machines({ ...shape, locks: 'ordered' }), scenario => {
    const { result, kernel } = simulate(scenario, name);
    expect(result.outcome).toBe('finished');
    expect(kernel.tasks.map(p => p.exec.ran - p.exec.spun)).toEqual(scenario.tasks.map(t => workOf(scenario, t.program.ops)));
  });
});

describe.each(['off', '7.3', 'full'] as const)('%s on CPUs that take turns', name => {
  holds('invariants hold and all work gets done', machines({ ...shape, costs: 'all', locks: 'ordered' }), scenario => {
    for (const beat of [null, { first: 467_000, every: 1_000_001 }]) {
      // Kernel paths make no headway while their CPU stands still, so all of it takes longer.
      const { result } = simulate({ ...scenario, until: 5 * scenario.until, machine: { ...scenario.machine, turns: { beat } } }, name);
      expect(result.outcome).toBe('finished');
    }
  });
});

/** As in `gaps.test.ts`, wide enough beside what tasks do to matter. */
const width = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: UNIT }));
const gaps: fc.Arbitrary<Gaps> = fc.record(
  Object.fromEntries(Object.keys(NO_GAPS).map(name => [name, width])) as Record<keyof Gaps, fc.Arbitrary<number>>,
);

describe.each(['off', 'v4', '7.1', '7.3', 'full'] as const)('%s with race windows', name => {
  const gapped = fc
    .tuple(machines({ ...shape, locks: 'ordered' }), gaps)
    .map(([scenario, g]) => ({ ...scenario, machine: { ...scenario.machine, gaps: g } }));
  holds('invariants hold and all work gets done', gapped, scenario => {
    const { result, kernel } = simulate(scenario, name);
    expect([result.outcome, scenario.machine.gaps]).toEqual(['finished', scenario.machine.gaps]);
    for (const p of kernel.tasks) expect(p.exec.ran - p.exec.spun).toBeGreaterThanOrEqual(workOf(scenario, p.exec.program.ops));
  });
});

holds('without locks every generation makes the run that classic blocking makes', machines({ ...shape, locks: 'none' }), scenario => {
  // Generations are of kernels with, without and with another fair server: no part of the claim, so each is run with the same.
  for (const server of [{ 'deadline.serverRuntime': 0 }, { 'deadline.serverRuntime': 50_000_000, 'deadline.serverIdle': true }]) {
    const classic = simulate(scenario, 'off', server).sink.lines;
    for (const name of NAMES) expect(simulate(scenario, name, server).sink.lines).toEqual(classic);
  }
});

describe('options mixed at will', () => {
  const dials = { ...proxyOptions, 'proxy.charge': coreOptions['proxy.charge'] };
  const choices = Object.entries(dials).map(([name, spec]): [string, fc.Arbitrary<OptionValue>] => [
    name,
    'values' in spec ? fc.constantFrom<OptionValue>(...spec.values) : fc.boolean(),
  ]);

  test('invariants hold and all work gets done', () => {
    const both = fc.tuple(machines({ ...shape, locks: 'ordered' }), fc.record(Object.fromEntries(choices)));
    fc.assert(
      fc.property(both, ([scenario, options]) => {
        const { result, kernel } = simulate(scenario, '7.3', options);
        expect(result.outcome).toBe('finished');
        // Whoever's account the time is in.
        const worked = kernel.tasks.reduce((sum, p) => sum + p.exec.ran - p.exec.spun, 0);
        expect(worked).toBe(scenario.tasks.reduce((sum, t) => sum + workOf(scenario, t.program.ops), 0));
      }),
      { numRuns: 2 * NUM_RUNS, seed: SEED },
    );
  });
});
