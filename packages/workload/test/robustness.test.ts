import type { Scenario } from '@proxysched/core';
import fc from 'fast-check';
import { renderDiagnostic } from '../src/index.js';
import { read } from './helpers.js';

const seeds = [
  `version: 1\nuntil: 1s\nmachine: {cpus: 2, hz: 1000, costs: {lockOp: 1us}}\ngroups: [{name: g}]\nmutexes: ['M{0..3}']\nbarriers: [{name: b, count: 2}]\ntasks:
  - name: w{i}\n    instances: 3\n    policy: {nice: 5, slice: 3ms}\n    cpus: ['{i%2}']\n    group: g
    program: [{lock: 'M{i}'}, {run: {uniform: [1ms, 2ms]}}, {unlock: 'M{i}'}, {repeat: {times: forever, do: [{period: 10ms}, {setGroup: g}]}}]
  - name: t\n    template: true\n    program: [yield, {barrier: b}]\n  - {name: f, program: [{fork: t}, {lock: M0}, {wait: {cond: c, mutex: M0}}, {unlock: M0}]}\n`,
  '{"tasks":{"a":{"instance":2,"loop":3,"phases":{"p":{"loop":2,"run":1,"timer":{"ref":"unique","period":5}},"q":{"cpus":[1],"policy":"SCHED_FIFO","lock":"m","wait":{"ref":"c","mutex":"m"},"unlock":"m"}}},"b":{"suspend":"x","run":1,"fork":"a"},},"global":{"duration":1}}',
  '{"id":"r","machine":{"config":{"hz":1000,"cpus":2,"proxy_exec":true}},"duration_us":9,"cgroups":[{"name":"g","weight":7}],"tasks":[{"name":"T","policy":"rr","prio":3,"cgroup":"g","loops":-1,"ops":[["lock",2],["run",3],["unlock",2],["period",9]]}]}',
];
const scraps = [
  ...'{}[]:,"\'-?&*!|#%@` \n\t\\',
  '0',
  '-1',
  '1e9',
  '99999999999',
  '{i}',
  'null',
  '~',
  '[]',
  '{}',
  '*a',
  '&a',
  '""',
  'x',
  'ms',
  '\u2028',
  '\ud800',
];

const edited = fc
  .tuple(
    fc.constantFrom(...seeds),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 12 }), fc.oneof(fc.constantFrom(...scraps), fc.string({ maxLength: 5 }))), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([seed, edits]) =>
    edits.reduce((text, [at, cut, put]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + put + text.slice(from + cut);
    }, seed),
  );

test('the texts that are edited below are right', () => {
  for (const seed of seeds) expect(read(seed).diagnostics.filter(d => d.severity === 'error')).toEqual([]);
});

test('no text makes the reader throw; a failure has an error, each within the text', () => {
  fc.assert(
    fc.property(edited, text => {
      const result = read(text);
      const lines = text.split('\n').length;
      if (!result.ok) expect(result.diagnostics.some(d => d.severity === 'error')).toBe(true);
      for (const d of result.diagnostics) {
        expect(d.line >= 0 && d.line <= lines && d.column >= 0).toBe(true);
        renderDiagnostic(d, text, { color: false });
      }
      if (result.ok) wellFormed(result.scenario);
    }),
    { numRuns: 1500 },
  );
});

test('any JSON at all', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 10 }), text => void read(text)),
    { numRuns: 300 },
  );
});

/** Refers to nothing that is not there; times are whole nanoseconds. */
function wellFormed(s: Scenario): void {
  const time = (ns: number): void => expect(Number.isSafeInteger(ns) && ns >= 0).toBe(true);
  const within = (id: number, list: readonly unknown[]): void => expect(Number.isInteger(id) && id >= 0 && id < list.length).toBe(true);
  time(s.until);
  const names = new Set(s.tasks.map(t => t.comm));
  expect(names.size).toBe(s.tasks.length);
  for (const [id, g] of s.groups.entries()) expect(g.parent < Math.max(1, id)).toBe(true);
  for (const t of s.tasks) {
    expect(t.comm).toMatch(/^[\x21-\x7e]{1,15}$/);
    time(t.start);
    within(t.group, s.groups);
    for (const cpu of t.cpus ?? [0]) expect(cpu >= 0 && cpu < s.machine.cpus).toBe(true);
    expect(t.cpus?.length).not.toBe(0);
    for (const [pc, op] of t.program.ops.entries()) {
      if ('ns' in op) time(op.ns);
      if ('mutex' in op) within(op.mutex, s.mutexes);
      if ('cond' in op) within(op.cond, s.conditions);
      if ('barrier' in op) within(op.barrier, s.barriers);
      if ('sem' in op) within(op.sem, s.semaphores);
      if ('group' in op) within(op.group, s.groups);
      if (op.op === 'timer') within(op.timer, s.timers);
      if (op.op === 'timer') time(op.period);
      if (op.op === 'fork') expect(s.tasks[op.task]?.template).toBe(true);
      if (op.op === 'jump') expect(op.to >= 0 && op.to <= pc).toBe(true);
    }
  }
}
