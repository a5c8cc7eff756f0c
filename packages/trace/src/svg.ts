import { policyName, type Nanos } from '@proxysched/core';
import type { Columns } from './column-sink.js';
import { count } from './format.js';
import { buildPanel, chooseFocus, type Bar, type Density, type PanelModel, type Stretch } from './gantt-model.js';
import { computeMetrics, type Metrics, type TaskMetrics } from './metrics.js';
import { DARK, LIGHT, blend, textOn, type Theme } from './palette.js';
import { SvgWriter, clipToWidth, escapeXml, num, textWidth } from './svg-writer.js';
import { durationNumber, durationText, tickLabel, timeAxis, type TimeAxis } from './time-axis.js';
import { urgentFirst } from './urgency.js';
import { commOf, mutexName } from './row-sink.js';

export interface GanttPanel {
  readonly columns: Columns;
  /** `Without proxy execution` */
  readonly title: string;
  /** What is different here, in half a sentence. */
  readonly about?: string;
}

export interface GanttOptions {
  readonly title: string;
  /** The set-up in one sentence. */
  readonly about?: string;
  /** What the picture does not prove. */
  readonly footnote?: string;
  /** Shown from here to there, ns; absent: all. */
  readonly from?: Nanos;
  readonly until?: Nanos;
  /** `comm` of the task whose response is explained; absent: the most urgent that waited for a lock. */
  readonly focus?: string;
  /** A row for every task; absent: up to 12 tasks. */
  readonly taskRows?: boolean;
  readonly theme?: 'light' | 'dark';
  /** Before every id, so that several pictures fit into one page. */
  readonly idPrefix?: string;
}

/**
 * A run as a picture, or two runs above each other on one time axis: per CPU a pair of rows (donor, current) that differ
 * where somebody runs for somebody else, and a row per task (`gantt-style.md`). The same recording gives the same bytes.
 */
export function renderGantt(panels: readonly GanttPanel[], options: GanttOptions): string {
  return new Gantt(panels, options).render();
}

const WIDTH = 1640;
const PLOT_X = 232;
const EDGE = 1604;
const SIDE_X = 1366.4;
const SIDE_WIDTH = 221;
/** More marks of one kind than this in a panel are not drawn one by one; misses and inversions always are. */
const MANY = 400;

/** Kinds of marks, in the order of the legend. */
type Mark =
  | 'runs'
  | 'proxy'
  | 'holds'
  | 'donating'
  | 'waiting'
  | 'blocked'
  | 'parked'
  | 'ready'
  | 'throttled'
  | 'release'
  | 'deadline'
  | 'completion'
  | 'late'
  | 'frame'
  | 'inversion'
  | 'passing'
  | 'migration'
  | 'proxyMigration'
  | 'returnMigration'
  | 'density';

/** Heights that depend on how many rows there are. */
interface Layout {
  readonly taskRows: boolean;
  readonly taskPitch: number;
  readonly cpuRow: number;
  readonly cpuPitch: number;
  readonly side: boolean;
  readonly plotEnd: number;
}

const BAR = 40;

class Gantt {
  private readonly out = new SvgWriter();
  private readonly theme: Theme;
  private readonly id: string;
  private readonly models: PanelModel[];
  private readonly from: Nanos;
  private readonly until: Nanos;
  private readonly scale: number;
  private readonly axis: TimeAxis;
  private readonly layout: Layout;
  private readonly seen = new Set<Mark>();
  /** Colour index by `comm`, the same in all panels. */
  private readonly slots = new Map<string, number>();
  private readonly hatches = new Set<number>();
  private readonly weaves = new Set<number>();

  constructor(
    private readonly panels: readonly GanttPanel[],
    private readonly options: GanttOptions,
  ) {
    this.theme = options.theme === 'dark' ? DARK : LIGHT;
    this.id = options.idPrefix ?? 'ps';
    const metrics = panels.map(panel => computeMetrics(panel.columns));
    this.from = options.from ?? 0;
    this.until = options.until ?? Math.max(this.from + 1, ...metrics.map(m => m.at));
    this.layout = layoutFor(metrics, options);
    this.scale = (this.layout.plotEnd - 26.4 - PLOT_X) / (this.until - this.from);
    this.axis = timeAxis(this.from, this.until, this.scale, 40);
    this.giveColours(metrics);
    const focus = this.focusOf(metrics);
    const { from, until, scale } = this;
    this.models = panels.map((panel, i) => {
      const p = focus === null ? null : (metrics[i]!.tasks.find(t => t.task.comm === focus && t.jobs > 0) ?? null);
      return buildPanel(panel.columns, metrics[i]!, { from, until, scale, taskRows: this.layout.taskRows }, p);
    });
  }

  render(): string {
    const body = new SvgWriter();
    let y = this.options.about === undefined ? 100 : 126;
    this.models.forEach((model, i) => {
      y = this.panel(body, model, this.panels[i]!, i, y);
    });
    y = this.legend(body, y - 2);
    const height = Math.ceil(y + 24);
    const { out, theme, id } = this;
    out.raw(
      `<svg xmlns="http://www.w3.org/2000/svg" id="${id}-svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="${id}-t ${id}-d">`,
    );
    out.raw(`<title id="${id}-t">${escapeXml(this.options.title)}</title>`);
    out.raw(`<desc id="${id}-d">${escapeXml(this.describe())}</desc>`);
    this.defs(out);
    out.rect(0, 0, WIDTH, height, `fill="${theme.paper}"`);
    out.text(40, 48, 'h1', this.options.title);
    if (this.options.about !== undefined) out.text(40, 74, 'sub', this.options.about);
    return `${out.toString()}${body.toString()}</svg>\n`;
  }

  // --- panel ---------------------------------------------------------------------------------------------------------

