import * as fc from 'fast-check';

/**
 * Every property test draws from one seed, so that a run of the suite is a run of the suite wherever it is made.
 * `PROPERTY_SEED=7 npx jest` looks elsewhere; a test that names a seed of its own keeps it.
 */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['PROPERTY_SEED'] ?? 20230612) });
