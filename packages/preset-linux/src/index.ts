export { generationOptions, linux } from './linux.js';
export { GENERATIONS, type GenerationName } from '@proxysched/proxy';
