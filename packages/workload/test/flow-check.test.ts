import { NO_COSTS, type Op } from '@proxysched/core';
import { checkFlow, demandOf } from '../src/flow-check.js';

const run: Op = { op: 'run', ns: 5 };
const lock = (mutex: number): Op => ({ op: 'lock', mutex });
const unlock = (mutex: number): Op => ({ op: 'unlock', mutex });
const jump = (to: number, times: number): Op => ({ op: 'jump', to, times });
const kinds = (...ops: Op[]): string[] => checkFlow(ops).map(f => `${f.kind}@${f.pc}`);

test('a sound program', () => {
  expect(kinds(lock(0), run, lock(1), unlock(0), unlock(1), jump(0, -1))).toEqual([]);
  expect(kinds(lock(0), { op: 'wait', cond: 0, mutex: 0 }, lock(0), unlock(0))).toEqual([]);
  expect(kinds()).toEqual([]);
});

test.each<[string, Op[], string[]]>([
  ['unlock without lock', [unlock(0)], ['unlock@0']],
  ['relock', [lock(0), lock(0), unlock(0)], ['relock@1']],
  ['held at the end', [lock(0), run], ['heldAtEnd@1']],
  ['held at an exit', [lock(0), { op: 'exit' }, unlock(0)], ['heldAtEnd@1']],
  ['held when it comes round', [lock(0), run, jump(0, 2), unlock(0)], ['relock@0']],
  ['released once too often', [lock(0), unlock(0), jump(1, 1)], ['unlock@1']],
  ['wait without the mutex', [{ op: 'wait', cond: 0, mutex: 0 }], ['wait@0']],
  ['endless without time', [{ op: 'yield' }, jump(0, -1)], ['noTime@1']],
  ['endless around endless', [{ op: 'yield' }, jump(0, -1), jump(0, -1)], ['noTime@1']],
])('%s', (_, ops, faults) => {
  expect(kinds(...ops)).toEqual(faults);
});

test('a cost is time', () => {
  const costs = { ...NO_COSTS, lockOp: 1 };
  const ops = [lock(0), unlock(0), jump(0, -1)];
  expect(checkFlow(ops, costs)).toEqual([]);
  expect(checkFlow(ops).map(f => f.kind)).toEqual(['noTime']);
});

test('deep nests of loops take no longer than their length', () => {
  const ops: Op[] = Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? run : jump(0, 3)));
  expect(checkFlow([lock(0), unlock(0), ...ops])).toEqual([]);
});

test('a context around thousands of mutexes takes no longer than its length', () => {
  const n = 2046;
  const mutexes = Array.from({ length: n }, (_, i) => i);
  const locks = mutexes.map((mutex): Op => ({ op: 'lock', mutex, orElse: 2 * n + 3 }));
  const ops: Op[] = [{ op: 'wbegin' }, ...locks, ...mutexes.reverse().map(unlock), { op: 'wend' }, { op: 'exit' }];
  let asked = 0;
  const faults = checkFlow([...ops, { op: 'wbackoff', to: 1, slow: true }], NO_COSTS, () => ++asked > 0);
  expect(faults).toEqual([]);
  expect(asked).toBeLessThanOrEqual(2 * n);
});

test('whoever backs off keeps what it took outside the context, and lets go of the rest', () => {
  const transaction: Op[] = [{ op: 'wbegin' }, { op: 'lock', mutex: 1, orElse: 7 }, unlock(1), { op: 'wend' }, unlock(0), { op: 'exit' }];
  const check = (to: number): string[] =>
    checkFlow([lock(0), ...transaction, { op: 'wbackoff', to, slow: true }], NO_COSTS, m => m === 1).map(f => `${f.kind}@${f.pc}`);
  expect(check(2)).toEqual([]);
  expect(check(3)).toEqual(['unlock@3']);
  expect(check(6)).toEqual(['heldAtEnd@6']);
});

test('demand counts every turn', () => {
  expect(demandOf([run, run, jump(1, 2), jump(0, 1)])).toBe(40);
  expect(demandOf([run, jump(0, -1)])).toBe(Infinity);
  expect(demandOf([])).toBe(0);
});
