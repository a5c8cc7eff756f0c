/** The heap against a sorted array: whatever is armed, moved and disarmed, events come by (time, rank, order of arming). */
import fc from 'fast-check';
import { EventQueue, NEVER, type Timer } from '../src/index.js';

interface Armed {
  readonly timer: Timer;
  readonly at: number;
  readonly seq: number;
}

const step = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant('arm' as const), timer: fc.nat(19), in: fc.nat(8) }), weight: 5 },
  { arbitrary: fc.record({ do: fc.constant('disarm' as const), timer: fc.nat(19) }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('never' as const), timer: fc.nat(19) }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('next' as const), within: fc.nat(6) }), weight: 3 },
);

test('it is a sorted array of what is armed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const queue = new EventQueue();
      const timers = Array.from({ length: 20 }, (_, i) => queue.timer(`t${i}`, i % 3, () => undefined));
      let model: Armed[] = [];
      let seq = 0;
      for (const s of steps) {
        if (s.do === 'arm') {
          const timer = timers[s.timer]!;
          const at = queue.now + s.in;
          queue.arm(timer, at);
          model = [...model.filter(a => a.timer !== timer), { timer, at, seq: seq++ }];
        } else if (s.do === 'next') {
          const until = queue.now + s.within;
          const [first] = [...model].sort((a, b) => a.at - b.at || a.timer.rank - b.timer.rank || a.seq - b.seq);
          const due = first !== undefined && first.at <= until ? first : null;
          const before = queue.now;
          expect(queue.next(until)).toBe(due?.timer ?? null);
          expect(queue.now).toBe(due?.at ?? before);
          model = model.filter(a => a !== due);
        } else {
          const timer = timers[s.timer]!;
          if (s.do === 'disarm') queue.disarm(timer);
          else queue.arm(timer, NEVER);
          model = model.filter(a => a.timer !== timer);
        }
        expect(queue.size).toBe(model.length);
        expect(queue.peek()).toBe(Math.min(NEVER, ...model.map(a => a.at)));
        for (const timer of timers) expect(timer.at).toBe(model.find(a => a.timer === timer)?.at ?? -1);
      }
    }),
    { numRuns: 300, seed: 1 },
  );
});

test('re-arming for the same instant goes behind what was armed meanwhile', () => {
  const queue = new EventQueue();
  const [a, b] = [queue.timer('a', 0, () => undefined), queue.timer('b', 0, () => undefined)];
  queue.arm(a, 5);
  queue.arm(b, 5);
  queue.arm(a, 5);
  expect([queue.next(9), queue.next(9), queue.next(9)]).toEqual([b, a, null]);
});

test('a timer may be armed again while it fires', () => {
  const queue = new EventQueue();
  const fired: number[] = [];
  const tick = queue.timer('tick', 0, () => {
    fired.push(queue.now);
    queue.arm(tick, queue.now + 3);
  });
  queue.arm(tick, 1);
  for (let t = queue.next(8); t !== null; t = queue.next(8)) t.fire();
  expect(fired).toEqual([1, 4, 7]);
});

test('time does not go back, and not to where there is none', () => {
  const queue = new EventQueue();
  const t = queue.timer('late', 0, () => undefined);
  queue.arm(t, 10);
  queue.next(10);
  expect(() => queue.arm(t, 9)).toThrow(/K101.*"late" armed for 9 ns, but it is 10 ns/);
  expect(() => queue.arm(t, NaN)).toThrow(/K101/);
});
