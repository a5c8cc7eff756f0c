/** What a machine is, as a scenario or a setting tells it, and what may be said of it beside. */
import { Topology } from '@proxysched/core';
import { codes, places, read, scenarioOf } from './helpers.js';

const text = (machine: string): string =>
  `version: 1\nuntil: 1ms\nmachine: ${machine}\ntasks: [{name: a, program: [{run: 1ms}], cpus: ["0-1"]}]`;
const levels = (machine: string, cpu = 0): string[] => {
  const list: string[] = [];
  for (let sd = Topology.of(scenarioOf(text(machine)).machine).domains[cpu] ?? null; sd !== null; sd = sd.parent)
    list.push(`${sd.level}${sd.weight}`);
  return list;
};

test.each([
  ['{ topology: epyc-2x64-smt }', ['SMT2', 'MC16', 'PKG128', 'NUMA256']],
  ['{ topology: pixel-4+3+1 }', ['MC8']],
  ['{ topology: smp-6, cpus: 6 }', ['MC6']],
  ['{ cpus: 6 }', ['MC6']],
  ['{ topology: { cores: 8, threads: 2, llc: 4 } }', ['SMT2', 'MC8', 'PKG16']],
  ['{ topology: { sockets: 2, cores: 4, cluster: 2, distances: [[10, 20], [20, 10]] } }', ['CLS2', 'MC4', 'NUMA8']],
])('%s', (machine, expected) => {
  expect(levels(machine)).toEqual(expected);
});

test('capacities are those of the cores of each socket', () => {
  const { topology } = scenarioOf(text('{ topology: { sockets: 2, cores: 2, capacities: [512, 1024] } }')).machine;
  expect(topology?.capacity).toEqual([512, 1024, 512, 1024]);
});

test.each([
  ['{ topology: epyc }', 'E093 3:22', /did you mean "epyc-2x64-smt"/],
  ['{ topology: smp-2000 }', 'E094 3:22', /it has 2000 CPUs/],
  ['{ topology: { cores: 4, llc: 3 } }', 'E094 3:24', /caches for 3 cores each do not divide a node of 4/],
  ['{ topology: smp-4, cpus: 2 }', 'E095 3:35', /this topology has 4 CPUs, and cpus says 2/],
  ['{ topology: { cores: 0 } }', 'E072 3:31', /./],
  ['{ topology: { core: 4 } }', 'E073 3:24', /"cores"/],
])('%s is refused where it stands', (machine, place, message) => {
  const result = read(text(machine));
  expect(places(result)).toContain(place);
  expect(result.diagnostics.map(d => [d.message, ...(d.help ?? [])].join(' ')).join(' ')).toMatch(message);
});

test('--cpus does not change a machine that is told; another one may be taken', () => {
  expect(places(read(text('{ topology: smp-4 }'), { cpus: 8 }))).toEqual(['E095 3:22']);
  expect(scenarioOf(text('{ topology: smp-4 }'), { cpus: 4 }).machine.cpus).toBe(4);
  const taken = scenarioOf(text('{ topology: smp-4 }'), { overrides: { 'machine.topology': 'pixel-4+3+1' } }).machine;
  expect([taken.cpus, taken.topology?.capacity[7]]).toEqual([8, 1024]);
  expect(scenarioOf(text('{ cpus: 4 }'), { overrides: { 'machine.topology': 'smp-2' } }).machine.cpus).toBe(2);
  expect(codes(read(text('{ cpus: 4 }'), { cpus: 4, overrides: { 'machine.topology': 'smp-2' } }))).toEqual(['E095']);
  expect(codes(read(text('{ cpus: 4 }'), { overrides: { 'machine.topology': 'big' } }))).toEqual(['E091']);
});

test('an rt-app file runs on it as it is', () => {
  const app = { tasks: { a: { run: 1000 } }, global: { duration: 1 } };
  const { machine } = scenarioOf(app, { overrides: { 'machine.topology': 'pixel-4+3+1' } });
  expect([machine.cpus, machine.topology?.capacity[0]]).toEqual([8, 307]);
});
