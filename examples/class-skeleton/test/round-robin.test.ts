import { contractTests, nice, run, runOf, scenarioOf } from '@proxysched/core/test-kit';
import { createContainer, get, OPTIONS, KERNEL, provide, SCHED_CLASS } from '@proxysched/kit';
import module, { RoundRobin } from '../src/index.js';

for (const hz of [null, 250_000_000]) {
  describe(hz === null ? 'exact' : 'with a tick', () => {
    contractTests({ describe, test, expect }, { make: kernel => new RoundRobin(kernel, 10), policies: [nice(0), nice(5)], unit: 3, hz });
  });
}

test('everyone in turn, with exact timers and with a tick', () => {
  for (const machine of [{ hz: null }, { hz: 200_000_000 }]) {
    const { sink } = runOf(scenarioOf({ machine, tasks: [{ ops: [run(25)] }, { ops: [run(15)] }] }), {
      classes: kernel => [new RoundRobin(kernel, 10)],
    });
    expect([sink.stretches('a'), sink.stretches('b')]).toEqual([
      ['0:0-10', '0:20-30', '0:35-40'],
      ['0:10-20', '0:30-35'],
    ]);
  }
});

test('the module makes one, with the slice that was asked for', () => {
  runOf(scenarioOf({ tasks: [{ ops: [run(1)] }] }), {
    classes: kernel => {
      const c = createContainer();
      provide(c, KERNEL, { value: kernel });
      provide(c, OPTIONS, { value: { 'round-robin.slice': 7 } });
      module.register(c);
      const cls = get(c, SCHED_CLASS);
      expect(cls).toBeInstanceOf(RoundRobin);
      return [cls];
    },
  });
});
