import { FixedPriority } from '@proxysched/core/test-kit';
import { add, defineModule, KERNEL, get, SCHED_CLASS } from '@proxysched/kit';
import { makeWorld, type Ended } from './fake-io.js';

const world = makeWorld();

const periodic = (name: string, policy: string, body: string, every: string, more = ''): string =>
  `  - {name: ${name}, policy: ${policy}, ${more}program: [{repeat: {times: forever, do: [${body}, {period: ${every}}]}}]}\n`;
const set = (tasks: string, machine = 'cpus: 1'): string => `version: 1\nuntil: 400ms\nmachine: {${machine}}\ntasks:\n${tasks}`;
const run = async (yaml: string, ...more: string[]): Promise<Ended> => world.run('run', world.file('x.yaml', yaml), '--bounds', ...more);
/** The line of a task in the table of bounds. */
function lineOf({ out }: Ended, task: string): string {
  const table = out.slice(out.indexOf('\n bounds\n'));
  return table.split('\n').find(line => line.startsWith(` ${task} `)) ?? '';
}

/** `schedcat-rta-four`: published responses of 1, 2, 7 and 18. */
const FOUR = set(
  periodic('t1', 'fifo 40', '{run: 1ms}', '4ms') +
    periodic('t2', 'fifo 30', '{run: 1ms}', '5ms') +
    periodic('t3', 'fifo 20', '{run: 3ms}', '9ms') +
    periodic('t4', 'fifo 10', '{run: 3ms}', '18ms'),
);

const INVERSION = set(
  '  - {name: high, policy: fifo 30, start: 3ms, program: [{run: 1ms}, {lock: R}, {run: 2ms}, {unlock: R}, {run: 1ms}]}\n' +
    '  - {name: mid, policy: fifo 20, start: 4ms, program: [{run: 10ms}]}\n' +
    '  - {name: low, policy: fifo 10, program: [{run: 1ms}, {lock: R}, {run: 4ms}, {unlock: R}, {run: 1ms}]}\n',
);

const RELEASE = ['--set', 'proxy.lendUntil=release'] as const;

describe('bounds that apply and hold', () => {
  test('fixed priorities: the first jobs attain what is published', async () => {
    const ended = await run(FOUR);
    expect(ended.code).toBe(0);
    const published: readonly (readonly [string, number])[] = [
      ['t1', 1],
      ['t2', 2],
      ['t3', 7],
      ['t4', 18],
    ];
    for (const [task, ms] of published)
      expect(lineOf(ended, task)).toMatch(new RegExp(`response ${ms}(\\.0+)? ms at .* within ${ms}(\\.0+)? ms .*response-time analysis`));
  });

  test('with locks: blocking as with inheritance, where an owner lends no longer than to the release', async () => {
    const ended = await run(INVERSION, ...RELEASE);
    expect(ended.code).toBe(0);
    expect(lineOf(ended, 'high')).toMatch(/response 6(\.0+)? ms .* within 8(\.0+)? ms .*blocked as with inheritance for 4 ms/);
  });

  test('EDF on one CPU, with a task that overruns its budget beside them', async () => {
    const ended = await run(
      set(periodic('a', 'deadline 4ms/10ms', '{run: 4ms}', '10ms') + periodic('b', 'deadline 9ms/20ms', '{run: 12ms}', '20ms')),
    );
    expect(ended.code).toBe(0);
    expect(lineOf(ended, 'a')).toMatch(/within .*EDF, worst release pattern/);
    expect(lineOf(ended, 'b')).toMatch(/no bound: a job asks for more than its budget/);
  });

  test('global EDF: tardiness', async () => {
    const ended = await run(
      set(
        periodic('t1', 'deadline 80ms/100ms', '{run: 80ms}', '100ms') +
          periodic('t2', 'deadline 33ms/66ms', '{run: 33ms}', '66ms') +
          periodic('t3', 'deadline 7ms/10ms', '{run: 7ms}', '10ms'),
        'cpus: 2',
      ),
      // They ask for both CPUs whole, of which the servers of the fair class want their share.
      '--set',
      'deadline.serverRuntime=0',
    );
    expect(ended.code).toBe(0);
    expect(lineOf(ended, 't1')).toMatch(/tardiness .* within 116\.5(0+)? ms .*global EDF/);
    expect(lineOf(ended, 't3')).toMatch(/within 43\.5(0+)? ms/);
  });

  test('EEVDF: lag of tasks that never sleep', async () => {
    const hog = (name: string, nice: number): string => `  - {name: ${name}, policy: nice ${nice}, program: [{run: 1s}]}\n`;
    const ended = await run(set(hog('a', 0) + hog('b', 5) + hog('c', -3)));
    expect(ended.code).toBe(0);
    for (const task of ['a', 'b', 'c']) expect(lineOf(ended, task)).toMatch(/lag .* within .*EEVDF/);
  });
});

