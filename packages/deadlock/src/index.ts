export {
  ACTIONS,
  composePolicy,
  DEFAULT_LIMITS,
  DEFAULT_PATIENCE,
  DEFAULT_VICTIMS,
  DETECTORS,
  policyLabel,
  type ActionName,
  type DetectorName,
  type PolicySpec,
} from './compose-policy.js';
export {
  deadlockModule,
  dequeueOnDeadlock,
  haltAfter50Repicks,
  haltOnDeadlock,
  refuseDeadlock,
  SHORT_NAMES,
  woundOnDeadlock,
} from './deadlock.module.js';
export { isMistake, parsePolicy, type PolicyMistake } from './parse-policy.js';
export { chooseVictims, VICTIMS, type VictimChoice, type VictimName } from './victims.js';
export { Brent, DepthLimit, Unnoticed } from './walk-detectors.js';
