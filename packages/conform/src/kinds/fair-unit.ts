import type { Conformance } from '../conformance.js';
import { UNITS } from '../fair/units.js';
import { Tally } from '../tally.js';

/** Single formulas of the fair class: which one, the columns say. */
export const fairUnit: Conformance = {
  name: 'fair-unit',

  recognises: json => UNITS.some(unit => unit.file.safeParse(json).success),

  run({ json }) {
    const tally = new Tally();
    UNITS.find(unit => unit.file.safeParse(json).success)!.judge(json, tally);
    return tally.verdict();
  },
};
