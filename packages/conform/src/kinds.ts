import type { Conformance } from './conformance.js';
import { fairBalance } from './kinds/fair-balance.js';
import { demo } from './kinds/demo.js';
import { fairSequence } from './kinds/fair-sequence.js';
import { fairUnit } from './kinds/fair-unit.js';
import { peerResult, peerTaskSet } from './kinds/peers.js';
import { piScript } from './kinds/pi-script.js';
import { recording } from './kinds/recording.js';
import { rv } from './kinds/rv.js';
import { taskset } from './kinds/taskset.js';
import { wwScript } from './kinds/ww-script.js';

/** Every kind of file there is a judge for; at most one recognises a file. */
// prettier-ignore
export const KINDS: readonly Conformance[] = [
  recording, fairSequence, fairUnit, fairBalance,
  taskset,
  peerResult,
  peerTaskSet,
  piScript,
  wwScript,
  rv,
  demo,
];
