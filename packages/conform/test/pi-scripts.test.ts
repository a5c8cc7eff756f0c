/** Priority-inheritance scripts: every expectation of every file, and what the files leave out. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformFile } from '../src/index.js';

const FOLDER = join(import.meta.dirname, '..', 'data', 'rt-mutex');
const NAMES = readdirSync(FOLDER).filter(name => name.endsWith('.json'));

let compared = 0;
afterAll(() => void process.stdout.write(`pi-scripts: ${compared} expectations in ${NAMES.length} files\n`));

test.each(NAMES)('%s', name => {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  const expectations = (JSON.parse(text) as { steps: object[] }).steps.filter(step => 'expect' in step).length;
  const result = conformFile(name, text);
  compared += result.compared;
  expect(result).toMatchObject({ kind: 'pi-script', ok: true, failed: 0, compared: expectations });
});

const lock = (task: number, which: number, more: object = {}) => ({ do: 'lock', task, lock: which, ...more });
const unlock = (task: number, which: number) => ({ do: 'unlock', task, lock: which });
const owner = (which: number, task: number) => ({ expect: 'owner', lock: which, task });
const blocked = (task: number, which: number) => ({ expect: 'blocked', task, lock: which });
const prio = (task: number, value: number) => ({ expect: 'effective_rt_prio', task, value });
const result = (task: number, value: string | number) => ({ expect: 'last_result', task, value });

function judge(prios: readonly number[], locks: number, steps: readonly object[]) {
  const tasks = prios.map((rt_prio, id) => ({ id, rt_prio }));
  return conformFile('script.json', JSON.stringify({ schema: 'pi-script/1', id: 'x', title: 'x', tasks, locks, steps }));
}

test.each<[what: string, prios: number[], locks: number, steps: object[]]>([
  [
    'a blocked task that is raised goes to the front and raises the owner; lowered, it falls back behind its equals',
    [10, 20, 30, 30],
    1,
    [
      ...[lock(0, 0), lock(1, 0), lock(2, 0), prio(0, 30)],
      ...[{ do: 'set_priority', task: 1, rt_prio: 40 }, prio(1, 40), prio(0, 40)],
      ...[{ do: 'set_priority', task: 1, value: 30 }, prio(0, 30), unlock(0, 0), owner(0, 2), prio(0, 10)],
      ...[lock(3, 0), unlock(2, 0), owner(0, 1), unlock(1, 0), owner(0, 3)],
    ],
  ],
  [
    'an owner whose own priority is raised above its boost keeps it after the release',
    [0, 50],
    1,
    [
      lock(0, 0),
      lock(1, 0),
      prio(0, 50),
      { do: 'set_priority', task: 0, rt_prio: 60 },
      prio(0, 60),
      unlock(0, 0),
      prio(0, 60),
      owner(0, 1),
    ],
  ],
  [
    'the order changes while nobody owns the lock: the new first waiter is woken and takes it',
    [10, 20, 30],
    1,
    [
      ...[lock(0, 0), lock(1, 0), lock(2, 0, { hold_after_wakeup: true }), unlock(0, 0)],
      ...[{ expect: 'woken_not_owner', task: 2, lock: 0 }, { do: 'set_priority', task: 1, rt_prio: 40 }, owner(0, 1)],
      ...[{ do: 'continue', task: 2 }, blocked(2, 0), prio(1, 40), unlock(1, 0), { expect: 'woken_not_owner', task: 2, lock: 0 }],
      ...[{ do: 'continue', task: 2 }, owner(0, 2), unlock(2, 0), { expect: 'free', lock: 0 }],
    ],
  ],
  [
    'an equal newcomer waits for a lock that was left to another',
    [10, 20, 20],
    1,
    [
      ...[lock(0, 0), lock(1, 0, { hold_after_wakeup: true }), unlock(0, 0), lock(2, 0), blocked(2, 0)],
      ...[{ do: 'continue', task: 1 }, owner(0, 1), unlock(1, 0), owner(0, 2)],
    ],
  ],
  [
    'a wait that would close a cycle is refused where that was asked for, and the boosts are undone',
    [10, 20, 30],
    3,
    [
      ...[lock(0, 0), lock(1, 1), lock(2, 2), lock(0, 1), lock(1, 2), prio(2, 30)],
      ...[lock(2, 0, { detect_deadlock: true }), result(2, 'EDEADLK'), { expect: 'not_blocked', task: 2 }, prio(0, 10), prio(1, 20)],
      ...[unlock(2, 2), owner(2, 1), result(1, 0), unlock(1, 2), unlock(1, 1), owner(1, 0)],
    ],
  ],
  [
    'a signal ends only a wait that is interruptible',
    [0, 80],
    1,
    [...[lock(0, 0), lock(1, 0), { do: 'signal', task: 1 }, blocked(1, 0), prio(0, 80), unlock(0, 0), owner(0, 1)]],
  ],
])('%s', (_what, prios, locks, steps) => {
  expect(judge(prios, locks, steps)).toMatchObject({ ok: true, failed: 0 });
});

test('what does not hold is said, with its place', () => {
  expect(judge([0, 80], 1, [lock(0, 0), lock(1, 0), prio(0, 81)])).toMatchObject({
    ok: false,
    failed: 1,
    first: 'steps[2] (effective_rt_prio): expected 81, found 80',
  });
});

test('a step of no known kind makes the file invalid', () => {
  expect(judge([0], 1, [{ do: 'dance', task: 0 }]).invalid).toMatch(/script.json/);
});
