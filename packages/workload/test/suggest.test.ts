import { suggest } from '../src/index.js';
import { distance } from '../src/suggest.js';

test.each([
  ['lok', 'lock'],
  ['contextSwich', 'contextSwitch'],
  ['perido', 'period'],
  ['LOCK', 'lock'],
  ['con', 'contextSwitch'],
])('%s: %s', (word, meant) => {
  expect(suggest(word, ['unlock', 'lock', 'period', 'contextSwitch'])).toBe(meant);
});

test('keeps quiet when nothing is near', () => {
  expect(suggest('banana', ['lock', 'run'])).toBeUndefined();
  expect(suggest('x'.repeat(100_000), ['lock'])).toBeUndefined();
});

test('counts edits, and a swap as one', () => {
  expect([distance('abc', 'abc'), distance('abc', 'acb'), distance('kitten', 'sitting'), distance('', 'ab')]).toEqual([0, 1, 3, 2]);
});
