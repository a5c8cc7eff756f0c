import { clip, decimalsFor, fixed, msExact, msText, wrap } from '../src/format.js';
import { timeAxis, tickLabel } from '../src/time-axis.js';

test('exact milliseconds', () => {
  expect([0, 1, 1_000_000, 1234_567_891, -5].map(msExact)).toEqual(['0.000000', '0.000001', '1.000000', '1234.567891', '-0.000005']);
});

test('as many decimals as needed, one to three', () => {
  expect([13_000_000, 7_250_000, 1, 999_999].map(msText)).toEqual(['13.0 ms', '7.25 ms', '0.000 ms', '1.000 ms']);
  expect(decimalsFor([1_000_000, 1_250_000], 1_000_000)).toBe(2);
  expect([fixed(1_499_999, 1_000_000, 0), fixed(-1_500_000, 1_000_000, 1)]).toEqual(['1', '-1.5']);
});

test('clip and wrap', () => {
  expect([clip('abc', 3), clip('abcd', 3)]).toEqual(['abc', 'ab…']);
  expect(wrap('one two three', 7, ' ')).toEqual(['one two', ' three']);
});

test('ticks are 1, 2 or 5 times a power of ten, and far enough apart', () => {
  const axis = timeAxis(0, 16_000_000, 1056 / 16_000_000, 40);
  expect([axis.unit, axis.step, axis.ticks.length]).toEqual(['ms', 1_000_000, 17]);
  const fine = timeAxis(3_000_000, 3_800_000, 1056 / 800_000, 40);
  expect([fine.unit, fine.step, tickLabel(fine, fine.ticks[1]!)]).toEqual(['µs', 50_000, '3050']);
  const coarse = timeAxis(0, 60_000_000_000, 1056 / 60_000_000_000, 40);
  expect([coarse.unit, coarse.step, tickLabel(coarse, coarse.ticks[2]!)]).toEqual(['s', 5_000_000_000, '10']);
});
