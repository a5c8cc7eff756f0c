import { broken } from './errors.js';

/** Always on. `detail` is only called when the condition fails, so that it costs nothing. */
export function assert(condition: boolean, code: string, detail: () => string): asserts condition {
  if (!condition) throw broken(code, detail());
}
