/** The contract of every class, kept by each kernel's fair class, on real machines. */
import type { Policy } from '@proxysched/core';
import { contractTests, nice } from '@proxysched/core/test-kit';
import { CfsClass } from '../src/cfs-class.js';
import { FairClass } from '../src/fair-class.js';

const policies: readonly Policy[] = [nice(0), nice(5), { kind: 'batch', nice: -3 }, { kind: 'idle', nice: 0 }];

describe.each(['7.3', '7.2', '6.12'])('EEVDF of %s', version => {
  describe.each([null, 250])('hz %p', hz => {
    contractTests(
      { describe, test, expect },
      { make: kernel => new FairClass(kernel, { 'fair.version': version }), policies, hz, passesMatter: true },
    );
  });
});

describe('classic CFS', () => {
  describe.each([null, 250])('hz %p', hz => {
    contractTests({ describe, test, expect }, { make: kernel => new CfsClass(kernel, {}), policies, hz, passesMatter: true });
  });
});
