import type { Conformance } from '../conformance.js';
import { BALANCE_UNITS } from '../fair/balance-units.js';
import { PLACEMENT_UNITS } from '../fair/placement-units.js';
import { Tally } from '../tally.js';

const UNITS = [...BALANCE_UNITS, ...PLACEMENT_UNITS];

/** Single decisions of load balancing and placement: which one, the columns or fields say. */
export const fairBalance: Conformance = {
  name: 'fair-balance',

  recognises: json => UNITS.some(unit => unit.file.safeParse(json).success),

  run({ json }) {
    const tally = new Tally();
    UNITS.find(unit => unit.file.safeParse(json).success)!.judge(json, tally);
    return tally.verdict();
  },
};
