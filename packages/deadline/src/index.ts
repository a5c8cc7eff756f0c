export { admit, bandwidth, validate } from './admission.js';
export { mustWaitForPeriod, newInstance, nextPeriod, overflows, replenish, updateAtWakeup } from './cbs.js';
export { DeadlineClass } from './deadline-class.js';
export { DlEntity } from './dl-entity.js';
export { deadline } from './deadline.module.js';
export { AdmissionError } from './errors.js';
export { deadlineOptions } from './options.js';
