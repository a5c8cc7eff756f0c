import { BALANCER, OPTION_LIST, WAKEUP_PLACEMENT, add, defineModule, get, provide, token, type SimModule } from '@proxysched/kit';
import { Placement } from './placement.js';
import { placementOptions } from './placement-options.js';

/** One object in two roles: another placement may take the one, and this stays what it is in the other. */
const PLACEMENT = token<Placement>('balancer-load/placement');

/** Where fair tasks wake and start, as Linux decides it by domains, idleness and load. */
export const placement: SimModule = defineModule({
  name: 'placement',
  register: c => {
    add(c, OPTION_LIST, { value: placementOptions });
    provide(c, PLACEMENT, { class: Placement });
    provide(c, WAKEUP_PLACEMENT, { factory: from => get(from, PLACEMENT) });
    add(c, BALANCER, { factory: from => get(from, PLACEMENT) });
  },
});
