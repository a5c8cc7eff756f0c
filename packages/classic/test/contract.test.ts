/** The contract of every class, on real machines, by all four. */
import { contractTests } from '@proxysched/core/test-kit';
import type { Policy } from '@proxysched/core';
import { deadline, Global, Partitioned, priority } from '../src/index.js';

const policies = (cls: string): Policy[] => [3, 1, 2].map(p => ({ kind: 'custom', class: cls, params: { priority: p } }));

describe.each([
  ['fixed priority', priority],
  ['earliest deadline', deadline],
] as const)('%s', (_, keyOf) => {
  describe('a queue per CPU', () => {
    contractTests({ describe, test, expect }, { make: kernel => new Partitioned('c', kernel, keyOf), policies: policies('c') });
  });
  describe('one queue', () => {
    contractTests({ describe, test, expect }, { make: kernel => new Global('c', kernel, keyOf), policies: policies('c') });
  });
});
