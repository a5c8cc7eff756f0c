import { DEADLOCK_POLICY, defineModule, replace } from '@proxysched/kit';
import { YoungestPolicy } from './youngest.js';

export { YoungestPolicy } from './youngest.js';

/** Copy this folder, rename the policy, and you have a plug-in. `replace`: a simulation has one deadlock policy, the last in the list. */
export default defineModule({
  name: 'deadlock-youngest',
  register: c => {
    replace(c, DEADLOCK_POLICY, { value: new YoungestPolicy() });
  },
});