  /** Draws a panel whose title stands at `y`; the next one's goes where this returns. */
  private panel(out: SvgWriter, model: PanelModel, panel: GanttPanel, index: number, y: number): number {
    const { theme, layout, axis } = this;
    const letter = this.panels.length > 1;
    if (letter) out.text(40, y, 'ph', String.fromCharCode(97 + index), { attributes: `style="fill:${theme.faint}"` });
    const about = panel.about === undefined ? '' : `<tspan class="pk" dx="14">${escapeXml(panel.about)}</tspan>`;
    out.raw(`<text x="${letter ? 60 : 40}" y="${num(y)}" class="ph">${escapeXml(panel.title)}${about}</text>`);

    const top = y + 24;
    const order = layout.taskRows ? this.order(model.metrics) : [];
    const base = new Map<number, number>();
    order.forEach((pid, i) => base.set(pid, top + 66 + i * layout.taskPitch));
    const firstCpu = order.length === 0 ? top + 26 : top + 66 + (order.length - 1) * layout.taskPitch + 20;
    const cpuY = (cpu: number): number => firstCpu + cpu * layout.cpuPitch;
    const bottom = cpuY(model.cpus.length - 1) + 2 * layout.cpuRow + 2 + 8;

    for (const t of axis.ticks) out.path(`M${num(this.x(t))} ${num(top)}V${num(bottom + 2)}`, `stroke="${theme.grid}" stroke-width="1"`);
    const strip = new Lane();
    this.columnsOfTime(out, model, top, bottom);
    for (const pid of order) this.taskRow(out, model, pid, base.get(pid)!);
    if (order.length > 0) this.notes(out, model, order, base);
    for (let cpu = 0; cpu < model.cpus.length; cpu++) this.cpuPair(out, model, cpu, cpuY(cpu));
    this.moves(out, model, cpuY);
    this.dimensions(out, model, top, strip);

    for (const t of axis.ticks) {
      out.path(`M${num(this.x(t))} ${num(bottom)}v5`, `stroke="${theme.muted}" stroke-width="1"`);
      out.text(this.x(t), bottom + 18, 'ax', tickLabel(axis, t));
    }
    const lastTick = axis.ticks.at(-1) ?? this.until;
    out.text(Math.max(this.x(this.until), this.x(lastTick)) + 14, bottom + 18, 'ax', axis.unit, {
      attributes: 'style="text-anchor:start"',
    });
    const sideEnd = layout.side ? this.side(out, model, top + 10) : 0;
    return Math.max(bottom + 18, sideEnd) + 58;
  }

  /** Pale columns over all rows: inversions, and stretches in which somebody runs for somebody else. */
  private columnsOfTime(out: SvgWriter, model: PanelModel, top: number, bottom: number): void {
    const { theme } = this;
    if (model.cpus.length === 1 && model.donations.length <= MANY) {
      for (const s of this.visible(model.donations)) {
        const [x0, x1] = this.span(s, 0);
        if (x1 - x0 >= 2) out.rect(x0, top - 2, x1 - x0, bottom - top + 2, `fill="${theme.ink}" opacity=".04"`);
      }
    }
    let lastX = -Infinity;
    for (const s of this.visible(model.inversions)) {
      const [x0, x1] = this.span(s, 3);
      if (x1 - lastX < 0.5) continue;
      const from = Math.max(x0, lastX);
      out.rect(from, top - 2, x1 - from, bottom - top + 2, `fill="${theme.bad}" opacity=".075"`);
      lastX = x1;
      this.seen.add('inversion');
    }
  }

  private taskRow(out: SvgWriter, model: PanelModel, pid: number, base: number): void {
    const { theme } = this;
    const top = base - BAR;
    const row = model.rows.get(pid)!;
    out.path(`M${PLOT_X} ${num(base)}H${num(this.layout.plotEnd)}`, `stroke="${theme.rule}" stroke-width="1"`);
    out.rect(40, top, 5, BAR, `fill="${this.fill(model, pid)}"`);
    out.text(56, base - 22, 'task', commOf(model.columns, pid));
    out.text(56, base - 5, 'attr', this.attributes(model, pid));
    for (const d of row.density) this.density(out, model, d, base, BAR);
    for (const bar of row.bars) this.bar(out, model, pid, bar, base);
    const marks = model.marks.get(pid)!;
    const few = (times: readonly unknown[]): boolean => times.length <= MANY / 2;
    if (few(marks.releases)) {
      for (const t of marks.releases.filter(at => this.shown(at))) {
        const x = this.x(t);
        this.seen.add('release');
        out.path(`M${num(x)} ${num(base)}V${num(top - 8)}`, `stroke="${theme.paper}" stroke-width="4.5"`);
        out.path(`M${num(x)} ${num(base)}V${num(top - 18)}`, `stroke="${theme.ink}" stroke-width="1.7" marker-end="url(#${this.id}-ar)"`);
      }
    }
    if (few(marks.deadlines)) {
      for (const t of marks.deadlines.filter(at => this.shown(at))) {
        const x = this.x(t);
        this.seen.add('deadline');
        out.path(`M${num(x)} ${num(top - 16)}V${num(base)}`, `stroke="${theme.paper}" stroke-width="5"`);
        out.path(
          `M${num(x - 6.5)} ${num(base - 13)}L${num(x)} ${num(base + 1)}L${num(x + 6.5)} ${num(base - 13)}Z`,
          `fill="${theme.paper}"`,
        );
        out.path(
          `M${num(x)} ${num(top - 16)}V${num(base - 1)}`,
          `stroke="${theme.ink}" stroke-width="1.7" marker-end="url(#${this.id}-ar)"`,
        );
      }
    }
    for (const c of marks.completions) {
      if (!this.shown(c.at) || (!c.late && !few(marks.completions))) continue;
      this.seen.add(c.late ? 'late' : 'completion');
      this.ring(out, this.x(c.at), top, c.late);
    }
  }

  private ring(out: SvgWriter, x: number, y: number, late: boolean): void {
    const { theme } = this;
    out.circle(x, y, 4.6, `fill="${theme.paper}" stroke="${theme.ink}" stroke-width="1.7"`);
    if (late) {
      out.path(`M${num(x - 6.5)} ${num(y - 6.5)}l13 13M${num(x + 6.5)} ${num(y - 6.5)}l-13 13`, `stroke="${theme.bad}" stroke-width="1.9"`);
    }
  }

