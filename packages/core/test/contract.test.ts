/** The two classes of the test kit keep the contract they are there to demonstrate; and a class that lies is found out. */
import { contractTests, fifo, FixedPriority, nice, RoundRobin } from '../src/test-kit/index.js';

const fns = { describe, test, expect };

describe('round robin', () => {
  contractTests(fns, { make: kernel => new RoundRobin(kernel), policies: [nice(0)], unit: 3 });
});

describe('round robin with delayed dequeue', () => {
  contractTests(fns, { make: kernel => new RoundRobin(kernel, { delays: true }), policies: [nice(0)], unit: 3 });
});

describe('round robin on ticks', () => {
  contractTests(fns, { make: kernel => new RoundRobin(kernel), policies: [nice(0)], unit: 3, hz: 250_000_000 });
});

describe('fixed priorities', () => {
  contractTests(fns, { make: kernel => new FixedPriority(kernel), policies: [fifo(1), fifo(3), fifo(2)], unit: 3 });
});
