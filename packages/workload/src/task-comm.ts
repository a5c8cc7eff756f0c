import { MAX_COMM } from './limits.js';

/** Names for tasks: at most 15 printable characters without spaces, each once. */
export class TaskComms {
  private readonly taken = new Set<string>();

  /** `name` followed by `suffix`, the name cut where it is too long. */
  make(name: string, suffix: string): string {
    const clean = name.replace(/[^\x21-\x7e]/g, '_') || 'task';
    for (let n = 0; ; n++) {
      const tail = n === 0 ? suffix : `~${n}${suffix}`;
      const comm = clean.slice(0, Math.max(0, MAX_COMM - tail.length)) + tail;
      if (this.taken.has(comm)) continue;
      this.taken.add(comm);
      return comm;
    }
  }
}
