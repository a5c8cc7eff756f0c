import type { TasksetFile } from './taskset-file.js';

/** Who runs: fixed priorities, earliest deadlines, slices in turn, shares by virtual time, or the first of a list. */
export type Scheduler = 'fp' | 'edf' | 'rr' | 'fair' | 'list';

/** What is done about locks. */
export type Protocol = 'none' | 'PIP' | 'NPP' | 'PCP' | 'ICPP' | 'SRP' | 'BWI' | 'M-BWI' | 'proxy';

/** The rules that an expectation assumes. */
export interface Rules {
  readonly scheduler: Scheduler;
  readonly protocol: Protocol;
  /** An exhausted server waits for its period, or is refilled at once with a later deadline (the original CBS). */
  readonly exhaustion: 'throttle' | 'postpone';
  /** A woken server whose rest is too dense: a new deadline, or a smaller budget; absent: as Linux chooses. */
  readonly wakeUp?: 'original' | 'revised';
  readonly reclaim: boolean;
  /** The fair class has its deferrable server. */
  readonly fairServer: boolean;
  /** Slice of round robin, in the file's unit. */
  readonly slice?: number;
}

/** From the words of `policy`; `null`: it names no scheduler that is known here. */
export function readRules({ policy, tasks }: TasksetFile): Rules | null {
  const scheduler = schedulerOf(policy);
  if (scheduler === null) return null;
  const slice = /slice (\d+(?:\.\d+)?)/.exec(policy)?.[1];
  const wakeUp = /wake-?up rule (original|revised)/.exec(policy)?.[1] as 'original' | 'revised' | undefined;
  return {
    scheduler,
    protocol: protocolOf(policy, tasks),
    exhaustion: /soft CBS|at once with postponed deadline|recharged? at once/i.test(policy) ? 'postpone' : 'throttle',
    ...(wakeUp === undefined ? {} : { wakeUp }),
    fairServer: /fair server|server started/i.test(policy),
    reclaim: /\bGRUB\b|with reclaiming/.test(policy),
    ...(slice === undefined ? {} : { slice: Number(slice) }),
  };
}

/** What a key of `expect` changes, where it is a protocol or a policy with results of its own inside; else `null`. */
export function variant(rules: Rules, key: string): Rules | null {
  const change = VARIANTS[key];
  return change === undefined ? null : { ...rules, ...change };
}

const VARIANTS: Readonly<Record<string, Partial<Rules>>> = {
  none: { protocol: 'none' },
  PIP: { protocol: 'PIP' },
  NPP: { protocol: 'NPP' },
  PCP: { protocol: 'PCP' },
  ICPP: { protocol: 'ICPP' },
  SRP: { protocol: 'SRP' },
  BWI: { protocol: 'BWI' },
  'M-BWI': { protocol: 'M-BWI' },
  proxy: { protocol: 'proxy' },
  fp: { scheduler: 'fp' },
  rm: { scheduler: 'fp' },
  edf: { scheduler: 'edf' },
  fifo: { scheduler: 'fp' },
  rr: { scheduler: 'rr' },
  original: { wakeUp: 'original' },
  revised: { wakeUp: 'revised' },
  hard: { exhaustion: 'throttle' },
  soft: { exhaustion: 'postpone' },
};

/** The first word that names one. */
function schedulerOf(policy: string): Scheduler | null {
  const words: readonly (readonly [RegExp, Scheduler])[] = [
    [/\bEEVDF\b/, 'fair'],
    [/list scheduling/i, 'list'],
    [/\bSCHED_RR\b|round robin/i, 'rr'],
    [/\bFP\b|fixed priorit|rate.monotonic|\bRM\b|SCHED_FIFO/i, 'fp'],
    [/\bEDF\b|SCHED_DEADLINE|\bCBS\b/, 'edf'],
  ];
  const found = words.flatMap(([word, scheduler]) => {
    const at = policy.search(word);
    return at < 0 ? [] : [{ at, scheduler }];
  });
  return found.sort((a, b) => a.at - b.at)[0]?.scheduler ?? null;
}

function protocolOf(policy: string, tasks: TasksetFile['tasks']): Protocol {
  if (!tasks.some(task => task.ops?.some(op => 'lock' in op))) return 'none';
  if (/proxy execution/.test(policy)) return 'proxy';
  if (/M-BWI/.test(policy)) return 'M-BWI';
  return (/\b(PIP|NPP|PCP|ICPP|SRP|BWI)\b/.exec(policy)?.[1] as Protocol | undefined) ?? 'none';
}
