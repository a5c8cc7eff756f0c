import { broken, type ProxyResolver, type RunQueue, type Task } from '@proxysched/core';

/** What all protocols share that take a blocked task off its queue: nobody is ever picked who cannot run. */
export abstract class OffQueue implements ProxyResolver {
  abstract readonly name: string;

  keepsQueued(): boolean {
    return false;
  }

  select(_rq: RunQueue, donor: Task): Task | null {
    throw broken('N101', `${String(donor)} is blocked and was picked, but ${this.name} keeps no blocked task queued`);
  }

  handOff(): Task | null {
    return null;
  }
}
