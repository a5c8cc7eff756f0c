import { readOptions, type OptionList } from '@proxysched/core';
import { add, defineModule, get, KERNEL, OPTION_LIST, OPTIONS, SCHED_CLASS } from '@proxysched/kit';
import { RoundRobin } from './round-robin.js';

const options = {
  'round-robin.slice': { default: 3_000_000, about: 'Time each task gets in its turn, ns.' },
} as const satisfies OptionList;

export { RoundRobin } from './round-robin.js';

/** Copy this folder, rename the class, and you have a plug-in. */
export default defineModule({
  name: 'round-robin',
  register: c => {
    add(c, OPTION_LIST, { value: options });
    add(c, SCHED_CLASS, { factory: from => new RoundRobin(get(from, KERNEL), readOptions(options, get(from, OPTIONS))['round-robin.slice']) });
  },
});
