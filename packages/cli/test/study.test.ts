import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeadlockPolicy } from '@proxysched/core';
import { deadlockModule } from '@proxysched/deadlock';
import { studyWorkloads } from '@proxysched/study';
import { makeWorld } from './fake-io.js';

const world = makeWorld();

test('deadlock: a line for each policy, in 80 columns', async () => {
  const { code, out, err } = await world.run(
    'study',
    'deadlock',
    '--policy',
    'brent+dequeue',
    '--policy',
    'depth:32+halt',
    '--workload',
    'cycle-4',
    '--workload',
    'chain-64',
  );
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^ brent\+dequeue +0\/1 +0\/1 +at once +\d+ +- /m);
  expect(out).toMatch(/^ depth:32\+halt +1\/1 +0\/1 /m);
  // The matrix: a column for each workload, under its kind and size.
  expect(out).toMatch(/^ {20,}cycle {2}chain\n policy +4 +64\n brent\+dequeue +n +\.\n depth:32\+halt +e +F$/m);
  expect(Math.max(...out.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
});

test('storm: a line for each generation, in 80 columns', async () => {
  const { code, out } = await world.run('study', 'storm', '--cpus', '8');
  expect(code).toBe(0);
  for (const name of ['off', 'v4-debug', '7.3', 'full']) expect(out).toMatch(new RegExp(`^ ${name} +finished +\\d+\\.\\d{3} +16 `, 'm'));
  expect(Math.max(...out.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
});

test('the matrix of all workloads fits 80 columns', async () => {
  // Those of a thousand take a second each, and are as wide as these.
  const names = studyWorkloads().map(w => w.name);
  const some = names.filter(name => !/1024$|storm-256/.test(name)).flatMap(name => ['--workload', name]);
  const { out } = await world.run('study', 'deadlock', '--policy', 'brent+wound+fewestLocks', ...some);
  expect(names.length).toBe(16);
  expect(out).toMatch(/^ policy +2 3 4 8 16 32 64 8z {2}64 256 {2}64 256 {3}64$/m);
  expect(Math.max(...out.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
  // Two more of `1k` and one of `256`.
  expect(/^ policy +2 .*$/m.exec(out)![0].length + 3 + 3 + 4).toBeLessThanOrEqual(80);
});

test('--quick takes some of each kind', async () => {
  const { out } = await world.run('study', 'deadlock', '--quick', '--policy', 'wound');
  expect(out).toMatch(/^ policy +2 8 8z +256 +256 +64\n wound +o o +o +\. +\. +\.$/m);
});

test('--svg draws the matrix', async () => {
  const { code, err } = await world.run('study', 'deadlock', '--policy', 'halt', '--workload', 'cycle-2', '--svg', 'matrix.svg');
  expect({ code, err }).toEqual({ code: 0, err: 'wrote matrix.svg\n' });
  expect(readFileSync(join(world.cwd, 'matrix.svg'), 'utf8')).toMatch(/^<svg [^]*>halt<[^]*>e<[^]*<\/svg>\n$/);
});

describe('--module', () => {
  const idle: DeadlockPolicy = { name: 'mine', onCycle: () => ({ kind: 'idle' }), onStall: () => ({ kind: 'halt' }) };

  test('studies a policy of one’s own beside those with a short name', async () => {
    world.file('mine.js', '');
    const modules = { 'mine.js': { default: deadlockModule(idle) } };
    const { code, out } = await world.runWith({ modules }, 'study', 'deadlock', '--module', './mine.js', '--workload', 'waiters-64');
    expect(code).toBe(0);
    for (const name of ['./mine.js', 'halt', 'dequeue', 'wound', 'edeadlk', 'repicks']) expect(out).toContain(`\n ${name} `);
    expect(out).toMatch(/^ \.\/mine\.js +\.$/m);
    expect(out).toMatch(/^ repicks +F$/m);
  });

  test('a module without a policy is told so, one that fails is named', async () => {
    world.file('none.js', '');
    const none = { 'none.js': { default: { name: 'none', register: () => undefined } } };
    expect(await world.runWith({ modules: none }, 'study', 'deadlock', '--module', './none.js')).toMatchObject({
      code: 3,
      err: expect.stringMatching(/module \.\/none\.js: it brings no deadlock policy/) as string,
    });
  });
});

test('--json carries a schema, verdicts and single runs', async () => {
  const { out } = await world.run('study', 'deadlock', '--policy', 'halt', '--workload', 'cycle-2', '--json');
  expect(JSON.parse(out)).toMatchObject({
    schema: 'proxysched/study-deadlock/1',
    generation: '7.3',
    verdicts: [{ missed: 0 }],
    runs: [{ detectAfter: 0 }],
  });
});

test.each([
  [['--policy', 'pray'], /no detector named "pray"/],
  [['--policy', 'wuond'], /no detector named "wuond"[^]*did you mean "wound"/],
  [['--policy', 'brent+dequeu'], /no action named "dequeu"[^]*did you mean "dequeue"/],
  [['--policy', 'brent+wound+yuongest'], /no victims named "yuongest"[^]*did you mean "youngest"/],
  [['--workload', 'cycle-5'], /no workload "cycle-5"\n {2}= did you mean "cycle-2"\?\n {2}= there are cycle-2, cycle-3/],
  [['--proxy', '6.71'], /did you mean "6.17"/],
])('usage: %j', async (argv, said) => {
  const { code, out, err } = await world.run('study', 'deadlock', ...argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(said);
});
