export { CLASSIC_CLASSES, handOver, type ClassicClass } from './classic.module.js';
export { Global } from './global.js';
export { FirstCome, MostImportant } from './hand-over.js';
export { deadline, priority, type KeyOf } from './keys.js';
export { Partitioned } from './partitioned.js';
export { PriorityInheritance } from './priority-inheritance.js';