  private bar(out: SvgWriter, model: PanelModel, pid: number, bar: Bar, base: number): void {
    const { theme } = this;
    const x = PLOT_X + bar.x0;
    const width = bar.x1 - bar.x0;
    const top = base - BAR;
    const colour = this.colour(model, pid);
    const tint = blend(colour, theme.paper, theme.tint);
    switch (bar.face) {
      case 'running':
        return this.runningBar(out, model, pid, bar, base);
      case 'donating':
        this.seen.add('donating');
        return out.rect(x, top, width, BAR, `fill="${this.hatch(model, pid)}" stroke="${colour}" stroke-width="1.4"`);
      case 'waiting':
        this.seen.add('waiting');
        return out.rect(x, base - 12, width, 12, `fill="${this.hatch(model, pid)}" stroke="${colour}" stroke-width="1"`);
      case 'blocked':
        this.seen.add('blocked');
        return out.rect(x, base - 22, width, 22, `fill="url(#${this.id}-off)" stroke="${theme.faint}" stroke-width="1"`);
      case 'parked':
        this.seen.add('parked');
        return out.rect(
          x,
          base - 22,
          width,
          22,
          `fill="url(#${this.id}-off)" stroke="${theme.ink}" stroke-width="1.2" stroke-dasharray="1.5 2.5"`,
        );
      case 'ready':
        this.seen.add('ready');
        return out.rect(x, base - 9, width, 9, `fill="${tint}" stroke="${colour}" stroke-width="1.1"`);
      case 'throttled':
        this.seen.add('throttled');
        return out.rect(x, base - 12, width, 12, `fill="url(#${this.id}-notch)" stroke="${theme.throttled}" stroke-width="1.2"`);
      case 'off':
        return;
    }
  }

  private runningBar(out: SvgWriter, model: PanelModel, pid: number, bar: Bar, base: number): void {
    const { theme } = this;
    const x = PLOT_X + bar.x0;
    const width = bar.x1 - bar.x0;
    const top = base - BAR;
    const proxy = bar.other !== pid && bar.other !== 0;
    this.seen.add('runs');
    out.rect(x, top, width, BAR, `fill="${this.fill(model, pid)}"`);
    if (proxy) {
      this.seen.add('proxy');
      out.rect(x, top, width, 9, `fill="${this.fill(model, bar.other)}"`);
      out.path(`M${num(x)} ${num(top + 9)}H${num(x + width)}`, `stroke="${theme.paper}" stroke-width="1.4"`);
    }
    // Several mutexes stack their feet, as far as the bar has room for.
    const feet = bar.held.slice(0, proxy ? 2 : 3);
    feet.forEach((m, i) => {
      this.seen.add('holds');
      const y = base - 12 * (i + 1);
      out.rect(x, y, width, 12, `fill="${theme.ink}"`);
      out.path(`M${num(x)} ${num(y)}H${num(x + width)}`, `stroke="${theme.paper}" stroke-width=".9"`);
      const name = mutexName(model.columns, m);
      if (width >= textWidth(name, 9.5, true) + 8) out.text(x + width / 2, y + 9.3, 'cs', name);
    });
    out.rect(x, top, width, BAR, `fill="none" stroke="${theme.paper}" stroke-width="1"`);
    const own = commOf(model.columns, pid);
    const room = BAR - (proxy ? 9 : 0) - 12 * feet.length;
    const label = [proxy ? `${own}, for ${commOf(model.columns, bar.other)}` : own, own].find(
      text => width >= textWidth(text, 12, true) + 20,
    );
    if (label !== undefined && room >= 15) {
      const middle = top + (proxy ? 9 : 0) + room / 2;
      out.text(x + width / 2, middle + 4.4, 'in', label, { attributes: `style="fill:${textOn(this.colour(model, pid))}"` });
    }
  }

  private cpuPair(out: SvgWriter, model: PanelModel, cpu: number, y: number): void {
    const { theme, layout } = this;
    const { cpuRow } = layout;
    const pair = model.cpus[cpu]!;
    const big = cpuRow >= 20;
    const middle = y + cpuRow + 1;
    out.text(56, middle + (big ? 5 : 4), big ? 'task' : 'attr', `CPU ${cpu}`);
    if (big) {
      out.text(220, y + cpuRow / 2 + 4, 'attr', 'donor', { attributes: 'text-anchor="end"' });
      out.text(220, y + cpuRow + 2 + cpuRow / 2 + 4, 'attr', 'current', { attributes: 'text-anchor="end"' });
    }
    out.path(`M${PLOT_X} ${num(middle)}H${num(this.x(this.until))}`, `stroke="${theme.grid}" stroke-width="1"`);
    const rows = [
      { bars: pair.donor, density: pair.donorDensity, top: y },
      { bars: pair.curr, density: pair.currDensity, top: y + cpuRow + 2 },
    ];
    for (const row of rows) {
      for (const d of row.density) this.density(out, model, d, row.top + cpuRow, cpuRow);
      for (const bar of row.bars) {
        const x = PLOT_X + bar.x0;
        const width = bar.x1 - bar.x0;
        out.rect(
          x,
          row.top,
          width,
          cpuRow,
          `fill="${this.fill(model, bar.pid)}" stroke="${theme.paper}" stroke-width="${width < 6 ? '.4' : '1'}"`,
        );
        const name = commOf(model.columns, bar.pid);
        if (!big || width < textWidth(name, 12, true) + 20) continue;
        out.text(x + width / 2, row.top + cpuRow / 2 + 4.5, 'in', name, {
          attributes: `style="fill:${textOn(this.colour(model, bar.pid))}"`,
        });
      }
    }
    let lastX = -Infinity;
    for (const { x0, x1 } of pair.frames) {
      this.seen.add('frame');
      const x = PLOT_X + x0;
      // Too narrow for a frame: a line above the pair, so that the rows stay readable.
      if (x1 - x0 >= 6) {
        out.rect(x - 1.5, y - 2, x1 - x0 + 3, 2 * cpuRow + 6, `fill="none" stroke="${theme.ink}" stroke-width="1.8"`);
      } else if (x1 - lastX >= 1) {
        const from = Math.max(x0, lastX);
        lastX = Math.max(x1, from + 1);
        out.rect(PLOT_X + from, y - 3.5, lastX - from, 2.5, `fill="${theme.ink}"`);
      }
    }
    const widest = [...pair.frames].sort((a, b) => b.x1 - b.x0 - (a.x1 - a.x0))[0];
    const label = 'donor ≠ current';
    if (big && cpu === 0 && widest !== undefined && widest.x1 - widest.x0 >= textWidth(label, 12)) {
      out.text(PLOT_X + (widest.x0 + widest.x1) / 2, y - 6.5, 'note mid', label, { halo: theme.paper });
    }
  }

