import { add, defineModule, OPTION_LIST, SCHED_CLASS } from '@proxysched/kit';
import { RT_OPTIONS } from './features.js';
import { RtClass } from './rt-class.js';

/** The real-time class. Stands above the fair class and below the deadline class in the list of modules. */
export const rt = defineModule({
  name: 'rt',
  register: c => {
    add(c, OPTION_LIST, { value: RT_OPTIONS });
    add(c, SCHED_CLASS, { class: RtClass });
  },
});
