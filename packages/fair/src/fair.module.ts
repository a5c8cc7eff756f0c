import { OPTION_LIST, SCHED_CLASS, add, defineModule } from '@proxysched/kit';
import { FairClass } from './fair-class.js';
import { fairOptions } from './features.js';

/** The fair class with its dials. */
export const fair = defineModule({
  name: 'fair',
  register: c => {
    add(c, OPTION_LIST, { value: fairOptions });
    add(c, SCHED_CLASS, { class: FairClass });
  },
});