describe('research classes', () => {
  test('fixed priorities, with inheritance', async () => {
    expect(lineOf(await run(FOUR, '--class', 'pfp'), 't4')).toMatch(/within 18(\.0+)? ms .*response-time analysis/);
    for (const locks of ['pip', 'proxy']) {
      const ended = await run(INVERSION, '--class', 'pfp', '--locks', locks);
      expect(ended.code).toBe(0);
      expect(lineOf(ended, 'high')).toMatch(/within 8(\.0+)? ms .*blocked as with inheritance/);
    }
    expect(lineOf(await run(INVERSION, '--class', 'pfp', '--locks', 'prio'), 'high')).toMatch(/nothing inherits: unbounded/);
  });

  test('EDF: one CPU and several', async () => {
    const tasks = periodic('a', 'nice 0', '{run: 4ms}', '10ms') + periodic('b', 'nice 0', '{run: 11ms}', '20ms');
    expect(lineOf(await run(set(tasks), '--class', 'pedf'), 'b')).toMatch(/within .*EDF, worst release pattern/);
    expect(lineOf(await run(set(tasks + periodic('c', 'nice 0', '{run: 9ms}', '10ms'), 'cpus: 2'), '--class', 'gedf'), 'c')).toMatch(
      /tardiness .* within .*global EDF/,
    );
    const sleeper = '  - {name: s, policy: nice 0, program: [{run: 1ms}, {sleep: 1ms}, {run: 1ms}]}\n';
    expect(lineOf(await run(set(tasks + sleeper), '--class', 'pedf'), 'a')).toMatch(/no bound: s: its jobs are not/);
  });
});

describe('a bound that is exceeded', () => {
  /** First come, first served among FIFO tasks: nobody is preempted. */
  class Stubborn extends FixedPriority {
    override readonly name = 'stubborn';
    override wakeupPreempt(): boolean {
      return false;
    }
  }
  const broken = defineModule({
    name: 'stubborn',
    register: c => add(c, SCHED_CLASS, { factory: inner => new Stubborn(get(inner, KERNEL)) }),
  });
  const runBroken = async (...more: string[]): Promise<Ended> => {
    world.file('broken.js', '');
    const modules = { 'broken.js': { default: broken } };
    return world.runWith({ modules }, 'run', world.file('x.yaml', FOUR), '--bounds', '--module', './broken.js', ...more);
  };

  test('is marked, said on standard error, and ends with 4', async () => {
    const ended = await runBroken();
    expect(ended.code).toBe(4);
    expect(lineOf(ended, 't1')).toMatch(/EXCEEDED 1(\.0+)? ms/);
    expect(ended.err).toMatch(/error: t1: response of \d.* ms at .* ms is above its bound of 1(\.0+)? ms \(response-time analysis\)/);
  });

  test('also quietly, and in the JSON', async () => {
    const quiet = await runBroken('--quiet');
    expect(quiet).toMatchObject({ code: 4, out: '' });
    const { code, out } = await runBroken('--json');
    expect(code).toBe(4);
    const { bounds } = JSON.parse(out) as { bounds: Record<string, unknown>[] };
    expect(bounds[0]).toMatchObject({ task: 't1', quantity: 'response', boundNs: 1e6, exceeded: true });
  });
});

test('without --bounds nothing of it is there', async () => {
  const { code, out } = await world.run('run', world.file('x.yaml', FOUR));
  expect(code).toBe(0);
  expect(out).not.toContain(' bounds');
});

describe('why none applies', () => {
  const two = (first: string, second: string): string => set(first + second);
  const hog = '  - {name: x, policy: fifo 50, program: [{run: 1ms}, {sleep: 1ms}, {run: 1ms}]}\n';
  test.each<[what: string, yaml: string, task: string, said: RegExp, more?: readonly string[]]>([
    ['a job that sleeps', two(hog, periodic('t', 'fifo 10', '{run: 1ms}', '5ms')), 'x', /its jobs are not work and locks alone \(sleep\)/],
    [
      'something above that is not periodic',
      two(hog, periodic('t', 'fifo 10', '{run: 1ms}', '5ms')),
      't',
      /x, no less important: its jobs are not/,
    ],
    ['locks without inheritance', INVERSION, 'high', /nothing inherits: unbounded/, ['--proxy', 'off']],
    ['an owner that lends beyond the release', INVERSION, 'high', /proxy.lendUntil pick/],
    ['overload', two(periodic('t', 'fifo 10', '{run: 3ms}', '5ms'), periodic('u', 'fifo 20', '{run: 3ms}', '5ms')), 't', /overload/],
    [
      'a machine that costs time',
      FOUR.replace('cpus: 1', 'cpus: 1, costs: {contextSwitch: 1us}'),
      't1',
      /spends time on itself \(contextSwitch\)/,
    ],
    ['fixed priorities on two CPUs', FOUR.replace('cpus: 1', 'cpus: 2'), 't1', /fixed priorities on 2 CPUs/],
    [
      'a deadline task above',
      two(periodic('d', 'deadline 1ms/10ms', '{run: 1ms}', '10ms'), periodic('t', 'fifo 10', '{run: 1ms}', '5ms')),
      't',
      /d is of a class/,
    ],
    [
      'shares that are not steady',
      two(periodic('a', 'nice 0', '{run: 1ms}', '5ms'), periodic('b', 'nice 0', '{run: 1ms}', '5ms')),
      'a',
      /left the fair class/,
    ],
    [
      'groups',
      'version: 1\nuntil: 9ms\ngroups: [{name: g}]\ntasks: [{name: a, group: g, program: [{run: 20ms}]}]\n',
      'a',
      /there are groups/,
    ],
  ])('%s', async (_what, yaml, task, said, more = []) => {
    const ended = await run(yaml, ...more);
    expect(ended.code).toBe(0);
    expect(lineOf(ended, task)).toMatch(/no bound: /);
    expect(lineOf(ended, task)).toMatch(said);
  });
});
