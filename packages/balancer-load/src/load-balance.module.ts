import { add, BALANCER, defineModule, OPTION_LIST, type SimModule } from '@proxysched/kit';
import { FairBalance } from './fair-balance.js';
import { LoadBalance } from './load-balance.js';
import { loadOptions } from './options.js';

export const loadBalance: SimModule = defineModule({
  name: 'load-balance',
  register: c => {
    add(c, OPTION_LIST, { value: loadOptions });
    add(c, BALANCER, { class: FairBalance });
    add(c, BALANCER, { class: LoadBalance });
  },
});
