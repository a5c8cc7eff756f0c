export { runDeadlock, STUDY_POLICIES, studyWorkloads, verdict, type DeadlockRun, type PolicyVerdict } from './deadlock-study.js';
export { runStorm, STORM_GENERATIONS, type StormRun } from './storm-study.js';
export { longChain, manyWaiters, storm, trueCycle, type StudyWorkload } from './study-workloads.js';
