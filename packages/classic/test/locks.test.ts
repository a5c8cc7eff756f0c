/** What becomes of a lock at its release, and of its owner while somebody waits: by the rules of each kind. */
import { lock, run, runOf, scenarioOf, unlock, type TestTask } from '@proxysched/core/test-kit';
import { FirstCome, MostImportant, Partitioned, PriorityInheritance, priority } from '../src/index.js';

const task = (prio: number, start: number, ops: TestTask['ops']): TestTask => ({
  policy: { kind: 'custom', class: 'fp', params: { priority: prio } },
  start,
  ops,
});

function order(kind: string, tasks: Record<string, TestTask>, mutexes = 2): { readonly taken: string[]; readonly ran: string[] } {
  const scenario = scenarioOf({ tasks, mutexes });
  const { sink } = runOf(
    { ...scenario, mutexes: scenario.mutexes.map(m => ({ ...m, kind })) },
    {
      classes: kernel => [new Partitioned('fp', kernel, priority)],
      lockRules: kernel => [new FirstCome(), new MostImportant(kernel), new PriorityInheritance(kernel)],
    },
  );
  return {
    taken: sink.of('mutexAcquired').map(line => line.split(' ').slice(2, 4).join(' ')),
    ran: sink.ran.map(r => `${r.task} ${r.from}-${r.to}`),
  };
}

/** `low` holds what two wait for: first the less important, then the more important one. */
const two = {
  low: task(9, 0, [lock(0), run(10), unlock(0), run(5)]),
  mid: task(5, 2, [lock(0), run(3), unlock(0)]),
  high: task(1, 4, [lock(0), run(3), unlock(0)]),
};

test('fifo: the first waiter owns it at once, and a more important one waits on', () => {
  expect(order('fifo', two).taken).toEqual(['low m0', 'mid m0', 'high m0']);
});

test.each(['prio', 'pip'])('%s: the most important waiter owns it', kind => {
  expect(order(kind, two).taken).toEqual(['low m0', 'high m0', 'mid m0']);
});

test('pip: an owner is raised over whoever has no part in it, through a chain of locks, and falls back at each release', () => {
  const chain = {
    low: task(9, 0, [lock(1), run(10), unlock(1), run(5)]),
    link: task(8, 1, [lock(0), lock(1), run(2), unlock(1), unlock(0), run(2)]),
    high: task(1, 3, [lock(0), run(1), unlock(0)]),
    mid: task(5, 4, [run(20)]),
  };
  expect(order('pip', chain).ran).toEqual([
    'low 0-1',
    'low 1-3',
    'low 3-10',
    'link 10-12',
    'high 12-13',
    'mid 13-33',
    'link 33-35',
    'low 35-40',
  ]);
  // Without it `mid` comes between.
  expect(order('prio', chain).ran.indexOf('mid 4-24')).toBeGreaterThan(0);
});

test('pip: an owner that several locks raise keeps what the others give it', () => {
  const nested = {
    low: task(9, 0, [lock(0), lock(1), run(10), unlock(1), run(5), unlock(0), run(1)]),
    one: task(1, 2, [lock(1), run(1), unlock(1)]),
    two: task(2, 3, [lock(0), run(1), unlock(0)]),
    mid: task(5, 4, [run(20)]),
  };
  expect(order('pip', nested).ran.slice(-5)).toEqual(['one 10-11', 'low 11-16', 'two 16-17', 'mid 17-37', 'low 37-38']);
});
