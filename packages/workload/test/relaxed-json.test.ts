import fc from 'fast-check';
import { parseRelaxedJson, type ParsedJson } from '../src/relaxed-json.js';
import { toPlain } from '../src/tree.js';

const plain = (text: string): unknown => {
  const parsed = parseRelaxedJson(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return JSON.parse(JSON.stringify(toPlain(parsed.root)));
};
const fault = (text: string): string => {
  const parsed: ParsedJson = parseRelaxedJson(text);
  return parsed.ok ? 'none' : `${parsed.problem.code} at ${parsed.at.offset}: ${parsed.problem.message}`;
};

test('agrees with JSON.parse on strict JSON', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), fc.constantFrom(undefined, 2, '\t'), (text, indent) => {
      const value: unknown = JSON.parse(text);
      const spaced = JSON.stringify(value, null, indent);
      expect(plain(spaced)).toEqual(JSON.parse(spaced));
    }),
    { numRuns: 300 },
  );
});

test('refuses what JSON.parse refuses, unless json-c takes it', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (text, cut) => {
      const part = text.slice(0, cut % (text.length + 1));
      let strict = true;
      try {
        JSON.parse(part);
      } catch {
        strict = false;
      }
      // A prefix of a JSON text is never relaxed JSON unless it is JSON: nothing relaxed closes a bracket.
      if (!strict && /^[[{"]/.test(part)) expect(parseRelaxedJson(part).ok).toBe(false);
      if (strict) expect(parseRelaxedJson(part).ok).toBe(true);
    }),
  );
});

test.each([
  ['{"a":1, /* b */ "c": 2 // d\n}', { a: 1, c: 2 }],
  ['{"a":[1,2,],}', { a: [1, 2] }],
  ["{'a': 'it\\'s'}", { a: "it's" }],
  ['{"a": TRUE, "b": False, "c": NULL}', { a: true, b: false, c: null }],
  ['{"a": 1} trailing { text', { a: 1 }],
  ['\ufeff{"a": "\\u00e9\\n"}', { a: 'é\n' }],
  ['{"suspend", "run": 1}', { suspend: '', run: 1 }],
])('accepts %s', (text, value) => {
  expect(plain(text)).toEqual(value);
});

test('keeps every occurrence of a repeated key, in order', () => {
  const parsed = parseRelaxedJson('{"run":1,"sleep":2,"run":3}');
  expect(parsed.ok && parsed.root.kind === 'object' && parsed.root.members.map(m => m.key)).toEqual(['run', 'sleep', 'run']);
});

test('tells integers from other numbers as json-c does', () => {
  const parsed = parseRelaxedJson('[1, 1e3, 1.0, NaN, -Infinity]');
  const items = parsed.ok && parsed.root.kind === 'array' ? parsed.root.items : [];
  expect(items.map(i => i.kind === 'number' && i.integer)).toEqual([true, false, false, false, false]);
});

test.each([
  ['{"a": 0x10}', 'E005 at 6: expected a number, found "0x10"'],
  ['{"a" 1}', 'E005 at 5: expected ":" after the key "a", found "1"'],
  ['{"a": 1 "b": 2}', 'E005 at 8: expected "," or "}", found "\\""'],
  ['{"a": bare}', 'E005 at 6: expected a value, found "bare"'],
  ['{"a": "x\n"}', 'E005 at 6: expected a closing ", found the line ends'],
  ['{"a": 1', 'E005 at 6: expected "," or "}", found the text ends'],
  ['{a: 1}', 'E005 at 1: expected a key in quotes or "}", found "a"'],
  ['/* x', 'E005 at 0: expected "*/", found the text ends inside a comment'],
  ['"\\q"', 'E005 at 1: expected an escape that JSON has, found "\\q"'],
])('points at the fault in %s', (text, said) => {
  expect(fault(text)).toBe(said);
});

test('stops at 64 levels, however many follow', () => {
  expect(fault('['.repeat(1_000_000))).toMatch(/^E004 at 64: /);
  expect(fault(`${'['.repeat(64)}${']'.repeat(64)}`)).toBe('none');
});
