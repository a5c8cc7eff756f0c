import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Io } from '../src/io.js';
import { runCli } from '../src/run-cli.js';

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface World {
  readonly cwd: string;
  /** Puts a file into the current directory and returns its name. */
  file(name: string, content: string | Uint8Array): string;
  run(...argv: string[]): Promise<Ended>;
  /** The same with other circumstances. */
  runWith(circumstances: Circumstances, ...argv: string[]): Promise<Ended>;
}

export interface Circumstances {
  readonly stdin?: string;
  readonly env?: Io['env'];
  readonly terminal?: boolean;
  readonly now?: () => number;
  /** What `import()` of a path ending so gives. */
  readonly modules?: Readonly<Record<string, unknown>>;
}

/** A command line in a folder of its own, in this process. */
export function makeWorld(): World {
  const cwd = mkdtempSync(join(tmpdir(), 'proxysched-'));
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));
  const runWith = async (circumstances: Circumstances, ...argv: string[]): Promise<Ended> => {
    const out: string[] = [];
    const err: string[] = [];
    const isTTY = circumstances.terminal === true;
    const code = await runCli(argv, {
      stdout: { write: chunk => out.push(String(chunk)), isTTY },
      stderr: { write: chunk => err.push(String(chunk)), isTTY },
      readStdin: async () => new TextEncoder().encode(circumstances.stdin ?? ''),
      cwd,
      env: circumstances.env ?? {},
      importModule: async url => {
        const found = Object.entries(circumstances.modules ?? {}).find(([end]) => url.endsWith(end));
        if (found === undefined) throw new Error(`the test has no module ${url}`);
        if (found[1] instanceof Error) throw found[1];
        return found[1];
      },
      now: circumstances.now ?? (() => 0),
    });
    return { code, out: out.join(''), err: err.join('') };
  };
  return {
    cwd,
    file: (name, content) => {
      writeFileSync(join(cwd, name), content);
      return name;
    },
    run: (...argv) => runWith({}, ...argv),
    runWith,
  };
}

/** Low, mid and high on one CPU, one mutex: high responds later without proxy execution. */
export const INVERSION = `version: 1
name: inversion
until: 20ms
tasks:
  - {name: high, policy: fifo 30, start: 2ms, deadline: 10ms, program: [{run: 1ms}, {lock: M}, {run: 2ms}, {unlock: M}]}
  - {name: mid, policy: fifo 20, start: 3ms, program: [{run: 6ms}]}
  - {name: low, policy: fifo 10, program: [{lock: M}, {run: 5ms}, {unlock: M}]}
`;
