/** The wait list, threaded through the tasks, against an array. */
import fc from 'fast-check';
import { ClassicResolver, Mutex, MutexRules, type Task } from '../src/index.js';
import { machineOf, scenarioOf } from '../src/test-kit/index.js';

const rules = new MutexRules({ resolver: new ClassicResolver() });
const tasksOf = (n: number): readonly Task[] =>
  machineOf(scenarioOf({ tasks: Array.from({ length: n }, () => ({ ops: [] })) })).machine.tasks;

test('waiters stand in order of arrival, whoever leaves', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { maxLength: 60 }), picks => {
      const tasks = tasksOf(6);
      const m = new Mutex(0, 'm', rules);
      const model: Task[] = [];
      for (const i of picks) {
        const p = tasks[i]!;
        const at = model.indexOf(p);
        if (at < 0) {
          m.addWaiter(p);
          model.push(p);
        } else {
          m.removeWaiter(p);
          model.splice(at, 1);
        }
        expect([...m.waiters()].map(String)).toEqual(model.map(String));
        expect([m.firstWaiter, m.lastWaiter, m.nrWaiters]).toEqual([model[0] ?? null, model.at(-1) ?? null, model.length]);
        for (const task of tasks) expect(task.waitsIn).toBe(model.includes(task) ? m : null);
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('the last waiter to leave takes the request for a hand-off with it', () => {
  const [a, b] = tasksOf(2);
  const m = new Mutex(0, 'm', rules);
  m.addWaiter(a!);
  m.addWaiter(b!);
  m.handoff = true;
  m.removeWaiter(a!);
  expect(m.handoff).toBe(true);
  m.removeWaiter(b!);
  expect(m.handoff).toBe(false);
});
