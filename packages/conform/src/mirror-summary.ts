import type { FileResult } from './conformance.js';
import { OVERLAP_MARGIN, SHARE_MARGIN } from './kinds/recording.js';

/** A figure over many recordings, what it is to reach, and what one run of the kernel reaches when the other two judge it. */
export interface Bar {
  readonly name: string;
  readonly reached: number;
  readonly bar: number;
  readonly kernel: number;
  readonly over: string;
  readonly ok: boolean;
}

/** Where the kernel repeats itself, so must the model: families of the recordings by name, and the median overlap asked for. */
const FAMILIES = [
  { name: 'rt, deadline on one CPU', pattern: /^(rt-0[1-4]|rt-g|dl-0[2-4]|dl-g)/, bar: 0.98 },
  { name: 'rt on several CPUs', pattern: /^rt-smp-g/, bar: 0.93 },
  { name: 'written proxy, one CPU', pattern: /^px-(0[1-9]|1[01])/, bar: 0.93 },
  { name: 'fair on one CPU', pattern: /^fair-(0|1[0-4]|g)/, bar: 0.84 },
] as const;

/** Shares and medians of fewer say nothing. */
const ENOUGH = 10;

/** The bars of the mirror test over the recordings among `results`; a file that could not be run counts as far off; none over fewer than ten. */
export function mirrorBars(results: readonly FileResult[]): Bar[] {
  const recordings = results.filter(r => r.kind === 'recording' && r.notJudged.length === 0);
  if (recordings.length < ENOUGH) return [];
  const n = recordings.length;
  const files = `${n} files`;
  const of = (r: FileResult, name: string): number => Number(r.metrics[name] ?? NaN);
  const share = (holds: (r: FileResult) => boolean): number => recordings.filter(holds).length / n;
  const sum = (name: string): number => recordings.reduce((total, r) => total + (Number(r.metrics[name] ?? 0) || 0), 0);
  const overlaps = (rs: readonly FileResult[]): number[] => rs.map(r => Number(r.metrics['overlap'] ?? 0));
  const kernelMid = median(recordings.flatMap(r => (r.metrics['kernelOverlapMid'] === undefined ? [] : [of(r, 'kernelOverlapMid')])));
  const bars: Bar[] = [
    bar(
      'overlap near the kernel’s',
      share(r => of(r, 'overlap') >= of(r, 'kernelOverlapLow') - OVERLAP_MARGIN),
      0.85,
      files,
      0.85,
    ),
    bar('median overlap', median(overlaps(recordings)), round(kernelMid - 0.03), files, kernelMid),
    bar(
      'share error near the kernel’s',
      share(r => of(r, 'shareError') <= of(r, 'kernelShareError') + SHARE_MARGIN),
      0.88,
      files,
      0.93,
    ),
  ];
  const waiting = sum('waitTasks');
  const periodic = sum('responseTasks');
  if (waiting > 0) bars.push(bar('lock waits in span', sum('waitsInSpan') / waiting, 0.65, `${waiting} tasks`, 0.67));
  if (periodic > 0) bars.push(bar('responses in span', sum('responsesInSpan') / periodic, 0.92, `${periodic} tasks`, 0.96));
  for (const family of FAMILIES) {
    const members = recordings.filter(r => family.pattern.test(r.path.split('/').at(-1)!));
    if (members.length === 0) continue;
    const mid = median(members.map(r => Number(r.metrics['kernelOverlapMid'] ?? 0)));
    bars.push(bar(`median overlap, ${family.name}`, median(overlaps(members)), family.bar, `${members.length} files`, mid));
  }
  return bars;
}

function bar(name: string, reached: number, needed: number, over: string, kernel: number): Bar {
  return { name, reached, bar: needed, kernel, over, ok: reached >= needed };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

const round = (x: number): number => Math.round(x * 1000) / 1000;
