import { nrCpusOf, presetTopology, regularTopology, NO_GAPS, type Costs, type Gaps, type MachineSpec, type Nanos, type OptionValue, type RegularTopology } from '@proxysched/core';
import { parseDuration } from './duration.js';
import { TOPOLOGY_CHOICE, badMachine, badSetting, topologyHasOtherCpus, unknownSetting } from './errors.js';
import { MAX_CPUS } from './limits.js';
import type { Report } from './report.js';

/** What `--set` may change beside the dials of plug-ins. */
export interface Settings {
  cpus?: number;
  topology?: RegularTopology;
  hz?: number | null;
  hrtick?: boolean;
  tickPhase?: Nanos;
  costs: Partial<Record<keyof Costs, Nanos>>;
  gaps?: Partial<Record<keyof Gaps, Nanos>>;
  until?: Nanos;
  seed?: number;
  proxy?: string;
  /** Rates by which rt-app's memory and I/O events become time (`rtapp.*`). */
  rtapp: Partial<Record<RtAppRate, number>>;
  options: Record<string, OptionValue>;
}

export type RtAppRate = keyof typeof RTAPP_RATES;

/** Units of work done in a microsecond, when nobody says otherwise: figures of the order of a small server's. */
export const RTAPP_RATES = {
  /** `mem`: memset. */
  memBytesPerUs: 10_000,
  /** `iorun`: write to /dev/null and the like. */
  ioBytesPerUs: 10_000,
  /** `memrun`, read and write: one byte after the other. */
  memrunBytesPerUs: 1_000,
  /** `memrun`, chase: pointer hops that miss the cache. */
  chaseHopsPerUs: 10,
};

const COSTS = [
  'contextSwitch',
  'preemption',
  'schedule',
  'mark',
  'lockOp',
  'sysCall',
  'sysReturn',
  'lockReturn',
  'overrun',
  'wakeUp',
  'timer',
  'tick',
  'migration',
] as const satisfies readonly (keyof Costs)[];
const GAPS = Object.keys(NO_GAPS) as (keyof Gaps)[];
const KNOWN = [
  ...['cpus', 'topology', 'hz', 'hrtick', 'tickPhase', ...COSTS.map(c => `costs.${c}`), ...GAPS.map(g => `gaps.${g}`)].map(k => `machine.${k}`),
  ...['until', 'seed', 'proxy'],
  ...Object.keys(RTAPP_RATES).map(k => `rtapp.${k}`),
];

/** Reads `key=value` settings; names of plug-ins' dials are not looked at, whoever wires the plug-ins knows them. */
export function readSettings(overrides: Readonly<Record<string, string>>, report: Report): Settings {
  const settings: Settings = { costs: {}, rtapp: {}, options: {} };
  for (const [key, value] of Object.entries(overrides)) {
    if (KNOWN.includes(key)) {
      const expected = set(settings, key, value.trim());
      if (expected !== null) report.add(badSetting(key, value, expected), null);
    } else if (/^(machine|rtapp)\b/.test(key) || !/^[\w-]+(\.[\w-]+)+$/.test(key)) report.add(unknownSetting(key, KNOWN), null);
    else settings.options[key] = optionValue(value.trim());
  }
  return settings;
}

/** A dial's value: a truth value, a number, a time (in nanoseconds), or else a word. */
export function optionValue(text: string): OptionValue {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  const time = /^\d/.test(text) ? parseDuration(text) : null;
  return time?.ok === true ? time.ns : text;
}

/** Refuses an impossible number of CPUs, and goes on with the most there can be: no CPU the text names is out of range then. */
export function checkCpus(settings: Settings, report: Report): void {
  const { cpus, topology } = settings;
  if (topology !== undefined) {
    settings.cpus = nrCpusOf(topology);
    if (cpus !== undefined && cpus !== settings.cpus) report.add(topologyHasOtherCpus(settings.cpus, cpus, '--cpus'), null);
    return;
  }
  if (cpus === undefined || (Number.isInteger(cpus) && cpus >= 1 && cpus <= MAX_CPUS)) return;
  report.add(badMachine(`a machine has 1 to ${MAX_CPUS} CPUs, not ${cpus}`), null);
  settings.cpus = MAX_CPUS;
}

