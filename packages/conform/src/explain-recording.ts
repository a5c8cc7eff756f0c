import type { DumpWriter, Kernel } from '@proxysched/core';
import { firstDivergence, type Divergence } from './first-divergence.js';
import type { RecordedRun, Recording } from './recorded-run.js';
import { runRecording } from './run-recording.js';

/** How long before and after the divergence events are told, us. */
const BEFORE_US = 1500;
const AFTER_US = 200;

/**
 * Where our run first parts from a recording, in text: the events of both sides up to there, and what every class of the CPU has
 * queued before and after our pick, with the keys by which it picks. Empty: they do not part.
 */
export function explainRecording(file: string, text: string): string {
  const recorded = JSON.parse(text) as Recording;
  const run = runRecording(file, text);
  const parted = firstDivergence(recorded, run);
  if (parted === null) return `${file}: the order of switches is the same to the end\n`;
  const dumps = dumpsAround(file, text, parted);
  return [
    `${file}: parts on CPU ${parted.cpu} after ${parted.same} switches`,
    `  the kernel  ${spellText(parted.recorded)}`,
    `  the model   ${spellText(parted.ours)}`,
    '',
    `kernel, ${window(parted)}`,
    ...eventsAround(recorded, parted),
    '',
    `model, ${window(parted)}`,
    ...eventsAround(run, parted),
    '',
    'queued in the model before that pick; eligible is who has vruntime at most avg_vruntime, the earliest deadline among them runs,',
    'unless who runs is protected (vruntime below vprot); FIFO and RR by priority, deadline tasks by deadline',
    ...dumps.before,
    'and after it',
    ...dumps.after,
    '',
  ].join('\n');
}

const spellText = ({ task, from, until }: Divergence['ours']): string => `${task === '-' ? 'nobody' : task} from ${from} to ${until} us`;

const window = ({ at }: Divergence): string => `${Math.max(0, at - BEFORE_US)} to ${at + AFTER_US} us`;

function eventsAround(run: RecordedRun, { at, cpu }: Divergence): string[] {
  return run.events
    .filter(e => e[1] >= at - BEFORE_US && e[1] <= at + AFTER_US && (e[2] === cpu || e[0] === 'migrate'))
    .map(([what, t, onCpu, ...rest]) => `  ${String(t).padStart(8)}  CPU ${onCpu}  ${what.padEnd(7)} ${rest.join(' ')}`);
}

/** The dumps of the CPU's classes around the moment at which our run takes its own way. */
function dumpsAround(file: string, text: string, { ours, cpu }: Divergence): { readonly before: string[]; readonly after: string[] } {
  const from = ours.from * 1000;
  let before: string[] = [];
  let after: string[] = [];
  const probe = (kernel: Kernel): void => {
    const { now } = kernel.queue;
    // Times of events are rounded down to us, and the pick is the last event before that of the spell.
    if (now < from - 20_000 || after.length > 0) return;
    const dump = dumpCpu(kernel, cpu);
    if (kernel.rqs[cpu]!.curr.comm === ours.task && now >= from) after = dump;
    else before = dump;
  };
  runRecording(file, text, { probe });
  return { before, after };
}

function dumpCpu(kernel: Kernel, cpu: number): string[] {
  const rq = kernel.rqs[cpu]!;
  const lines = [`  at ${kernel.queue.now} ns: CPU ${cpu} runs ${String(rq.curr)} in the name of ${String(rq.donor)}`];
  const out: DumpWriter = {
    section: title => void lines.push(`  ${title}`),
    field: (name, value) => void lines.push(`    ${name} ${value}`),
    row: cells => void lines.push(`    ${cells.map(cell => String(cell).padEnd(14)).join(' ')}`),
  };
  for (const cls of kernel.classes) cls.dump?.(rq, out);
  return lines;
}
