export { rt } from './rt.module.js';
export { RtClass } from './rt-class.js';
export { RT_OPTIONS } from './features.js';