  private density(out: SvgWriter, model: PanelModel, d: Density, base: number, height: number): void {
    this.seen.add('density');
    const h = Math.max(1, d.fill * height);
    out.rect(PLOT_X + d.x0, base - h, d.x1 - d.x0, h, `fill="${this.colour(model, d.pid)}"`);
  }

  /** Words and arrows between the task rows, while there are few enough of them to be read. */
  private notes(out: SvgWriter, model: PanelModel, order: readonly number[], base: ReadonlyMap<number, number>): void {
    const { theme } = this;
    const wordy = order.length <= 8;
    const gaps = new Map<number, Lane>();
    const passings = model.passings.filter(p => this.shown(p.at));
    if (passings.length <= 60) {
      for (const p of passings) {
        const y0 = base.get(p.from);
        const y1 = base.get(p.to);
        if (y0 === undefined || y1 === undefined || p.from === p.to) continue;
        this.seen.add('passing');
        const x = num(this.x(p.at));
        const line = y1 < y0 ? `M${x} ${num(y0 - BAR - 3)}V${num(y1 + 6)}` : `M${x} ${num(y0 + 3)}V${num(y1 - BAR - 6)}`;
        out.path(
          line,
          `fill="none" stroke="${theme.ink}" stroke-width="1.4" stroke-dasharray="1.5 3.2" stroke-linecap="round" marker-end="url(#${this.id}-ar)"`,
        );
        const m = mutexName(model.columns, p.mutex);
        const text = p.toDonor ? `unlock ${m}: handed to the donor` : `unlock ${m}: handed to ${commOf(model.columns, p.to)}`;
        // In the gap below the upper row, unless something else is written there or a release arrow rises into it.
        const gapY = Math.min(y0, y1);
        const x0 = this.x(p.at) + 8;
        const lane = gaps.get(gapY) ?? new Lane();
        gaps.set(gapY, lane);
        const x2 = x0 + textWidth(text, 12);
        const below = order[order.findIndex(pid => base.get(pid) === gapY) + 1]!;
        const crossed = passings.some(q => q !== p && this.x(q.at) > x0 - 4 && this.x(q.at) < x2 + 4);
        const free = !crossed && !this.arrowIn(model, below, x0, x2);
        if (wordy && free && passings.length <= 12 && x2 < this.layout.plotEnd && lane.take(x0, x2)) {
          out.text(x0, gapY + 20, 'note', text, { halo: theme.paper });
        }
      }
    }
    if (!wordy) return;
    for (const pid of order) {
      const y = base.get(pid)!;
      for (const bar of model.rows.get(pid)!.bars) {
        const x = PLOT_X + bar.x0;
        const width = bar.x1 - bar.x0;
        if (bar.face === 'donating') {
          const text = ['blocked, donating', 'donating'].find(t => width >= textWidth(t, 12, true) + 28);
          if (text === undefined) continue;
          const w = textWidth(text, 12, true) + 12;
          out.rect(x + width / 2 - w / 2, y - BAR + 9, w, 21, `rx="3" fill="${theme.paper}" opacity=".94"`);
          out.text(x + width / 2, y - BAR + 23.5, 'note strong mid', text);
        } else if (bar.face === 'blocked' || bar.face === 'parked') {
          const on = bar.lock < 0 ? bar.face : `${bar.face} on ${mutexName(model.columns, bar.lock)}`;
          const full = bar.face === 'parked' ? `${on}, its owner sleeps` : `${on}, off the run queue`;
          const text = [full, on].find(t => width >= textWidth(t, 12) + 12);
          if (text !== undefined) out.text(x + 6, y - 29, 'note', text, { halo: theme.paper });
        }
      }
    }
    const focus = model.split?.task.task.pid;
    const marks = focus === undefined ? undefined : model.marks.get(focus);
    if (focus === undefined || marks === undefined || marks.deadlines.length > 3) return;
    for (const t of marks.deadlines.filter(at => this.shown(at))) {
      out.text(this.x(t) - 8, base.get(focus)! - BAR - 3, 'noteM', 'deadline', { halo: theme.paper, attributes: 'text-anchor="end"' });
    }
  }

  private arrowIn(model: PanelModel, pid: number, x0: number, x1: number): boolean {
    const marks = model.marks.get(pid)!;
    return [...marks.releases, ...marks.deadlines].some(t => this.x(t) > x0 - 6 && this.x(t) < x1 + 6);
  }

  /** The line of durations above the rows: late or to spare, inversions, proxying; each where there is room. */
  private dimensions(out: SvgWriter, model: PanelModel, top: number, lane: Lane): void {
    const { theme, axis } = this;
    const y = top + 1;
    const { split } = model;
    if (split !== null && this.layout.taskRows) {
      const marks = model.marks.get(split.task.task.pid)!;
      const deadline = marks.deadlineOf.get(split.release);
      if (deadline !== undefined && deadline < split.done) {
        this.dimension(
          out,
          lane,
          deadline,
          split.done,
          y,
          theme.bad,
          'bad',
          [`late by ${durationText(axis, split.done - deadline)}`],
          true,
        );
      } else if (deadline !== undefined && deadline > split.done) {
        this.dimension(
          out,
          lane,
          split.done,
          deadline,
          y,
          theme.good,
          'good',
          [`${durationText(axis, deadline - split.done)} to spare`],
          true,
        );
      }
    }
    const inversions = this.visible(model.inversions);
    for (const s of longest(inversions, 40)) {
      const time = durationText(axis, s.to - s.from);
      const who = `${commOf(model.columns, s.second)} runs while ${commOf(model.columns, s.first)} waits`;
      this.dimension(
        out,
        lane,
        s.from,
        s.to,
        y,
        theme.bad,
        'bad',
        [`priority inversion ${time}: ${who}`, `inversion ${time}`],
        inversions.length <= 12,
      );
    }
    for (const s of longest(this.visible(model.donations), 40)) {
      const time = durationText(axis, s.to - s.from);
      const runner = commOf(model.columns, s.second);
      this.dimension(out, lane, s.from, s.to, y, theme.ink, 'ink', [`${runner} runs as proxy ${time}`, `${runner} as proxy`], false);
    }
  }

