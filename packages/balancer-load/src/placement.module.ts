import { BALANCER, KERNEL, OPTIONS, OPTION_LIST, WAKEUP_PLACEMENT, add, defineModule, get, provide, type SimModule } from '@proxysched/kit';
import { Placement } from './placement.js';
import { placementOptions } from './placement-options.js';

/** Where fair tasks wake and start, as Linux decides it by domains, idleness and load. */
export const placement: SimModule = defineModule({
  name: 'placement',
  register: c => {
    add(c, OPTION_LIST, { value: placementOptions });
    provide(c, WAKEUP_PLACEMENT, { factory: from => new Placement(get(from, KERNEL), get(from, OPTIONS)) });
    add(c, BALANCER, { factory: from => get(from, WAKEUP_PLACEMENT) as Placement });
  },
});
