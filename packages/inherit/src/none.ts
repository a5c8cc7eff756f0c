import { OffQueue } from './off-queue.js';

/** No inheritance, the textbook's "before": the most urgent waiter is served first, and whoever holds a lock runs at its own priority. */
export class NoInheritance extends OffQueue {
  readonly name = 'none';
}
