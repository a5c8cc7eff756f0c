import { spells } from './first-divergence.js';
import type { RecordedRun, Recording } from './recorded-run.js';

const WIDTH = 1600;
const LEFT = 120;
const BAND = 18;
const COLOURS = ['#C8450B', '#E2A413', '#084E8A', '#6B4C9A', '#2E8F88', '#A83A6B', '#7A8B1E', '#8A5A2B', '#5A6774', '#0B7A57'];

/** A recording and our run of it, one above the other for each CPU; grey marks below where they differ. */
export function overlaySvg(recorded: Recording, ours: RecordedRun): string {
  const { duration_us: end, tasks } = recorded;
  const cpus = [...new Set(recorded.events.filter(e => e[0] === 'switch').map(e => e[2]))].sort((a, b) => a - b);
  const colour = new Map(tasks.map(({ name }, i) => [name, COLOURS[i % COLOURS.length]!]));
  const x = (us: number): string => (LEFT + (us / end) * (WIDTH - LEFT - 20)).toFixed(2);
  const width = (us: number): string => Math.max(0.1, (us / end) * (WIDTH - LEFT - 20)).toFixed(2);
  const parts: string[] = [];
  const label = (y: number, text: string): void => void parts.push(`<text x="8" y="${y}">${escape(text)}</text>`);
  label(18, recorded.id);
  let y = 34;
  for (const cpu of cpus) {
    for (const [run, name] of [
      [recorded, `CPU ${cpu} kernel`],
      [ours, `CPU ${cpu} model`],
    ] as const) {
      label(y + 13, name);
      for (const { task, from, until } of spells(run, cpu)) {
        if (task === '-') continue;
        parts.push(
          `<rect x="${x(from)}" y="${y}" width="${width(until - from)}" height="${BAND}" fill="${colour.get(task) ?? '#999'}"><title>${escape(task)} ${from} to ${until} us</title></rect>`,
        );
      }
      y += BAND + 2;
    }
    for (const [from, until] of differences(recorded, ours, cpu))
      parts.push(`<rect x="${x(from)}" y="${y}" width="${width(until - from)}" height="5" fill="#33404C"/>`);
    y += 17;
  }
  tasks.forEach(({ name }, i) => {
    const at = LEFT + (i % 10) * 140;
    const line = y + Math.floor(i / 10) * 18;
    parts.push(
      `<rect x="${at}" y="${line}" width="12" height="12" fill="${colour.get(name)!}"/><text x="${at + 17}" y="${line + 11}">${escape(name)}</text>`,
    );
  });
  const height = y + 18 * (1 + Math.floor(tasks.length / 10)) + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12" fill="#1B2733">\n<rect width="100%" height="100%" fill="#FFFFFF"/>\n${parts.join('\n')}\n</svg>\n`;
}

/** Where the two have different tasks on a CPU, us. */
function differences(a: RecordedRun, b: RecordedRun, cpu: number): [number, number][] {
  const x = spells(a, cpu);
  const y = spells(b, cpu);
  const found: [number, number][] = [];
  for (let i = 0, j = 0; i < x.length && j < y.length;) {
    const from = Math.max(x[i]!.from, y[j]!.from);
    const until = Math.min(x[i]!.until, y[j]!.until);
    if (x[i]!.task !== y[j]!.task && until > from) found.push([from, until]);
    if (x[i]!.until <= y[j]!.until) i++;
    else j++;
  }
  return found;
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
