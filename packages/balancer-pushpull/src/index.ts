export { PushPull } from './push-pull.js';
export { pushPull } from './push-pull.module.js';
