export { ACTIONS, composePolicy, DETECTORS, policyLabel, type ActionName, type DetectorName, type PolicySpec } from './compose-policy.js';
export { deadlockModule, dequeueOnDeadlock, haltAfter50Repicks, haltOnDeadlock, SHORT_NAMES } from './deadlock.module.js';
export { parsePolicy } from './parse-policy.js';
export { VICTIMS, type VictimChoice, type VictimName } from './victims.js';
export { Brent, DepthLimit, Unnoticed } from './walk-detectors.js';
