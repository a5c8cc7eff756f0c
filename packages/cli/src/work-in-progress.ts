import type { Io } from './io.js';

const PATIENCE_MS = 500;

/** One line on a terminal that tells which of many pieces of work is in hand, after half a second of silence. `clear` takes it away. */
export function workInProgress(io: Io, total: number): { next(what: string): void; clear(): void } {
  const began = io.now();
  let done = 0;
  let shown = false;
  return {
    next: what => {
      done++;
      if (!io.stderr.isTTY || io.now() - began < PATIENCE_MS) return;
      shown = true;
      io.stderr.write(`\r\u001b[K${done} of ${total}  ${what}`);
    },
    clear: () => {
      if (shown) io.stderr.write('\r\u001b[K');
      shown = false;
    },
  };
}
