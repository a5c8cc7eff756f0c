import { basename, join, resolve } from 'node:path';
import type { TraceSink } from '@proxysched/core';
import { ColumnSink, exportPerfetto, exportRecording, TextSink, type Columns, type RunInfo } from '@proxysched/trace';
import { Destination, fileName } from './destination.js';
import { binaryToTerminal } from './errors.js';
import { SUFFIX, type ExportFormat } from './export-format.js';
import type { Io } from './io.js';
import type { LoadedWorkload } from './load-workload.js';
import { panelTitle, picture } from './picture.js';
import { recordingSource } from './recording-source.js';
import { resultText } from './result-text.js';
import type { FinishedRun } from './simulate.js';
import type { Talk } from './talk.js';

/** What one run writes beside its summary, and where. The text goes out line by line while the run goes on. */
export class Exports {
  private readonly open = new Map<ExportFormat, Destination>();
  private readonly columns: ColumnSink;

  /**
   * @param folder `undefined`: there is one format, and it goes to standard output.
   * @param passes Whether the ends of scheduling passes are written as well.
   */
  constructor(
    private readonly formats: readonly ExportFormat[],
    private readonly folder: string | undefined,
    private readonly workload: LoadedWorkload,
    private readonly io: Io,
    private readonly passes = false,
  ) {
    this.columns = new ColumnSink(undefined, passes);
    if (folder === undefined && formats.includes('perfetto') && io.stdout.isTTY) throw binaryToTerminal('perfetto');
  }

  /** Sinks that have to listen during the run. */
  listen(info: RunInfo): readonly TraceSink[] {
    const sinks: TraceSink[] = this.formats.some(format => NEEDS_RECORD.includes(format)) ? [this.columns] : [];
    if (!this.formats.includes('text')) return sinks;
    const destination = this.destination('text');
    return [...sinks, new TextSink(line => destination.line(line), info, this.passes)];
  }

  /** Writes the rest, and says what was written. */
  finish(run: FinishedRun, talk: Talk): void {
    for (const format of this.formats) {
      const destination = this.destination(format);
      write(format, run, this.columns, this.workload, destination);
      destination.end();
      if (destination.path !== undefined) talk.say(`wrote ${destination.path}${HINTS[format] ?? ''}`);
    }
  }

  private destination(format: ExportFormat): Destination {
    let destination = this.open.get(format);
    if (destination === undefined) {
      destination =
        this.folder === undefined ? Destination.stdout(this.io.stdout) : Destination.file(this.path(this.folder, format), this.io);
      this.open.set(format, destination);
    }
    return destination;
  }

  /** A recording of a recording has the same file name, so that both can be held against each other; never its very place. */
  private path(folder: string, format: ExportFormat): string {
    const { file, source, scenario } = this.workload;
    const same = join(folder, basename(file));
    const isFree = !this.formats.includes('json') && resolve(this.io.cwd, same) !== resolve(this.io.cwd, file);
    return format === 'recording' && source === 'recording' && file !== '-' && isFree
      ? same
      : fileName(folder, scenario.name, SUFFIX[format]);
  }
}

/** Those that are made of all events at once. */
const NEEDS_RECORD: readonly ExportFormat[] = ['perfetto', 'svg', 'recording'];

const HINTS: Partial<Readonly<Record<ExportFormat, string>>> = { perfetto: ' (open it in ui.perfetto.dev)' };

function write(format: ExportFormat, run: FinishedRun, columns: Columns, workload: LoadedWorkload, to: Destination): void {
  const { info } = run;
  switch (format) {
    case 'text':
      return; // its sink has written it
    case 'perfetto':
      return to.bytes(exportPerfetto(columns, info));
    case 'svg':
      return to.text(picture(workload, [{ title: panelTitle(info.proxy), columns }]));
    case 'json':
      return to.text(resultText(run, workload));
    case 'recording':
      return to.text(`${JSON.stringify(exportRecording(columns, recordingSource(workload, info)))}\n`);
  }
}
