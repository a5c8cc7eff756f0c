import type { DeadlockRun, PolicyVerdict, StudyWorkload, Verdict } from '@proxysched/study';
import { blend, LIGHT, SvgWriter, textOn } from '@proxysched/trace';
import { LETTERS, thousands } from './study-report.js';

const CELL = 34;
const ROW = 24;
const LEFT = 236;
const TOP = 150;
const LEGEND: readonly (readonly [Verdict, string])[] = [
  ['silent', 'honest work, silence'],
  ['opened', 'cycle named and opened'],
  ['named', 'cycle named, all outside it went on'],
  ['ended', 'cycle named, others stopped too'],
  ['missed', 'cycle missed'],
  ['false alarm', 'false alarm, all went on'],
  ['harm', 'false alarm, and some did not'],
];

const COLOURS: Readonly<Record<Verdict, string>> = {
  silent: blend(LIGHT.good, LIGHT.paper, 16),
  opened: LIGHT.good,
  named: blend(LIGHT.good, LIGHT.paper, 55),
  ended: blend(LIGHT.throttled, LIGHT.paper, 55),
  missed: LIGHT.ink,
  'false alarm': blend(LIGHT.bad, LIGHT.paper, 50),
  harm: LIGHT.bad,
};

/** The matrix as a picture: a cell for each policy and workload, colour and letter by verdict; re-picks and links beside. */
export function deadlockPicture(
  runs: readonly DeadlockRun[],
  verdicts: readonly PolicyVerdict[],
  workloads: readonly StudyWorkload[],
  generation: string,
): string {
  const edge = LEFT + workloads.length * CELL;
  const width = Math.max(edge + 170, 760);
  const bottom = TOP + verdicts.length * ROW;
  const height = bottom + 34 + Math.ceil(LEGEND.length / 2) * 22;
  const svg = new SvgWriter();
  const title = `Deadlock policies under ${generation}`;
  svg.raw(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`);
  svg.raw(`<title>${title}</title>`);
  svg.raw(
    `<style>text{font:12px "Liberation Sans",Arial,sans-serif;fill:${LIGHT.ink}}.t{font-size:18px;font-weight:bold}.m{fill:${LIGHT.muted}}.e{text-anchor:end}.c{text-anchor:middle}</style>`,
  );
  svg.rect(0, 0, width, height, `fill="${LIGHT.paper}"`);
  svg.text(16, 30, 't', title);
  svg.text(16, 50, 'm', 'Does a policy name true cycles, and is it silent on honest work?');
  workloads.forEach((w, i) => {
    const x = LEFT + (i + 0.5) * CELL + 4;
    svg.text(x, TOP - 8, w.deadlocks ? '' : 'm', w.name, { attributes: `transform="rotate(-60 ${x} ${TOP - 8})"` });
  });
  svg.text(edge + 80, TOP - 8, 'm e', 're-picks');
  svg.text(edge + 158, TOP - 8, 'm e', 'links walked');

  const found = new Map(runs.map(r => [`${r.policy} ${r.workload}`, r]));
  verdicts.forEach((v, row) => {
    const y = TOP + row * ROW;
    svg.text(LEFT - 10, y + 16, 'e', v.policy.length <= 34 ? v.policy : `…${v.policy.slice(-33)}`);
    workloads.forEach((w, i) => {
      const run = found.get(`${v.policy} ${w.name}`);
      if (run === undefined) return;
      const fill = COLOURS[run.verdict];
      svg.rect(LEFT + i * CELL + 1, y + 1, CELL - 2, ROW - 2, `fill="${fill}"`);
      svg.text(LEFT + (i + 0.5) * CELL, y + 16, 'c', LETTERS[run.verdict], { attributes: `style="fill:${textOn(fill)}"` });
    });
    svg.text(edge + 80, y + 16, 'e', thousands(v.repicks));
    svg.text(edge + 158, y + 16, 'e', thousands(v.links));
  });

  LEGEND.forEach(([which, about], i) => {
    const x = 16 + (i % 2) * 320;
    const y = bottom + 20 + Math.floor(i / 2) * 22;
    svg.rect(x, y, 20, 16, `fill="${COLOURS[which]}"`);
    svg.text(x + 10, y + 12, 'c', LETTERS[which], { attributes: `style="fill:${textOn(COLOURS[which])}"` });
    svg.text(x + 28, y + 12, '', about);
  });
  svg.raw('</svg>');
  return svg.toString();
}
