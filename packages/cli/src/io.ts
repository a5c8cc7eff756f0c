/** The world outside, as the commands see it: tests bring their own. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Everything that comes in, or what came when it exceeded `limit` bytes. */
  readStdin(limit: number): Promise<Uint8Array>;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  importModule(url: string): Promise<unknown>;
  /** Wall clock in milliseconds; for the progress line, never for the model. */
  now(): number;
}

export interface Output {
  write(chunk: string | Uint8Array): void;
  readonly isTTY: boolean;
}

/** Colour is for terminals whose owner did not refuse it (no-color.org). */
export function wantsColor(out: Output, env: Io['env']): boolean {
  return out.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}
