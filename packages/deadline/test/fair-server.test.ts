/** The deferrable server by itself: its timers and the class's charges, in ms, against `rt-and-deadline.md` 12 and its example. */
import { EventQueue, type Kernel, type RunQueue, type SchedClass } from '@proxysched/core';
import { FairServer } from '../src/fair-server.js';

const MS = 1e6;

/** A server of 50 in 1000 ms on a CPU that idles; only what it asks of the kernel is there. */
function bench(chargesIdle = true) {
  const queue = new EventQueue();
  const marks: string[] = [];
  const idle = { comm: 'idle' };
  const rq = { cpu: 0, idle, donor: idle, charged: 0 };
  const kernel = {
    queue,
    trace: {
      classMark: (now: number, _cpu: number, mark: string) => {
        if (mark !== 'deadline' && mark !== 'until') marks.push(`${now / MS} ${mark}`);
      },
    },
    charge: () => undefined,
    resched: () => undefined,
  } as unknown as Kernel;
  const asked = {
    add: () => (server.inTree = true),
    remove: () => (server.inTree = false),
    preempt: () => undefined,
    contending: () => undefined,
    nonContending: () => undefined,
  };
  const server: FairServer = new FairServer(
    kernel,
    rq as unknown as RunQueue,
    asked,
    null as unknown as SchedClass,
    { runtime: 50 * MS, deadline: 1000 * MS, period: 1000 * MS },
    { timer: queue.timer('server', 0, () => server.timeout()), inactiveTimer: queue.timer('zeroLag', 0, () => undefined) },
    chargesIdle,
  );
  /** Timers until then fire. */
  const until = (ms: number): void => {
    for (let timer = queue.next(ms * MS); timer !== null; timer = queue.next(ms * MS)) timer.fire();
    queue.now = ms * MS;
  };
  const use = (ms: number, isIdle = false): void => server.update(ms * MS, isIdle);
  const state = () => ({ q: server.runtime / MS, d: server.deadline / MS, timer: server.timer.at < 0 ? null : server.timer.at / MS });
  return { server, marks, rq, until, use, state };
}

test('starved it waits until d - q, runs its budget, then again in each period: [950, 1000), [1950, 2000)', () => {
  const { server, marks, until, use, state } = bench();
  server.start();
  expect(state()).toEqual({ q: 50, d: 1000, timer: 950 });
  until(950);
  expect([server.inTree, state()]).toEqual([true, { q: 50, d: 1950, timer: null }]);
  until(1000);
  use(50);
  expect([server.inTree, state().timer]).toEqual([false, 1950]);
  until(1950);
  expect([server.inTree, state()]).toEqual([true, { q: 50, d: 2950, timer: null }]);
  expect(marks).toEqual(['0 dlServerStart', '950 zeroLaxityTimer', '1000 budgetExhausted', '1950 replenishTimer']);
});

test('its class uses the budget up in the background: a new instance, and it waits anew', () => {
  const { server, marks, until, use, state } = bench();
  server.start();
  until(100);
  use(50);
  expect(state()).toEqual({ q: 50, d: 1100, timer: 1050 });
  expect([server.inTree, marks.at(-1)]).toEqual([false, '100 updateNonidleExhausts']);
});

test('what was used in the background moves the zero-laxity instant, and by more than 1 ms it is waited for', () => {
  const { server, until, use, state } = bench();
  server.start();
  use(20);
  until(950);
  expect([server.inTree, state()]).toEqual([false, { q: 30, d: 1000, timer: 970 }]);
  until(970);
  expect(server.inTree).toBe(true);
  const soon = bench();
  soon.server.start();
  soon.use(0.9);
  soon.until(950);
  expect(soon.server.inTree).toBe(true);
});

test('idle time alone uses it up: the next timer stops it, unless its class has run in between', () => {
  const { server, marks, until, use, state } = bench();
  server.start();
  until(100);
  use(50, true);
  expect(state()).toEqual({ q: 50, d: 1100, timer: 1050 });
  until(160);
  use(60, true);
  expect(state()).toEqual({ q: 0, d: 1100, timer: 1050 });
  until(1050);
  expect(server.started).toBe(false);
  expect(marks).toEqual(['0 dlServerStart', '100 updateIdleExhausts', '160 updateIdleExhausts', '1050 idleTimer']);
  const used = bench();
  used.server.start();
  used.until(100);
  used.use(50, true);
  used.use(2);
  used.until(1050);
  expect([used.server.started, used.state().timer]).toEqual([true, 1052]);
});

test('stopped while it ran, it keeps (q, d) and competes at once when it starts again in time', () => {
  const { server, marks, until, use, state } = bench();
  server.start();
  until(960);
  use(10);
  server.stop('pickFindsNothing');
  expect([server.started, server.inTree, state()]).toEqual([false, false, { q: 40, d: 1950, timer: null }]);
  until(1000);
  server.start();
  expect([server.inTree, state()]).toEqual([true, { q: 40, d: 1950, timer: null }]);
  server.stop('pickFindsNothing');
  // 40 ms in what is left of the deadline would be more than a twentieth: the revised rule leaves a twentieth of it.
  until(1850);
  server.start();
  expect(state().d).toBe(1950);
  expect(state().q).toBeCloseTo(5, 3);
  server.stop('pickFindsNothing');
  // After its deadline it waits like a new one.
  until(2000);
  server.start();
  expect([server.inTree, state()]).toEqual([false, { q: 50, d: 3000, timer: 2950 }]);
  expect(marks.map(mark => mark.split(' ')[1])).toEqual([
    ...['dlServerStart', 'zeroLaxityTimer', 'pickFindsNothing', 'dlServerStartLate'],
    ...['pickFindsNothing', 'dlServerStartLate', 'pickFindsNothing', 'dlServerStart'],
  ]);
});

test('6.12: idle time is charged once, when the first task arrives, and leaves no mark', () => {
  const { server, marks, rq, until, use, state } = bench(false);
  server.start();
  until(10);
  use(10);
  server.stop('pickFindsNothing');
  use(5, true);
  rq.charged = 10 * MS;
  until(40);
  server.start();
  use(100, true);
  expect(state()).toEqual({ q: 10, d: 1000, timer: 990 });
  server.stop('pickFindsNothing');
  rq.charged = 40 * MS;
  until(90);
  server.start();
  expect(state()).toEqual({ q: 0, d: 1000, timer: 1000 });
  expect(marks.some(mark => mark.includes('Idle'))).toBe(false);
});
