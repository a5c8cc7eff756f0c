import { add, defineModule, OPTION_LIST, SCHED_CLASS, type SimModule } from '@proxysched/kit';
import { DeadlineClass } from './deadline-class.js';
import { deadlineOptions } from './options.js';

export const deadline: SimModule = defineModule({
  name: 'deadline',
  register: c => {
    add(c, OPTION_LIST, { value: deadlineOptions });
    add(c, SCHED_CLASS, { class: DeadlineClass });
  },
});
