/** What `run` can write beside its summary. */
export const EXPORTS = ['text', 'perfetto', 'svg', 'json', 'recording'] as const;

export type ExportFormat = (typeof EXPORTS)[number];

/** Ends of file names. */
export const SUFFIX: Readonly<Record<ExportFormat, string>> = {
  text: '.trace',
  perfetto: '.pftrace',
  svg: '.svg',
  json: '.json',
  recording: '.recording.json',
};
