/** What tests of any package build on: two tiny classes, scenarios in a line, a sink that remembers, the class contract. */
export * from './contract-tests.js';
export * from './fixed-priority.js';
export * from './machine-of.js';
export * from './ops.js';
export * from './owner-runs.js';
export * from './pull-anything.js';
export * from './recording-sink.js';
export * from './round-robin.js';
export * from './scenario-of.js';
