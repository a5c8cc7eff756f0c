import { add, defineModule, OPTION_LIST, provide, PROXY_RESOLVER, type SimModule } from '@proxysched/kit';
import { proxyOptions } from './options.js';
import { ProxyExecution } from './proxy-execution.js';

/** Proxy execution, by the options in force. */
export const proxy: SimModule = defineModule({
  name: 'proxy',
  register: c => {
    add(c, OPTION_LIST, { value: proxyOptions });
    provide(c, PROXY_RESOLVER, { class: ProxyExecution });
  },
});

/** In its place for `off`: a scenario may turn its dials and still be run without it, to compare. */
export const proxyOff: SimModule = defineModule({
  name: 'proxy-off',
  register: c => add(c, OPTION_LIST, { value: proxyOptions }),
});
