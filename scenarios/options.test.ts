/**
 * Every option of proxy execution stands by itself: each value alone, on top of each generation, runs the small scenarios to their end
 * with the invariants intact. What it does is for the tests of the packages.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvariantChecker } from '@proxysched/check';
import { coreOptions, type OptionValue, type Scenario } from '@proxysched/core';
import { GENERATIONS, generationOptions, linux, type GenerationName } from '@proxysched/preset-linux';
import { proxyOptions } from '@proxysched/proxy';
import { createSimulation } from '@proxysched/sim';
import { readWorkload } from '@proxysched/workload';

/** Small and short, and between them all that an option can touch. */
const SCENARIOS = [
  ...['c01-fair-inversion', 'c02-waiter-elsewhere', 'c03-sleeping-owner', 'c04-chain-across-cpus', 'c07-ww-two-cycle'],
  ...['c09-bypassed-waiter', 'c10-stolen-lock', 'c11-pinned-owner', 'c12-small-budget', 'c13-rr-waiter', 'c14-group-quota'],
  ...['c15-owner-on-its-own', 'c17-chain-balancing', 'c17-deadline-chain', 'push-ping-pong', 'charge-the-runner'],
  ...['priority-inversion', 'chain-of-three', 'mars-pathfinder'],
].map(load);

/** Their jobs come for ever. */
const PERIODIC = ['chain-of-three', 'mars-pathfinder'];

function load(name: string): Scenario {
  const file = join(import.meta.dirname, name, 'scenario.yaml');
  const read = readWorkload(readFileSync(file, 'utf8'), { file, generations: Object.keys(GENERATIONS) });
  if (!read.ok) throw new Error(`${file} cannot be read`);
  return read.scenario;
}

function outcome(scenario: Scenario, generation: GenerationName, alone: Readonly<Record<string, OptionValue>>): string {
  const checker = new InvariantChecker();
  const options = { ...generationOptions(generation), ...scenario.options, ...alone };
  return createSimulation({ ...scenario, options }, linux(generation), [checker]).run(checker.probe).outcome;
}

const VALUES = Object.entries({ ...proxyOptions, 'proxy.charge': coreOptions['proxy.charge'] }).flatMap(([name, spec]) =>
  ('values' in spec ? spec.values : [false, true]).map((value): [string, OptionValue] => [name, value]),
);

/** `tip` is one option on top of `7.3`. */
const ROWS = (Object.keys(GENERATIONS) as GenerationName[]).filter(name => !['off', 'v4-debug', 'tip'].includes(name));

describe.each(ROWS)('%s', generation => {
  test.each(VALUES)('with %s=%s alone', (name, value) => {
    const ends = SCENARIOS.map(scenario => [scenario.name, outcome(scenario, generation, { [name]: value })]);
    expect(ends).toEqual(SCENARIOS.map(({ name: is }) => [is, PERIODIC.includes(is) ? 'timeLimit' : 'finished']));
  });
});

test('the rows have every option, and differ', () => {
  const rows = ROWS.map(name => JSON.stringify({ ...GENERATIONS[name].options }));
  expect(new Set(rows).size).toBe(rows.length);
  for (const name of ROWS) {
    for (const [option, value] of Object.entries(GENERATIONS[name].options)) expect(VALUES).toContainEqual([option, value]);
  }
});
