export { checkInvariants, type Problem } from './check-invariants.js';
export { InvariantChecker, type CheckerOptions } from './invariant-checker.js';
