import { add, defineModule, OPTION_LIST, provide, PROXY_RESOLVER, type SimModule } from '@proxysched/kit';
import { proxyOptions } from './options.js';
import { ProxyExecution } from './proxy-execution.js';

/** Proxy execution, by the options in force. Leave it out for `off`. */
export const proxy: SimModule = defineModule({
  name: 'proxy',
  register: c => {
    add(c, OPTION_LIST, { value: proxyOptions });
    provide(c, PROXY_RESOLVER, { class: ProxyExecution });
  },
});
