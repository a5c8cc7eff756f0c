export { classic, classicProblems, classicScenario, LOCK_CHOICES, type ClassicArrangement, type LockChoice } from './arrangement.js';
export { CLASSIC_CLASSES, type ClassicClass } from '@proxysched/classic';
