import type { Task, WalkDetector } from '@proxysched/core';

/**
 * A limit on the links of one walk (`proxy-execution.md` 16.2b, "depth limit"). Costs a counter, and takes every longer honest
 * chain for a circle.
 */
export class DepthLimit implements WalkDetector {
  constructor(private readonly limit: number) {}

  begin(): void {
    // The walk itself counts.
  }

  suspects(_owner: Task, depth: number): boolean {
    return depth > this.limit;
  }
}

/**
 * Brent's test (`proxy-execution.md` 16.2b): one checkpoint, which moves on to where the walk is each time the distance
 * from it has doubled. Exact, keeps nothing in the tasks, and speaks up at the latest after a small multiple of the cycle.
 */
export class Brent implements WalkDetector {
  private checkpoint: Task | null = null;
  private power = 1;
  private span = 0;

  begin(pick: Task): void {
    this.checkpoint = pick;
    this.power = 1;
    this.span = 0;
  }

  suspects(owner: Task): boolean {
    if (owner === this.checkpoint) return true;
    if (++this.span === this.power) {
      this.checkpoint = owner;
      this.power *= 2;
      this.span = 0;
    }
    return false;
  }
}

/** Notices nothing, as every released kernel up to 7.3: a walk in a circle ends only because the model gives it up. */
export class Unnoticed implements WalkDetector {
  begin(): void {
    // Nothing to prepare.
  }

  suspects(): boolean {
    return false;
  }
}
