import fc from 'fast-check';
import { formatDuration, parseDuration } from '../src/index.js';

test.each([
  ['10ms', 10_000_000],
  ['250us', 250_000],
  ['250 µs', 250_000],
  ['1.5s', 1_500_000_000],
  ['0.001us', 1],
  ['0.1s', 100_000_000],
  ['7ns', 7],
  ['1.000000000s', 1_000_000_000],
])('%s is %d ns', (text, ns) => {
  expect(parseDuration(text)).toEqual({ ok: true, ns });
});

test.each([
  ['10', 'has no unit'],
  ['-3ms', 'is negative'],
  ['0.5ns', 'finer than a nanosecond'],
  ['5min', 'is no unit'],
  ['1__proto__', 'is no time'],
  ['ms', 'is no time'],
  ['', 'is no time'],
  ['200d', 'is no unit'],
  ['99999999999s', 'longer than simulated time'],
  ['1e3ms', 'is no time'],
  ['5constructor', 'is no unit'],
])('%j: %s', (text, why) => {
  expect(parseDuration(text)).toEqual({ ok: false, why: expect.stringContaining(why) });
});

test('what is written is read', () => {
  fc.assert(fc.property(fc.maxSafeNat(), ns => expect(parseDuration(formatDuration(ns))).toEqual({ ok: true, ns })));
});