  private dimension(
    out: SvgWriter,
    lane: Lane,
    from: Nanos,
    to: Nanos,
    y: number,
    colour: string,
    marker: string,
    texts: readonly string[],
    beside: boolean,
  ): void {
    const x0 = this.x(Math.max(from, this.from));
    const x1 = this.x(Math.min(to, this.until));
    const text = texts.find(t => x1 - x0 >= textWidth(t, 12, true) + 30);
    if (text === undefined || !lane.take(x0, x1)) {
      const short = texts.at(-1)!;
      // Narrow: the text beside the stretch, where that leaves room for others.
      const end = x1 + textWidth(short, 12, true) + 12;
      if (text !== undefined || !beside || end > this.layout.plotEnd || !lane.take(x0, end)) return;
      out.path(`M${num(x0)} ${num(y)}H${num(x1)}`, `stroke="${colour}" stroke-width="2.4"`);
      out.text(x1 + 8, y + 4.2, 'note strong', short, { halo: this.theme.paper, attributes: `style="fill:${colour}"` });
      return;
    }
    const middle = (x0 + x1) / 2;
    const half = textWidth(text, 12, true) / 2 + 7;
    const arrow = (attribute: string): string => `stroke="${colour}" stroke-width="1.4" ${attribute}="url(#${this.id}-${marker})"`;
    out.path(`M${num(x0 + 1)} ${num(y)}H${num(middle - half)}`, arrow('marker-start'));
    out.path(`M${num(middle + half)} ${num(y)}H${num(x1 - 1)}`, arrow('marker-end'));
    out.text(middle, y + 4.2, 'note strong mid', text, { halo: this.theme.paper, attributes: `style="fill:${colour}"` });
  }

  /** Migrations as lines between CPU pairs: proxy dashed, return dotted. */
  private moves(out: SvgWriter, model: PanelModel, cpuY: (cpu: number) => number): void {
    const moves = model.moves.filter(m => this.shown(m.at));
    if (moves.length > MANY) return;
    const { theme, layout } = this;
    for (const m of moves) {
      const x = num(this.x(m.at));
      const down = m.to > m.from;
      const edge = layout.cpuRow >= 20 ? 9 : 2;
      const y0 = down ? cpuY(m.from) + 2 * layout.cpuRow + 2 - edge : cpuY(m.from) + edge;
      const y1 = down ? cpuY(m.to) + 1 : cpuY(m.to) + 2 * layout.cpuRow + 1;
      this.seen.add(moveMark(m.why));
      out.path(`M${x} ${num(y0)}V${num(y1)}`, `stroke="${theme.paper}" stroke-width="4"`);
      out.path(
        `M${x} ${num(y0)}V${num(y1)}`,
        `stroke="${theme.ink}" stroke-width="1.3"${moveDash(m.why)} marker-end="url(#${this.id}-ar)"`,
      );
    }
  }

  // --- right column --------------------------------------------------------------------------------------------------

  private side(out: SvgWriter, model: PanelModel, y: number): number {
    const { split } = model;
    if (split === null) return 0;
    const { theme, axis } = this;
    const task = split.task;
    const several = task.jobs > 1 ? 'longest response time' : 'response time';
    out.text(SIDE_X, y, 'lab', `${several} of ${task.task.comm}`);
    out.text(SIDE_X, y + 27, 'big', durationText(axis, split.done - split.release));
    const longestSplit = Math.max(1, ...this.models.map(m => (m.split === null ? 0 : m.split.done - m.split.release)));
    const scale = SIDE_WIDTH / longestSplit;
    let x = SIDE_X;
    let row = y + 84;
    for (const part of split.parts) {
      const fill = part.pid === 0 ? theme.rule : this.fill(model, part.pid);
      out.rect(x, y + 40, part.time * scale, 22, `fill="${fill}" stroke="${theme.paper}" stroke-width=".6"`);
      x += part.time * scale;
    }
    const value = (label: string, text: string): void => {
      out.text(SIDE_X, row, 'leg', label);
      out.text(SIDE_X + SIDE_WIDTH, row, 'leg strong', text, { attributes: 'text-anchor="end"' });
      row += 20;
    };
    for (const part of split.parts) {
      const fill = part.pid === 0 ? theme.rule : this.fill(model, part.pid);
      out.rect(SIDE_X, row - 10, 11, 11, `fill="${fill}"`);
      const amount = durationNumber(axis, part.time);
      out.text(SIDE_X + 19, row, 'leg', clipToWidth(part.label, 12, SIDE_WIDTH - 27 - textWidth(amount, 12, true)));
      out.text(SIDE_X + SIDE_WIDTH, row, 'leg strong', amount, { attributes: 'text-anchor="end"' });
      row += 20;
    }
    out.path(`M${num(SIDE_X)} ${num(row - 7)}h${SIDE_WIDTH}`, `stroke="${theme.rule}"`);
    row += 9;
    const { deadline } = model.marks.get(task.task.pid)!;
    if (deadline > 0) {
      const met = task.misses === 0 ? 'met' : task.jobs === 1 ? 'missed' : `missed ${task.misses} of ${task.jobs}`;
      value(`deadline (${Number(durationNumber(axis, deadline))} ${axis.unit})`, met);
    }
    value('context switches', String(model.metrics.totals.switches));
    if (model.metrics.totals.migrations.proxy > 0) value('proxy migrations', String(model.metrics.totals.migrations.proxy));
    return split.chain === null ? row : this.chain(out, model, split.chain, row + 16);
  }

