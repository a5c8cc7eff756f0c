import { DigestSink } from '../src/index.js';
import { Script, inversion, twoCpus } from './script.js';

function digestOf(run: (sinks: DigestSink[]) => void): string {
  const sink = new DigestSink();
  run([sink]);
  return sink.digest();
}

test('16 hex digits, equal for equal runs', () => {
  const digest = digestOf(sinks => inversion(true, sinks));
  expect(digest).toMatch(/^[0-9a-f]{16}$/);
  expect(digestOf(sinks => inversion(true, sinks))).toBe(digest);
});

test('different for different runs', () => {
  const digests = [digestOf(() => {}), digestOf(s => inversion(true, s)), digestOf(s => inversion(false, s)), digestOf(twoCpus)];
  expect(new Set(digests).size).toBe(4);
});

test('one nanosecond, one CPU, one bit make a difference; times beyond 32 bits too', () => {
  const at = (ms: number, cpu = 0, donor = true): string =>
    digestOf(sinks => {
      const s = new Script(2, sinks);
      const p = s.task('p', { kind: 'fifo', prio: 1 });
      const q = s.task('q', { kind: 'fifo', prio: 2 });
      s.at(ms).run(cpu, p, donor ? q : p);
    });
  const all = [at(1), at(1.000001), at(1, 1), at(1, 0, false), at(1 + 4294.967296), at(1 + 2 * 4294.967296)];
  expect(new Set(all).size).toBe(all.length);
});

test('names do not count', () => {
  const named = (name: string): string =>
    digestOf(sinks => {
      const s = new Script(1, sinks);
      s.release(s.task(name, { kind: 'fifo', prio: 1 })).end();
    });
  expect(named('a')).toBe(named('b'));
});
