/** A file to be judged, read once. */
export interface ConformFile {
  /** As the user named it, or found below a folder that the user named. */
  readonly path: string;
  readonly text: string;
  /** `text`, parsed. */
  readonly json: unknown;
}

/**
 * One kind of file of expected results. To add one: a file in `kinds/` that exports its `Conformance`, and a line in
 * `KINDS`. `Tally` does the counting.
 */
export interface Conformance {
  /** One word, as reports show it. */
  readonly name: string;
  /** Whether a file is of this kind: by its content (`schema`, or the keys there are), never by its name. */
  recognises(json: unknown): boolean;
  /** Runs the model on the file and compares. Throws `ConformError` when the file is not what its kind promises. */
  run(file: ConformFile): Verdict;
}

/** What came of comparing. */
export interface Verdict {
  /** Values compared, and those that were not as expected; `compared` of 0 is not a success. */
  readonly compared: number;
  readonly failed: number;
  /** Figures of the kind's own: numbers of values by what they are, agreement, times. */
  readonly metrics: Readonly<Record<string, number | string>>;
  /** Where it first differs, with the instant where there is one; absent: nowhere. */
  readonly first?: string;
  /** What the file expects and nobody judged, by name, with the reason where it is not plain. */
  readonly notJudged: readonly string[];
  /** Figures of both sides, a line of a table each, where the kind has such; all rows have the same keys. */
  readonly details?: readonly DetailRow[];
}

/** One line of a table of figures, by column. */
export type DetailRow = Readonly<Record<string, number | string>>;

/** A file, judged or not. */
export interface FileResult extends Verdict {
  readonly path: string;
  /** Name of its kind; `null`: no kind recognises it. */
  readonly kind: string | null;
  readonly ok: boolean;
  /** It could not be judged, and why: unreadable, of no kind, or not what its kind promises. */
  readonly invalid?: string;
}

/** Whether a parsed file is an object with this `schema`: what most kinds recognise. */
export function hasSchema(json: unknown, schema: string): boolean {
  return typeof json === 'object' && json !== null && (json as { readonly schema?: unknown }).schema === schema;
}