  private chain(out: SvgWriter, model: PanelModel, chain: NonNullable<NonNullable<PanelModel['split']>['chain']>, y: number): number {
    const { theme, axis } = this;
    const tick = axis.ticks.find(t => t > chain.from && t < chain.to) ?? chain.from;
    out.text(SIDE_X, y, 'lab', `blocked-on chain at ${tickOrExact(axis, tick)} ${axis.unit}`);
    let tight = false;
    const pill = (pid: number): number => Math.max(tight ? 36 : 50, textWidth(commOf(model.columns, pid), 12, true) + (tight ? 12 : 22));
    const box = (name: string): number => Math.max(tight ? 20 : 24, textWidth(name, 12, true) + 10);
    let { pids, mutexes } = chain;
    const room = EDGE - SIDE_X;
    const total = (): number => pids.reduce((w, p) => w + pill(p), 0) + mutexes.reduce((w, m) => w + box(m) + (tight ? 30 : 70), 0);
    tight = total() > room;
    const cut = total() > room;
    // A chain too long for the column keeps its ends.
    while (total() > room && pids.length > 2) {
      pids = [...pids.slice(0, -2), pids.at(-1)!];
      mutexes = mutexes.slice(0, -1);
    }
    const squeeze = tight ? 10 : 30;
    let x = SIDE_X;
    const link = (dashed: boolean): void => {
      out.path(
        `M${num(x + 2)} ${num(y + 26)}H${num(x + 2 + squeeze)}`,
        `stroke="${theme.ink}" stroke-width="1.4"${dashed ? ' stroke-dasharray="2 3"' : ''} marker-end="url(#${this.id}-ar)"`,
      );
      x += squeeze + 5;
    };
    pids.forEach((pid, i) => {
      const w = pill(pid);
      const last = i === pids.length - 1;
      out.rect(x, y + 13, w, 26, `rx="13" fill="${this.fill(model, pid)}"`);
      out.text(x + w / 2, y + 30.3, 'in', commOf(model.columns, pid), { attributes: `style="fill:${textOn(this.colour(model, pid))}"` });
      const role = i === 0 ? (chain.donating ? 'donor' : 'waits') : last ? (chain.endRuns ? 'runs' : 'owner') : 'waits';
      out.text(x + w / 2, y + 56, 'attr mid', role);
      x += w;
      if (last) return;
      link(false);
      const m = mutexes[i]!;
      out.rect(x, y + 14, box(m), 24, `fill="${theme.ink}"`);
      out.text(x + box(m) / 2, y + 30.3, 'in', m, { attributes: `style="fill:${theme.paper}"` });
      out.text(x + box(m) / 2, y + 56, 'attr mid', 'mutex');
      x += box(m);
      link(cut && i === pids.length - 2);
    });
    if (cut) out.text(SIDE_X, y + 74, 'attr', `${chain.pids.length} tasks in the chain, the middle left out`);
    return y + (cut ? 74 : 56);
  }

  // --- legend, definitions -------------------------------------------------------------------------------------------

  private legend(out: SvgWriter, y: number): number {
    const { theme } = this;
    const items = LEGEND.filter(([mark]) => this.seen.has(mark));
    out.path(`M40 ${num(y)}H${EDGE}`, `stroke="${theme.rule}" stroke-width="1"`);
    out.text(40, y + 32, 'ph', 'How to read it', { attributes: 'style="font-size:14px"' });
    const rows = Math.max(1, Math.ceil(items.length / 4));
    items.forEach(([mark, text], i) => {
      const x = 204 + Math.floor(i / rows) * 354;
      const top = y + 16 + (i % rows) * 34;
      this.sample(out, mark, x, top);
      out.text(x + 54, top + 14.5, 'leg', text);
    });
    let end = y + 16 + rows * 34;
    if (this.options.footnote !== undefined) {
      out.text(204, end + 12, 'noteM', this.options.footnote);
      end += 16;
    }
    return end;
  }

  /** A mark as it looks, 44 x 20. */
  private sample(out: SvgWriter, mark: Mark, x: number, y: number): void {
    const { theme, id } = this;
    const [first, , third] = theme.bodies as readonly [string, string, string];
    const tint = blend(third, theme.paper, theme.tint);
    const arrow = `stroke="${theme.ink}" stroke-width="1.7" marker-end="url(#${id}-ar)"`;
    switch (mark) {
      case 'runs':
        return out.rect(x, y, 44, 20, `fill="${third}"`);
      case 'proxy':
        out.rect(x, y, 44, 20, `fill="${third}"`);
        out.rect(x, y, 44, 6, `fill="${first}"`);
        return out.path(`M${x} ${num(y + 6)}h44`, `stroke="${theme.paper}" stroke-width="1.2"`);
      case 'holds':
        out.rect(x, y, 44, 20, `fill="${third}"`);
        out.rect(x, y + 11, 44, 9, `fill="${theme.ink}"`);
        return out.text(x + 22, y + 18.6, 'cs', 'M');
      case 'donating':
        this.hatches.add(0);
        return out.rect(x, y, 44, 20, `fill="url(#${id}-h0)" stroke="${first}" stroke-width="1.3"`);
      case 'waiting':
        this.hatches.add(0);
        return out.rect(x, y + 12, 44, 8, `fill="url(#${id}-h0)" stroke="${first}" stroke-width="1"`);
      case 'blocked':
        return out.rect(x, y + 6, 44, 14, `fill="url(#${id}-off)" stroke="${theme.faint}"`);
      case 'parked':
        return out.rect(x, y + 6, 44, 14, `fill="url(#${id}-off)" stroke="${theme.ink}" stroke-width="1.2" stroke-dasharray="1.5 2.5"`);
      case 'ready':
        return out.rect(x, y + 12, 44, 8, `fill="${tint}" stroke="${third}" stroke-width="1.1"`);
      case 'throttled':
        return out.rect(x, y + 8, 44, 12, `fill="url(#${id}-notch)" stroke="${theme.throttled}" stroke-width="1.2"`);
      case 'release':
        return out.path(`M${x + 22} ${num(y + 21)}V${num(y - 2)}`, arrow);
      case 'deadline':
        return out.path(`M${x + 22} ${num(y - 2)}V${num(y + 21)}`, arrow);
      case 'completion':
      case 'late':
        return this.ring(out, x + 22, y + 10, mark === 'late');
      case 'frame':
        out.rect(x, y - 1, 44, 10, `fill="${first}"`);
        out.rect(x, y + 11, 44, 10, `fill="${third}"`);
        return out.rect(x - 1, y - 2, 46, 24, `fill="none" stroke="${theme.ink}" stroke-width="1.6"`);
      case 'inversion':
        return out.rect(x, y, 44, 20, `fill="${theme.bad}" opacity=".12"`);
      case 'passing':
        return out.path(
          `M${x + 6} ${num(y + 10)}h32`,
          `stroke="${theme.ink}" stroke-width="1.4" stroke-dasharray="1.5 3.2" stroke-linecap="round" marker-end="url(#${id}-ar)"`,
        );
      case 'migration':
      case 'proxyMigration':
      case 'returnMigration': {
        const why = mark === 'proxyMigration' ? 'proxy' : mark === 'returnMigration' ? 'return' : 'balance';
        return out.path(
          `M${x + 6} ${num(y + 10)}h32`,
          `stroke="${theme.ink}" stroke-width="1.3"${moveDash(why)} marker-end="url(#${id}-ar)"`,
        );
      }
      case 'density':
        for (let i = 0; i < 11; i++) out.rect(x + 4 * i, y + 20 - DENSITY_SAMPLE[i]!, 4, DENSITY_SAMPLE[i]!, `fill="${third}"`);
        return;
    }
  }

