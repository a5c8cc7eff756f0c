import { CLASSIC_CLASSES, LOCK_CHOICES } from '@proxysched/preset-classic';
import { LOCK_RULES, RESEARCH_CLASSES } from '../src/program.js';
import { INVERSION, makeWorld } from './fake-io.js';

const world = makeWorld();
const task = (name: string, offset: number, priority: number, body: unknown[]) => ({
  name,
  id: priority,
  period: 100,
  deadline: 60,
  wcet: 9,
  offset,
  priority,
  cpu: 0,
  body,
});
const SET = {
  format: 'peer-taskset/1',
  cpus: 1,
  horizon: 1000,
  resources: [{ name: 'R' }],
  tasks: [
    task('high', 12, 1, [
      ['run', 1],
      ['lock', 'R'],
      ['run', 7],
      ['unlock', 'R'],
      ['run', 1],
    ]),
    task('middle', 15, 2, [['run', 9]]),
    task('low', 10, 3, [
      ['run', 1],
      ['lock', 'R'],
      ['run', 7],
      ['unlock', 'R'],
      ['run', 1],
    ]),
  ],
};
const file = world.file('set.json', JSON.stringify(SET));
type Run = {
  run: { classes: string[]; locks: string | null };
  outcome: string;
  tasks: { name: string; figures: Record<string, number> }[];
};
const json = async (...argv: string[]): Promise<Run> => JSON.parse((await world.run('run', ...argv, '--json')).out) as Run;

test('the command line names what there is', () => {
  expect(RESEARCH_CLASSES).toEqual(Object.keys(CLASSIC_CLASSES));
  expect(LOCK_RULES).toEqual(Object.keys(LOCK_CHOICES));
});

test('a task set runs in pfp, with any rule for locks; inheritance and proxy execution end the inversion alike', async () => {
  const worst = async (locks: string): Promise<number> => (await json(file, '--locks', locks)).tasks[0]!.figures['maxResponse']!;
  expect(await json(file)).toMatchObject({ run: { classes: ['pfp'], locks: 'prio' } });
  expect([await worst('fifo'), await worst('prio'), await worst('pip'), await worst('proxy')]).toEqual([24, 24, 15, 15]);
});

test('the summary has the jobs of each task, and the command that repeats it', async () => {
  const { out, code } = await world.run('run', file, '--class', 'gedf', '--locks', 'pip');
  expect(code).toBe(0);
  expect(out).toContain('class gedf, locks pip');
  expect(out).toMatch(/^ jobs +released +done +missed/m);
  const again = /reproduce: proxysched (.*)/.exec(out)![1]!.split(' ');
  expect((await world.run(...again)).out).toBe(out);
});

test.each(RESEARCH_CLASSES)('%s takes the tasks of any workload', async cls => {
  const scenario = world.file(`${cls}.yaml`, INVERSION);
  expect(await json(scenario, '--class', cls)).toMatchObject({ run: { classes: [cls], locks: 'prio' }, outcome: 'finished' });
});

test('what does not go together is refused', async () => {
  expect(await world.run('run', file, '--class', 'gedf', '--proxy', '7.3')).toMatchObject({ code: 2 });
  expect(await world.run('run', file, '--class', 'lottery')).toMatchObject({ code: 2 });
  expect(await world.run('run', world.file('plain.yaml', INVERSION), '--locks', 'pip')).toMatchObject({ code: 2 });
  const refused = await world.run('run', file, '--class', 'gfp', '--locks', 'proxy', '--cpus', '2');
  expect(refused).toMatchObject({ code: 3, err: expect.stringContaining('is for one CPU, not 2') });
});

test('all that is wrong with a task set is said at once', async () => {
  const [high, middle, low] = SET.tasks;
  const wrong = {
    ...SET,
    tasks: [
      { ...high, cpu: 3 },
      { ...middle, wcet: 8 },
      {
        ...low,
        body: [
          ['run', 8],
          ['lock', 'Q'],
          ['run', 1],
        ],
      },
      { name: 'x' },
    ],
  };
  const { code, err } = await world.run('check', world.file('wrong.json', JSON.stringify(wrong)));
  expect(code).toBe(3);
  for (const what of ['CPU 3 does not exist', 'add up to 9 ns, its "wcet" is 8', 'no resource "Q"', 'period']) expect(err).toContain(what);
});
