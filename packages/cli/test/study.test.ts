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
  expect(out).toMatch(/ brent\+dequeue +0\/1 +0\/1 +at once /);
  expect(out).toMatch(/ depth:32\+halt +1\/1 +0\/1 /);
  expect(Math.max(...out.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
});

test('storm: a line for each generation, in 80 columns', async () => {
  const { code, out } = await world.run('study', 'storm', '--cpus', '8');
  expect(code).toBe(0);
  for (const name of ['off', 'v4-debug', '7.3', 'full']) expect(out).toMatch(new RegExp(`^ ${name} .*16/16`, 'm'));
  expect(Math.max(...out.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
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
  [['--workload', 'cycle-5'], /no workload "cycle-5"\n {2}= there are cycle-2, cycle-3/],
  [['--proxy', '6.71'], /did you mean "6.17"/],
])('usage: %j', async (argv, said) => {
  const { code, out, err } = await world.run('study', 'deadlock', ...argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(said);
});
