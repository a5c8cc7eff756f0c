import { add, BALANCER, defineModule, type SimModule } from '@proxysched/kit';
import { PushPull } from './push-pull.js';

export const pushPull: SimModule = defineModule({
  name: 'push-pull',
  register: c => {
    add(c, BALANCER, { class: PushPull });
  },
});
