/** What is given counts, defaults fill the rest, and what belongs to others is left alone. */
import { readOptions, type OptionList } from '../src/index.js';

const list = {
  'x.depth': { default: 3, about: 'how deep' },
  'x.on': { default: true, about: 'whether' },
  'x.mode': { default: 'soft', values: ['soft', 'hard'], about: 'which' },
} as const satisfies OptionList;

test('defaults', () => {
  expect(readOptions(list, {})).toEqual({ 'x.depth': 3, 'x.on': true, 'x.mode': 'soft' });
});

test('given values, falsy ones too', () => {
  expect(readOptions(list, { 'x.depth': 0, 'x.on': false, 'y.other': 1 })).toEqual({ 'x.depth': 0, 'x.on': false, 'x.mode': 'soft' });
});
