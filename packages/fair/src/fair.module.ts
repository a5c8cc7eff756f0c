import { readOptions } from '@proxysched/core';
import { KERNEL, OPTIONS, OPTION_LIST, SCHED_CLASS, WAKEUP_PLACEMENT, add, defineModule, get, isProvided } from '@proxysched/kit';
import { CfsClass } from './cfs-class.js';
import { cfsOptions } from './cfs-features.js';
import { FairClass } from './fair-class.js';
import { fairOptions } from './features.js';

/** The fair class, of the kernel that `fair.version` names, with its dials. */
export const fair = defineModule({
  name: 'fair',
  register: c => {
    add(c, OPTION_LIST, { value: fairOptions });
    add(c, OPTION_LIST, { value: cfsOptions });
    add(c, SCHED_CLASS, {
      factory: from => {
        const kernel = get(from, KERNEL);
        const options = get(from, OPTIONS);
        if (readOptions(fairOptions, options)['fair.version'] === '6.1') return new CfsClass(kernel, options);
        return new FairClass(kernel, options, isProvided(from, WAKEUP_PLACEMENT) ? get(from, WAKEUP_PLACEMENT) : null);
      },
    });
  },
});
