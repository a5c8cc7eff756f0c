import type { Conformance, FileResult, Verdict } from './conformance.js';
import { ConformError } from './errors.js';
import { KINDS } from './kinds.js';

const NOTHING: Verdict = { compared: 0, failed: 0, metrics: {}, notJudged: [] };

/** Judges one file by its content. A model that breaks on it has failed; a file that makes no sense is `invalid`. */
export function conformFile(path: string, text: string, kinds: readonly Conformance[] = KINDS): FileResult {
  const invalid = (why: string, kind: string | null = null): FileResult => ({ path, kind, ok: false, ...NOTHING, invalid: why });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return invalid(`no JSON: ${(error as Error).message}`);
  }
  const kind = kinds.find(k => k.recognises(json));
  if (kind === undefined) return invalid('not recognised');
  try {
    const verdict = kind.run({ path, text, json });
    return { path, kind: kind.name, ok: verdict.failed === 0 && verdict.compared > 0, ...verdict };
  } catch (error) {
    if (error instanceof ConformError) return invalid(error.message, kind.name);
    const broke = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { path, kind: kind.name, ok: false, ...NOTHING, failed: 1, first: `the model broke: ${broke}` };
  }
}
