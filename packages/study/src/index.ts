export {
  candidateOf,
  QUICK_WORKLOADS,
  runDeadlock,
  STUDY_POLICIES,
  studyWorkloads,
  verdict,
  type Candidate,
  type DeadlockRun,
  type PolicyVerdict,
  type Verdict,
} from './deadlock-study.js';
export type { LongPass } from './observer.js';
export { runStorm, STORM_GENERATIONS, type StormRun } from './storm-study.js';
export { cycleAsleep, longChain, manyWaiters, storm, trueCycle, type StudyWorkload } from './study-workloads.js';
export {
  DEMO_PERMUTATIONS,
  PUBLISHED,
  runInversionDemo,
  type DemoFigures,
  type DemoPermutation,
  type DemoSetup,
  type PublishedShape,
} from './inversion-demo.js';
