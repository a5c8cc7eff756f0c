import { BusSink, EVENT_NAMES } from '../src/index.js';
import { MS, Script, inversion, twoCpus } from './script.js';

test('typed events, one object each', () => {
  const sink = new BusSink();
  const seen: string[] = [];
  sink.bus.on('schedSwitch', ({ now, next, donor }) => {
    if (donor !== next) seen.push(`${now / MS} ${next.comm} for ${donor.comm}`);
  });
  sink.bus.once('jobDone', ({ p }) => seen.push(`first done ${p.comm}`));
  inversion(true, [sink]);
  expect(seen).toEqual(['3 low for high', 'first done high']);
});

test('every event reaches a listener', () => {
  const sink = new BusSink();
  const seen = new Set<string>();
  for (const name of EVENT_NAMES) sink.bus.on(name, () => seen.add(name));
  twoCpus([sink]);
  const s = new Script(1, [sink]);
  const p = s.task('p', { kind: 'fifo', prio: 1 });
  s.trace.deadlock(1, [p], { kind: 'halt' });
  const m = s.mutex('m');
  s.trace.mutexSpin(1, p, m, true);
  s.trace.mutexFailed(1, p, m, 'EINTR');
  s.trace.mutexBackOff(1, p, m, p, 'die');
  s.trace.cpuHotplug(1, p.cpu, 'unplug');
  s.trace.affinityLost(1, p, p.cpu);
  s.trace.ioWait(1, p, p.cpu, 1, true);
  s.park(p, p).unpark(p, p).pass(0);
  expect([...seen].sort()).toEqual([...EVENT_NAMES].sort());
});

test('off means off, and nobody can fire', () => {
  const sink = new BusSink();
  let calls = 0;
  const listener = (): void => void calls++;
  sink.bus.on('schedWakeup', listener);
  sink.bus.off('schedWakeup', listener);
  inversion(true, [sink]);
  expect(calls).toBe(0);
  expect(Object.keys(sink.bus).sort()).toEqual(['off', 'on', 'once']);
});
