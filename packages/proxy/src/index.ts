export { ChainWalker, type WalkRules } from './chain-walker.js';
export { GENERATIONS, proxyOptions, type Generation, type GenerationName } from './options.js';
export { VisitMarks } from './visit-marks.js';
export { ProxyExecution } from './proxy-execution.js';
export { proxy, proxyOff } from './proxy.module.js';
