import { expandList, expandName } from '../src/name-template.js';

test.each([
  ['M{i}', 'M7'],
  ['M{i+1}', 'M8'],
  ['M{i % 4}', 'M3'],
  ['{i/2}-{i*2-1}', '3-13'],
  ['plain', 'plain'],
])('%s for 7 is %s', (template, text) => {
  expect(expandName(template, 7)).toEqual({ ok: true, text });
});

test.each(['{j}', '{i-8}', '{i/0}', '{}', '{i+i}'])('%s cannot be computed', template => {
  expect(expandName(template, 7)).toMatchObject({ ok: false, problem: { code: 'E079' } });
});

test('ranges', () => {
  expect(expandList('M{0..2}x')).toEqual(['M0x', 'M1x', 'M2x']);
  expect(expandList('M')).toEqual(['M']);
  expect(expandList('M{2..1}')).toMatchObject({ code: 'E079' });
  expect(expandList('M{0..999999}')).toMatchObject({ code: 'E079' });
});
