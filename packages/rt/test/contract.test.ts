/** The contract of every class, on real machines. */
import { contractTests, fifo } from '@proxysched/core/test-kit';
import { RtClass } from '../src/rt-class.js';

const policies = [fifo(10), { kind: 'rr', prio: 10 }, fifo(20), { kind: 'rr', prio: 20 }] as const;

for (const hz of [null, 250]) {
  describe(hz === null ? 'exact' : 'with a tick', () => {
    contractTests({ describe, test, expect }, { make: kernel => new RtClass(kernel, { 'rt.rrTimeslice': 5_000_000 }), policies, hz });
  });
}
