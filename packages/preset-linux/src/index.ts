export { generationOptions, linux, RESOLVERS, type ResolverName } from './linux.js';
export { GENERATIONS, type GenerationName } from '@proxysched/proxy';