  private defs(out: SvgWriter): void {
    const { theme, id } = this;
    const { ink, muted, paper } = theme;
    const at = `#${id}-svg`;
    out.raw(`<defs>
<style>
 ${at} text{font-family:Inter,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif;fill:${ink};font-size:13px;font-feature-settings:"tnum" 1}
 ${at} .h1{font-size:25px;font-weight:700;letter-spacing:-.35px}
 ${at} .sub{font-size:14.5px;fill:${muted}}
 ${at} .ph{font-size:16.5px;font-weight:650;letter-spacing:-.1px}
 ${at} .pk{font-size:13px;font-weight:400;letter-spacing:0;fill:${muted}}
 ${at} .task{font-size:15px;font-weight:650}
 ${at} .attr{font-size:11.5px;fill:${muted}}
 ${at} .ax{font-size:11.5px;fill:${muted};text-anchor:middle}
 ${at} .note{font-size:12px}
 ${at} .noteM{font-size:12px;fill:${muted}}
 ${at} .strong{font-weight:600}
 ${at} .mid{text-anchor:middle}
 ${at} .in{font-size:12px;font-weight:600;text-anchor:middle}
 ${at} .cs{font-size:9.5px;fill:${paper};font-weight:700;text-anchor:middle;letter-spacing:.3px}
 ${at} .big{font-size:21px;font-weight:700;letter-spacing:-.3px}
 ${at} .lab{font-size:12px;fill:${muted}}
 ${at} .leg{font-size:12px}
</style>`);
    for (const slot of [...this.hatches].sort((a, b) => a - b)) {
      const body = this.body(slot);
      const ground = blend(body, paper, theme.tint);
      out.raw(
        `<pattern id="${id}-h${slot}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="7" height="7" fill="${ground}"/><rect width="2.6" height="7" fill="${body}"/></pattern>`,
      );
    }
    for (const slot of [...this.weaves].sort((a, b) => a - b)) {
      out.raw(
        `<pattern id="${id}-w${slot}" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="${this.body(slot)}"/><path d="M0 1.5h3M3 4.5h3M1.5 3v3M4.5 0v3" stroke="${paper}" stroke-opacity=".38" stroke-width=".9"/></pattern>`,
      );
    }
    if (this.seen.has('blocked') || this.seen.has('parked')) {
      out.raw(
        `<pattern id="${id}-off" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="7" height="7" fill="${paper}"/><rect width="1.3" height="7" fill="${theme.faint}"/></pattern>`,
      );
    }
    if (this.seen.has('throttled')) {
      out.raw(
        `<pattern id="${id}-notch" width="8" height="12" patternUnits="userSpaceOnUse"><rect width="8" height="12" fill="${paper}"/><path d="M0 0h4v5h-4z" fill="${theme.throttled}"/></pattern>`,
      );
    }
    for (const [name, colour] of [
      ['ar', ink],
      ['ink', ink],
      ['bad', theme.bad],
      ['good', theme.good],
    ] as const) {
      out.raw(
        `<marker id="${id}-${name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7.5" markerHeight="7.5" orient="auto-start-reverse"><path d="M0 .6 7.4 4 0 7.4z" fill="${colour}"/></marker>`,
      );
    }
    out.raw('</defs>');
  }

  // --- helpers -------------------------------------------------------------------------------------------------------

  private x(t: Nanos): number {
    return PLOT_X + (t - this.from) * this.scale;
  }

  private shown(t: Nanos): boolean {
    return t >= this.from && t <= this.until;
  }

  private visible(list: readonly Stretch[]): readonly Stretch[] {
    return list.filter(s => s.to > this.from && s.from < this.until);
  }

  /** Ends of a stretch in px, at least `least` apart. */
  private span(s: Stretch, least: number): [number, number] {
    const x0 = this.x(Math.max(s.from, this.from));
    const x1 = this.x(Math.min(s.to, this.until));
    return x1 - x0 >= least ? [x0, x1] : [x0 - (least - x1 + x0) / 2, x1 + (least - x1 + x0) / 2];
  }

  private order(metrics: Metrics): number[] {
    return urgentFirst(metrics.tasks.map(t => t.task)).map(p => p.pid);
  }

  private giveColours(metrics: readonly Metrics[]): void {
    for (const m of metrics) {
      const byPid = new Map(m.tasks.map(t => [t.task.pid, t.task.comm]));
      for (const pid of this.order(m)) {
        const comm = byPid.get(pid)!;
        if (!this.slots.has(comm)) this.slots.set(comm, this.slots.size);
      }
    }
  }

  private slot(model: PanelModel, pid: number): number {
    return this.slots.get(commOf(model.columns, pid)) ?? 0;
  }