/** The machine of a text, as the settings change it. */
export function settledMachine(machine: MachineSpec, settings: Settings, report: Report): MachineSpec {
  const topology = settings.topology === undefined ? machine.topology : regularTopology(settings.topology);
  const settled: MachineSpec = {
    cpus: settings.cpus ?? machine.cpus,
    hz: settings.hz === undefined ? machine.hz : settings.hz,
    hrtick: settings.hrtick ?? machine.hrtick,
    tickPhase: settings.tickPhase ?? machine.tickPhase,
    costs: { ...machine.costs, ...settings.costs },
    ...(topology === undefined ? {} : { topology }),
    // Whoever sets one of these means it for every class.
    ...(machine.classCosts === undefined || 'schedule' in settings.costs || 'wakeUp' in settings.costs
      ? {}
      : { classCosts: machine.classCosts }),
    ...(machine.turns === undefined ? {} : { turns: machine.turns }),
    ...(machine.gaps === undefined && settings.gaps === undefined ? {} : { gaps: { ...NO_GAPS, ...machine.gaps, ...settings.gaps } }),
  };
  if (settled.hz !== null && settled.tickPhase * settled.hz >= 1e9) {
    report.add(badMachine(`the tick's phase of ${settled.tickPhase} ns is not within one tick at ${settled.hz} Hz`), null);
  }
  return settled;
}

/** Sets one value; returns what was expected when it does not fit, having set one that gets in nobody's way. */
function set(settings: Settings, key: string, value: string): string | null {
  const whole = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
  const time = parseDuration(value);
  const takeTime = (apply: (ns: Nanos) => void): string | null => {
    if (time.ok) apply(time.ns);
    return time.ok ? null : `a time (${time.why})`;
  };
  const cost = COSTS.find(c => key === `machine.costs.${c}`);
  if (cost !== undefined) return takeTime(ns => (settings.costs[cost] = ns));
  const gap = GAPS.find(g => key === `machine.gaps.${g}`);
  if (gap !== undefined) return takeTime(ns => (settings.gaps = { ...settings.gaps, [gap]: ns }));
  if (key.startsWith('rtapp.')) {
    settings.rtapp[key.slice(6) as RtAppRate] = whole >= 1 ? whole : 1;
    return whole >= 1 ? null : 'a whole number of at least 1';
  }
  switch (key) {
    case 'machine.cpus':
      settings.cpus = whole >= 1 && whole <= MAX_CPUS ? whole : MAX_CPUS;
      return settings.cpus === whole ? null : `1 to ${MAX_CPUS}`;
    case 'machine.topology': {
      const shape = presetTopology(value);
      if (shape === null || nrCpusOf(shape) > MAX_CPUS) return TOPOLOGY_CHOICE;
      settings.topology = shape;
      return null;
    }
    case 'machine.hz':
      settings.hz = whole >= 1 && whole <= 1_000_000 ? whole : null;
      return value === 'exact' || settings.hz !== null ? null : 'a frequency in Hz, or "exact"';
    case 'machine.hrtick':
      settings.hrtick = value === 'true';
      return value === 'true' || value === 'false' ? null : 'true or false';
    case 'machine.tickPhase':
      return takeTime(ns => (settings.tickPhase = ns));
    case 'until':
      return takeTime(ns => (settings.until = ns));
    case 'seed':
      settings.seed = Number.isNaN(whole) ? 1 : whole;
      return Number.isNaN(whole) ? 'a whole number' : null;
    default:
      settings.proxy = value;
      return value === '' ? 'the name of a generation, or "off"' : null;
  }
}
