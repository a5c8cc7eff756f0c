import { broken } from './errors.js';
import type { ProxyResolver } from './proxy-resolver.js';
import type { Task } from './task.js';

/** G0, a kernel without proxy execution: whoever blocks leaves the queue, so donor and current are always the same task. */
export class ClassicResolver implements ProxyResolver {
  readonly name = 'off';

  keepsQueued(): boolean {
    return false;
  }

  select(_rq: unknown, donor: Task): Task | null {
    throw broken('K120', `${String(donor)} is blocked and was picked, but classic blocking keeps nobody queued`);
  }

  handOff(): Task | null {
    return null;
  }
}