  private body(slot: number): string {
    return this.theme.bodies[slot % this.theme.bodies.length]!;
  }

  private colour(model: PanelModel, pid: number): string {
    return this.body(this.slot(model, pid));
  }

  /** Paint of a body: its colour, woven from the ninth task on. */
  private fill(model: PanelModel, pid: number): string {
    const slot = this.slot(model, pid);
    if (slot < this.theme.bodies.length) return this.body(slot);
    this.weaves.add(slot);
    return `url(#${this.id}-w${slot})`;
  }

  private hatch(model: PanelModel, pid: number): string {
    const slot = this.slot(model, pid) % this.theme.bodies.length;
    this.hatches.add(slot);
    return `url(#${this.id}-h${slot})`;
  }

  private attributes(model: PanelModel, pid: number): string {
    const { axis } = this;
    const parts = [policyName(model.columns.tasks[pid]!.policy)];
    const marks = model.marks.get(pid)!;
    const timed: [string, Nanos][] = [
      ['C', marks.work],
      ['D', marks.deadline],
      ['T', marks.period],
    ];
    const given = timed.filter(([, ns]) => ns > 0);
    given.forEach(([name, ns], i) => {
      const value = String(Number(durationNumber(axis, ns)));
      parts.push(`${name} = ${value}${i === given.length - 1 ? ` ${axis.unit}` : ''}`);
    });
    return parts.join(' · ');
  }

  private focusOf(metrics: readonly Metrics[]): string | null {
    if (this.options.focus !== undefined) return this.options.focus;
    for (const m of metrics) {
      const t: TaskMetrics | null = chooseFocus(m);
      if (t !== null) return t.task.comm;
    }
    return null;
  }

  /** The picture in numbers, for those who cannot see it. */
  private describe(): string {
    const { axis } = this;
    const one = this.models.length === 1;
    const tasks = this.models[0]?.metrics.tasks.length ?? 0;
    const span = `${tickOrExact(axis, this.from)} to ${tickOrExact(axis, this.until)} ${axis.unit}`;
    const sentences = [
      one
        ? `A schedule of ${count(tasks, 'task')} from ${span}.`
        : `${this.models.length} schedules of ${count(tasks, 'task')} on one time axis from ${span}.`,
    ];
    this.models.forEach((model, i) => {
      const { totals } = model.metrics;
      const facts: string[] = [];
      if (model.split !== null) {
        const { task, release, done } = model.split;
        facts.push(`${task.task.comm} responds in ${durationText(axis, done - release)} at the longest`);
        if (task.lockWait.count > 0) facts.push(`waits ${durationText(axis, task.lockWait.total)} for locks`);
        if (task.misses > 0) facts.push(`misses ${count(task.misses, 'deadline')}, by ${durationText(axis, task.late.value)} at most`);
      }
      facts.push(
        `inverted ${durationText(axis, totals.inversion)}`,
        `donated ${durationText(axis, totals.donated)}`,
        count(totals.switches, 'context switch').replace('switchs', 'switches'),
      );
      sentences.push(`${one ? '' : `${this.panels[i]!.title}: `}${facts.join(', ')}.`);
    });
    return sentences.join(' ');
  }
}

/** What is taken on a line of labels. */
class Lane {
  private readonly taken: [number, number][] = [];

  /** Takes x0 … x1 if nothing else is there. */
  take(x0: number, x1: number): boolean {
    if (this.taken.some(([a, b]) => x0 < b - 0.5 && x1 > a + 0.5)) return false;
    this.taken.push([x0, x1]);
    return true;
  }
}

const LEGEND: readonly (readonly [Mark, string])[] = [
  ['runs', 'runs, full height, own colour'],
  ['proxy', 'runs as proxy: cap in the donor’s colour'],
  ['holds', 'holds a mutex: dark foot with its name'],
  ['donating', 'blocked, still queued and picked: donor'],
  ['waiting', 'blocked, still queued, not picked'],
  ['blocked', 'blocked, off the run queue'],
  ['parked', 'blocked, parked on a sleeping owner'],
  ['ready', 'runnable, waiting for the CPU'],
  ['throttled', 'budget empty, throttled'],
  ['release', 'release'],
  ['deadline', 'absolute deadline'],
  ['completion', 'completion'],
  ['late', 'completion after the deadline'],
  ['frame', 'donor differs from current'],
  ['inversion', 'inversion: lower rank runs instead'],
  ['passing', 'mutex passes to the waiter'],
  ['migration', 'migration'],
  ['proxyMigration', 'proxy migration'],
  ['returnMigration', 'return migration'],
  ['density', 'many short bars: height is the share of time'],
];

const DENSITY_SAMPLE = [6, 9, 14, 12, 18, 20, 15, 11, 13, 8, 5];

function layoutFor(metrics: readonly Metrics[], options: GanttOptions): Layout {
  const tasks = Math.max(0, ...metrics.map(m => m.tasks.length));
  const cpus = Math.max(1, ...metrics.map(m => m.nrCpus));
  const taskRows = options.taskRows ?? tasks <= 12;
  const side = tasks <= 8 && metrics.some(m => chooseFocus(m) !== null);
  const [cpuRow, gap] = cpus <= 8 ? [26, 16] : cpus <= 32 ? [12, 10] : [6, 5];
  return {
    taskRows,
    taskPitch: tasks <= 6 ? 78 : 70,
    cpuRow,
    cpuPitch: 2 * cpuRow + 2 + gap,
    side,
    plotEnd: side ? 1314.4 : EDGE,
  };
}

function longest(list: readonly Stretch[], most: number): readonly Stretch[] {
  return [...list].sort((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from).slice(0, most);
}

function moveMark(why: string): Mark {
  return why === 'proxy' ? 'proxyMigration' : why === 'return' ? 'returnMigration' : 'migration';
}

function moveDash(why: string): string {
  return why === 'proxy' ? ' stroke-dasharray="5 3"' : why === 'return' ? ' stroke-dasharray="1.5 3" stroke-linecap="round"' : '';
}

function tickOrExact(axis: TimeAxis, t: Nanos): string {
  return t % axis.step === 0 ? tickLabel(axis, t) : durationNumber(axis, t);
}
