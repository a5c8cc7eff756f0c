import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { cannotWrite } from './errors.js';
import type { Io, Output } from './io.js';

const CHUNK = 1 << 16;

/** Somewhere for data to go: a file, or standard output. Text is gathered, so that a line costs no system call. */
export class Destination {
  private pending: string[] = [];
  private length = 0;

  private constructor(
    /** As the user would say it; absent: standard output. */
    readonly path: string | undefined,
    private readonly put: (chunk: string | Uint8Array) => void,
    private readonly close: () => void,
  ) {}

  static stdout(out: Output): Destination {
    return new Destination(
      undefined,
      chunk => out.write(chunk),
      () => undefined,
    );
  }

  /** Makes the folder when it is not there. */
  static file(path: string, io: Io): Destination {
    const fail = (error: unknown): never => {
      throw cannotWrite(path, (error as NodeJS.ErrnoException).code ?? String(error));
    };
    const guarded = <T>(work: () => T): T => {
      try {
        return work();
      } catch (error) {
        return fail(error);
      }
    };
    const full = resolve(io.cwd, path);
    const fd = guarded(() => {
      mkdirSync(dirname(full), { recursive: true });
      return openSync(full, 'w');
    });
    return new Destination(
      path,
      chunk => guarded(() => writeAll(fd, typeof chunk === 'string' ? Buffer.from(chunk) : chunk)),
      () => closeSync(fd),
    );
  }

  line(line: string): void {
    this.text(`${line}\n`);
  }

  text(text: string): void {
    this.pending.push(text);
    this.length += text.length;
    if (this.length >= CHUNK) this.flush();
  }

  bytes(bytes: Uint8Array): void {
    this.flush();
    this.put(bytes);
  }

  end(): void {
    this.flush();
    this.close();
  }

  private flush(): void {
    if (this.length > 0) this.put(this.pending.join(''));
    this.pending = [];
    this.length = 0;
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

/** A path for a file of a scenario: its name may hold anything. */
export function fileName(folder: string, scenario: string, suffix: string): string {
  const base = scenario.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+|-+$/g, '');
  return join(folder, `${base === '' ? 'scenario' : base}${suffix}`);
}
