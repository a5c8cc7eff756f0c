export { DEADLOCK_POLICIES, dequeueOnDeadlock, haltOnDeadlock } from './deadlock.module.js';
export { DequeuePolicy } from './dequeue.js';
export { HaltPolicy } from './halt.js';
