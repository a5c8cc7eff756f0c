export { createSimulation, type Simulation } from './create-simulation.js';
export { cannotCompose, CompositionError } from './errors.js';
