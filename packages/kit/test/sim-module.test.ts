import { defineModule, moduleProblems, orderModules, type SimModule, type WiringError } from '../src/index.js';

function module(name: string, ...requires: SimModule[]): SimModule {
  return defineModule({ name, requires, register: () => {} });
}

/** Modules that require each other cannot be made with `defineModule`; hand-written ones can. */
function ring(...names: string[]): SimModule[] {
  const made = names.map(name => ({ name, requires: [] as SimModule[], register: () => {} }));
  made.forEach((m, i) => m.requires.push(made[(i + 1) % made.length]!));
  return made;
}

const summary = (problems: readonly WiringError[]): string[] => problems.map(p => `${p.code}: ${p.message}`);

test('a module is frozen, and so are its requirements', () => {
  const m = module('fair', module('pelt'));
  expect(Object.isFrozen(m)).toBe(true);
  expect(Object.isFrozen(m.requires)).toBe(true);
});

test('a requirement that an import cycle left undefined is named', () => {
  const broken = { name: 'a', requires: [undefined as unknown as SimModule], register: () => {} };
  expect(() => defineModule(broken)).toThrow('module a: requires[0] is undefined');
});

test('the order of the list is kept, also when a requirement comes later', () => {
  const proxy = module('proxy');
  const wound = module('wound', proxy);
  expect(orderModules([wound, proxy])).toEqual([wound, proxy]);
  expect(orderModules([])).toEqual([]);
});

test('a missing requirement', () => {
  expect(summary(moduleProblems([module('wound', module('proxy'))]))).toEqual([
    'requirement-missing: module wound requires proxy, which is not in the list',
  ]);
});

test('a requirement met by another copy only', () => {
  expect(moduleProblems([module('wound', module('proxy')), module('proxy')]).map(p => p.code)).toEqual(['requirement-copied']);
});

test('a module listed twice', () => {
  const rt = module('rt');
  expect(summary(moduleProblems([rt, module('fair'), rt]))).toEqual(['module-doubled: module rt is in the list twice, at 0 and at 2']);
});

test('a cycle prints its path, once', () => {
  expect(summary(moduleProblems(ring('a', 'b', 'c')))).toEqual(['requirement-cycle: modules require each other: a -> b -> c -> a']);
  expect(summary(moduleProblems(ring('self')))).toEqual(['requirement-cycle: modules require each other: self -> self']);
});

test('a cycle behind a module that is not part of it', () => {
  const [a, b] = ring('a', 'b');
  expect(moduleProblems([module('outside', a!), a!, b!]).map(p => p.message)).toEqual(['modules require each other: a -> b -> a']);
});

test('all problems are told at once', () => {
  const rt = module('rt');
  expect(() => orderModules([rt, rt, module('wound', module('proxy')), ...ring('a', 'b')])).toThrow(
    expect.objectContaining({
      code: 'several-problems',
      problems: [
        expect.objectContaining({ code: 'module-doubled' }),
        expect.objectContaining({ code: 'requirement-missing' }),
        expect.objectContaining({ code: 'requirement-cycle' }),
      ],
    }),
  );
});

test('a single problem is thrown as itself', () => {
  expect(() => orderModules([module('wound', module('proxy'))])).toThrow(expect.objectContaining({ code: 'requirement-missing' }));
});
