export { LoadBalance } from './load-balance.js';
export { loadBalance } from './load-balance.module.js';
export { loadOptions } from './options.js';
