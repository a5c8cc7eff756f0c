export { Inject, Injectable, add, createContainer, get, getAll, isProvided, provide, replace, token } from './di.js';
export type { Container, Recipe, Token } from './di.js';
export { WiringError, notProvided, wiringProblems } from './errors.js';
export type { WiringCode } from './errors.js';
export { defineModule, moduleProblems, orderModules } from './sim-module.js';
export type { SimModule } from './sim-module.js';
export * from './tokens.js';
