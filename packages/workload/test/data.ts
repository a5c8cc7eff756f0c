import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const shared = resolve(import.meta.dirname, '../../../../shared');

/** rt-app's own examples (GPL: read where they lie, never copied), and the recordings of a kernel. */
export const RT_APP = join(shared, 'data/rt-app');
export const RECORDINGS = join(shared, 'golden/kernel');

/** Registers tests on data outside the repository, or one that says it is not there. */
export function describeWith(folder: string, title: string, tests: () => void): void {
  if (existsSync(folder)) describe(title, tests);
  else test(`${title}: the data is not here`, () => expect(existsSync(folder)).toBe(false));
}
