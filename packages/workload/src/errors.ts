import { TOPOLOGY_NAMES } from '@proxysched/core';
import { MAX_CPUS } from './limits.js';
import type { Problem } from './report.js';
import type { Span } from './source.js';
import { suggest } from './suggest.js';

/*
 * Every finding of this package, one function each: E is wrong and stops, W is doubtful, N is worth knowing. A number is
 * never used twice. 00x any text, 01x–05x rt-app and what programs do, 06x recordings, 07x–08x scenarios, 09x settings.
 */

export const quote = (name: string): string => JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}…` : name);

const error = (code: string, message: string, more: Partial<Problem> = {}): Problem => ({ severity: 'error', code, message, ...more });
const warning = (code: string, message: string, more: Partial<Problem> = {}): Problem => ({ severity: 'warning', code, message, ...more });
const note = (code: string, message: string, more: Partial<Problem> = {}): Problem => ({ severity: 'note', code, message, ...more });

const mean = (name: string, known: Iterable<string>): string[] => {
  const near = suggest(name, known);
  return near === undefined ? [] : [`help: did you mean ${quote(near)}?`];
};
const among = (names: readonly string[]): string => {
  const shown = names.slice(0, 12).map(n => quote(n));
  return shown.length === 0
    ? 'there are none'
    : `there ${names.length === 1 ? 'is' : 'are'} ${shown.join(', ')}${names.length > 12 ? ', …' : ''}`;
};
const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

// -- any text ---------------------------------------------------------------------------------------------------------

export const textTooLarge = (length: number, limit: number): Problem =>
  error('E001', `the file is too large: ${(length / 1048576).toFixed(1)} MiB, the limit is ${limit / 1048576} MiB`);
export const notText = (what: string): Problem =>
  error('E002', `this is no text: it holds ${what}`, { help: ['a workload is a text file in UTF-8: YAML or JSON'] });
export const emptyText = (): Problem =>
  error('E003', 'the file is empty', {
    help: ['help: the smallest scenario has "version: 1" and a list "tasks:"; see docs/scenario-format.md'],
  });
export const jsonTooDeep = (): Problem => error('E004', 'brackets are nested more than 64 deep; no workload needs that');
export const yamlTooDeep = (): Problem => error('E004', 'the text is nested more than 64 deep; no workload needs that');
export const jsonUnexpected = (expected: string, found: string, hint?: string): Problem =>
  error('E005', `expected ${expected}, found ${found}`, hint === undefined ? {} : { help: [hint] });
export const yamlFault = (code: string, message: string): Problem =>
  error('E006', `not valid YAML: ${message.split('\n')[0]!}`, code === 'TAB_AS_INDENT' ? { help: ['help: indent with spaces'] } : {});
export const yamlTooBig = (length: number, limit: number): Problem =>
  error('E001', `the file is too large for YAML: ${Math.ceil(length / 1024)} KiB, the limit is ${limit / 1024} KiB`, {
    help: ['help: "instances" makes many tasks of one; what is written in JSON may have 16 MiB'],
  });
export const unknownKind = (found: string): Problem =>
  error('E007', `this is no workload: ${found}`, {
    help: [
      'a scenario has "version" and a list "tasks"',
      'an rt-app workload has an object "tasks"',
      'a recording has "machine" with a "config", and "tasks"',
    ],
  });
export const aliasBomb = (): Problem =>
  error('E008', 'aliases make this document more than 10000 nodes larger; write it out, or use "instances"');
export const duplicateKey = (key: string, first: Span): Problem =>
  error('E009', `repeated key ${quote(key)}`, { related: [{ at: first, message: 'first here' }] });

// -- rt-app: the text -------------------------------------------------------------------------------------------------

export const wrongType = (key: string, expected: string, found: string): Problem =>
  error('E010', `${quote(key)} needs ${expected}, not ${found}`);
export const oldGrammar = (signs: readonly string[]): Problem =>
  error('E011', `the old rt-app grammar (before 1.0): ${signs.map(s => quote(s)).join(', ')}`, {
    help: [
      'rt-app 1.0 and later find no events here, and neither does this reader',
      'help: write "run", "lock", "unlock", "wait", "signal" and "timer" in the order in which they happen',
    ],
  });
export const fragment = (has: readonly string[]): Problem =>
  error('E012', `this rt-app file has no "tasks", only ${has.map(s => quote(s)).join(', ')}: a fragment, to be merged with others`, {
    help: has.includes('resources')
      ? ['resources are the old grammar: since 1.0 they come into being when a task first uses them']
      : ['help: a workload has at least one task under "tasks"'],
  });
export const notInteger = (key: string, found: string): Problem =>
  error('E013', `${quote(key)} needs an integer, not ${found}`, { help: ['rt-app takes neither fractions nor exponents'] });
export const repeatedKey = (
  key: string,
  where: string,
  earlier: readonly Span[],
  outcome: { readonly kept: 'all' | 'last'; readonly value: string; readonly attribute: boolean },
): Problem =>
  warning('W014', `repeated key ${quote(key)} in ${where}`, {
    label: `rt-app itself would keep only this one${outcome.value === '' ? '' : ` (${outcome.value})`}, at the first one's place`,
    related: earlier.slice(0, 8).map((at, n) => ({ at, message: n === 0 ? 'first here' : 'again here' })),
    help: outcome.attribute
      ? ['the last one counts, as in rt-app']
      : outcome.kept === 'all'
        ? ["kept all, in order (as workgen does). To get rt-app's behaviour: --duplicates last"]
        : ["kept the last, at the first one's place (as rt-app does). To keep all: --duplicates all"],
  });
export const unknownKey = (key: string, where: string, known: readonly string[]): Problem =>
  warning('W015', `unknown key ${quote(key)} in ${where}; rt-app ignores it`, { help: mean(key, known) });
export const eventLikeKey = (key: string, event: string): Problem =>
  warning('W016', `${quote(key)} begins with ${quote(event)}, so rt-app takes it for that event`, {
    help: [`help: if it is not meant as one, rename it; if it is, ${quote(`${event}1`)} is clearer`],
  });
export const phaseWithoutEvent = (where: string): Problem => error('E017', `${where} has no event; rt-app refuses that`);
export const unknownPolicy = (policy: string, known: readonly string[]): Problem =>
  error('E018', `unknown policy ${quote(policy)}`, { help: [...mean(policy, known), among(known)] });
export const prioOutOfRange = (prio: number, policy: string, low: number, high: number): Problem =>
  error('E019', `priority ${prio} is outside the range of ${policy}: ${low} to ${high}`, {
    help: policy === 'fifo' || policy === 'rr' ? ['larger is more urgent'] : ['it is the nice value: smaller gets more'],
  });
export const deadlineParams = (what: string): Problem =>
  error('E020', `impossible deadline parameters: ${what}`, { help: ['0 < runtime ≤ deadline ≤ period'] });
export const cpuOutOfRange = (cpu: number, cpus: number, limit: number): Problem =>
  error('E021', `CPU ${cpu} does not exist: this machine has ${plural(cpus, 'CPU')}, numbered from 0`, {
    help: cpu >= 0 && cpu < limit ? [`help: --cpus ${cpu + 1} makes it large enough`] : [`a machine has at most ${limit} CPUs`],
  });
export const noCpus = (where: string): Problem => error('E021', `the set of CPUs of ${where} is empty`);

// -- what programs do -------------------------------------------------------------------------------------------------

export const unlockWithoutLock = (task: string, mutex: string): Problem =>
  error('E022', `task ${quote(task)} unlocks ${quote(mutex)} without holding it`, { help: ['only the owner may release a mutex'] });
export const relockStatic = (task: string, mutex: string, taken: Span, loop: boolean): Problem =>
  error('E023', `task ${quote(task)} locks ${quote(mutex)}, which it holds already`, {
    related: loop ? [] : [{ at: taken, message: 'taken here' }],
    help: [loop ? 'it comes round again without having unlocked' : 'a mutex is not recursive'],
  });
export const heldAtPhaseEnd = (task: string, phase: string, mutexes: readonly string[], last: Span): Problem =>
  warning('W024', `task ${quote(task)} holds ${mutexes.map(quote).join(', ')} at the end of phase ${quote(phase)}`, {
    related: [{ at: last, message: 'taken here' }],
  });
export const heldAtEnd = (task: string, mutex: string): Problem =>
  error('E025', `task ${quote(task)} ends while it holds ${quote(mutex)}`, { help: ['release every mutex first'] });
export const waitWithoutMutex = (task: string, mutex: string, repaired: boolean): Problem =>
  (repaired ? warning : error)(
    repaired ? 'W026' : 'E026',
    `task ${quote(task)} waits with the mutex ${quote(mutex)}, which it does not hold`,
    {
      help: repaired
        ? ['read as if it were locked just before']
        : ['lock it before and unlock it after: a wait releases it and takes it again'],
    },
  );
export const nobodyWaits = (name: string, waited: readonly string[]): Problem =>
  warning('W027', `signal on ${quote(name)}, on which nobody ever waits`, { help: mean(name, waited) });
export const sharedTimer = (timer: string, tasks: readonly string[]): Problem =>
  warning('W028', `the timer ${quote(timer)} is shared by ${tasks.map(quote).join(', ')}: one release for all of them together`, {
    help: ['help: a name that begins with "unique" gives every thread its own'],
  });
export const nameCut = (name: string, comm: string): Problem =>
  warning('W029', `the name ${quote(name)} is longer than the 15 characters of a task; here it is ${quote(comm)}`);
export const suspendDialect = (tasks: readonly { readonly task: string; readonly name: string }[]): Problem =>
  note(
    'N030',
    `this file depends on what the string of "suspend" means: ${tasks
      .slice(0, 6)
      .map(t => `${quote(t.task)} suspends as ${quote(t.name)}`)
      .join(', ')}${tasks.length > 6 ? ', …' : ''}`,
    {
      help: ['read as rt-app did before 2025-06, by the string; for what it does since: --suspend own-name'],
    },
  );
export const resumeWithoutSuspend = (
  task: string,
  name: string,
  how: { readonly dialect: string; readonly inText: readonly string[]; readonly isTask: boolean; readonly suspended: readonly string[] },
): Problem =>
  how.inText.length > 0
    ? error('E031', `task ${quote(task)} resumes ${quote(name)}, but no task suspends under that name in dialect ${quote(how.dialect)}`, {
        help: [
          `help: ${plural(how.inText.length, 'task')} ${how.inText.length === 1 ? 'suspends' : 'suspend'} with ${quote(name)} in the text; use --suspend by-string (rt-app before 2025-06)`,
        ],
      })
    : warning('W031', `task ${quote(task)} resumes ${quote(name)}, under which no task ever suspends`, {
        help: how.isTask
          ? ['that task suspends under another name; --suspend own-name takes the name of the task']
          : mean(name, how.suspended),
      });
export const forkUnknown = (name: string, tasks: readonly string[]): Problem =>
  error('E032', `no task ${quote(name)} to fork`, { help: [...mean(name, tasks), among(tasks)] });
export const converted = (key: string, ns: number, rate: string, dial: string): Problem =>
  warning('W033', `${quote(key)} is modelled as work of ${ns / 1000} us, at ${rate}`, { help: [`help: another rate: --set ${dial}=…`] });
export const notModelled = (keys: readonly string[]): Problem => note('N034', `accepted and without effect here: ${keys.join(', ')}`);
export const defaultHorizon = (until: string, why: string): Problem =>
  note('N035', `no "duration": ${why}, so the run ends at ${until} at the latest`, { help: ['help: --until 10s sets it'] });
export const saturated = (key: string, value: number): Problem =>
  warning('W036', `${quote(key)} is beyond 32 bits; rt-app reads ${value}`, {});
export const groupNeedsFair = (task: string): Problem =>
  error('E037', `task ${quote(task)} has a "taskgroup" but neither a fair nor an idle policy; rt-app refuses that`);
export const badGroupPath = (path: string): Problem =>
  error('E038', `the task group ${quote(path)} does not start with "/"`, { help: [`help: ${quote(`/${path}`)}`] });
export const tooManyGroups = (n: number): Problem => warning('W039', `${n} task groups; rt-app takes at most 32`);
export const barrierTwice = (barrier: string, task: string): Problem =>
  warning('W040', `task ${quote(task)} uses the barrier ${quote(barrier)} more than once; rt-app counts every use, so it never fills`, {
    help: ['help: a name of its own for every meeting point'],
  });
export const barrierFork = (barrier: string, task: string): Problem =>
  warning('W041', `task ${quote(task)} is forked and uses the barrier ${quote(barrier)}; forked tasks are not counted`);
export const templateUnused = (task: string): Problem =>
  warning('W042', `task ${quote(task)} has "instance" 0 and is never forked, so it never runs`);
export const noTasks = (): Problem => error('E043', 'nothing ever runs: there is no task that starts by itself');
export const bareKey = (key: string): Problem =>
  warning('W044', `the key ${quote(key)} has no value; rt-app itself refuses this`, {
    help: ['read with an empty string, as workgen does'],
  });
export const eventBesidePhases = (key: string, task: string): Problem =>
  warning('W045', `${quote(key)} beside "phases" in task ${quote(task)}; rt-app ignores it`, { help: ['help: move it into a phase'] });
export const missingMember = (event: string, key: string): Problem =>
  warning('W046', `${quote(event)} has no ${quote(key)}; rt-app takes the name "unknown"`);
export const sliceClamped = (us: number, to: number): Problem =>
  warning('W047', `a slice of ${us} us is outside 100 us to 100 ms; the kernel makes it ${to} us`);
export const negativeTime = (key: string, value: number): Problem => error('E048', `${quote(key)} is negative: ${value}`);
export const noTimePassesStatic = (task: string): Problem =>
  error('E049', `task ${quote(task)} loops for ever without time passing`, {
    help: ['help: a loop needs a run, a sleep, a timer or a wait'],
  });
export const tooMany = (what: string, n: number, limit: number): Problem => error('E050', `${n} ${what}; the limit is ${limit}`);
export const badCount = (key: string, value: number, least: number): Problem =>
  error('E051', `${quote(key)} is ${value}; the least is ${least}`);
export const piEnabled = (): Problem =>
  note('N052', '"pi_enabled" is not modelled: every mutex is a plain one, and what its waiters lend its owner is chosen with --proxy');
export const sharedForkTimer = (task: string): Problem =>
  warning('W053', `task ${quote(task)} is forked and has a unique timer; all its forks share one here`);
export const forkDelay = (task: string): Problem => warning('W054', `task ${quote(task)} is forked; its "delay" has no effect here`);

// -- recordings -------------------------------------------------------------------------------------------------------

export const badRecording = (where: string, what: string): Problem => error('E060', `recording, ${where}: ${what}`);
export const contextOutOfPlace = (op: string, why: string): Problem => error('E061', `${quote(op)}: ${why}`);
export const oneChange = (known: readonly string[]): Problem => error('E061', 'an event changes one thing', { help: [among(known)] });
export const whoseChange = (what: string, cpu: boolean): Problem =>
  error('E061', cpu ? `${quote(what)} is done to a CPU, not to tasks` : `${quote(what)} is done to tasks`, {
    help: [cpu ? 'leave out "tasks"' : 'say which, with "tasks"'],
  });
export const waitsNot = (): Problem =>
  error('E061', '"wait: false" has nothing to be patient about', { help: ['leave out "timeout" and "interruptible"'] });
export const tooFew = (what: string, there: number, wanted: number): Problem =>
  error('E061', `${wanted} of ${there} ${what} cannot be taken`);
export const notToRead = (mutex: string): Problem =>
  error('E063', `${quote(mutex)} cannot be taken to read`, { help: ['only a mutex of kind "rwsem" has readers'] });
export const unknownOp = (op: string, known: readonly string[]): Problem =>
  error('E062', `unknown operation ${quote(op)}`, { help: [...mean(op, known), among(known)] });

// -- task sets --------------------------------------------------------------------------------------------------------

export const bodyNotWcet = (task: string, work: number, wcet: number): Problem =>
  error('E065', `task ${quote(task)}: the runs of its body add up to ${work} ns, its "wcet" is ${wcet} ns`);

// -- scenarios --------------------------------------------------------------------------------------------------------

export const noVersion = (): Problem =>
  error('E070', 'the scenario does not say its version', { help: ['help: add "version: 1" as the first line'] });
export const newerVersion = (version: string): Problem =>
  error('E071', `scenario version ${version} is not known; this release reads version 1`, {
    help: ['help: a newer proxysched may read it'],
  });
export const badField = (where: string, what: string): Problem => error('E072', where === '' ? what : `${where}: ${what}`);
export const unknownField = (where: string, key: string, known: readonly string[]): Problem =>
  error('E073', `${where === '' ? '' : `${where}: `}unknown field ${quote(key)}`, {
    help: [...mean(key, known), ...(known.length === 0 ? [] : [`known here: ${[...known].sort().join(', ')}`])],
  });
export const badTime = (where: string, what: string): Problem => error('E074', `${where}: ${what}`);
export const unknownName = (what: string, name: string, known: readonly string[]): Problem =>
  error('E075', `no ${what} ${quote(name)}`, { help: [...mean(name, known), among(known)] });
export const doubleName = (what: string, name: string): Problem =>
  error(
    'E076',
    `two ${what}s are called ${quote(name)}`,
    what === 'task' ? { help: ['help: a name with "{i}" is a different one for each instance'] } : {},
  );
export const badName = (name: string): Problem =>
  error('E077', `${quote(name)} is no name for a task: 1 to 15 printable ASCII characters, no spaces`, {
    help: name.length > 15 ? [`it has ${name.length}; the kernel keeps 15`] : [],
  });
export const badPolicy = (what: string): Problem =>
  error('E078', what, { help: ['"nice -5", "batch", "idle", "fifo 30", "rr 20", "deadline 3ms/10ms", "deadline 3ms/8ms/10ms"'] });
export const badTemplate = (text: string, why: string): Problem =>
  error('E079', `${quote(text)}: ${why}`, {
    help: ['"{i}" is the number of the instance, from 0; "{i+1}", "{i%4}", "{i/2}", "{i*2}" compute with it'],
  });
export const badSteps = (where: string, found: readonly string[], known: readonly string[]): Problem =>
  error('E080', found.length === 0 ? `${where}: an empty step` : `${where}: a step does one thing, not ${found.map(quote).join(' and ')}`, {
    help: found.length === 0 ? [`one of ${known.join(', ')}`] : ['help: write them as two items of the list'],
  });
export const groupOrder = (name: string): Problem => error('E081', `the parent of group ${quote(name)} has to stand before it`, {});
export const badLimit = (what: string): Problem => error('E084', what, {});
export const allWrong = (): Problem => error('E083', 'more is wrong with this file than can be listed; is it what it is taken for?');
export const badClaim = (text: string, comparisons: readonly string[]): Problem =>
  error('E084', `${quote(text)} says nothing that can be checked`, {
    help: [`help: write FIGURE ${comparisons.join('|')} VALUE, as in "high.response.max < 10ms" or "outcome == finished"`],
  });
export const uniformOrder = (): Problem => error('E082', '"uniform" needs the smaller time first');

// -- settings from outside the text -----------------------------------------------------------------------------------

export const unknownSetting = (key: string, known: readonly string[]): Problem =>
  error('E090', `--set ${key}: no such setting`, {
    help: [...mean(key, known), among(known), 'dials of plug-ins have a point in their name: fair.slice=3ms'],
  });
export const badSetting = (key: string, value: string, expected: string): Problem =>
  error('E091', `--set ${key}=${value}: expected ${expected}`);
export const badMachine = (what: string): Problem => error('E092', what);
/** What a topology may be called. */
export const TOPOLOGY_CHOICE = `${TOPOLOGY_NAMES.join(', ')} (N is 1 to ${MAX_CPUS})`;
export const unknownTopology = (name: string): Problem =>
  error('E093', `unknown topology ${quote(name)}`, {
    help: [...mean(name, TOPOLOGY_NAMES), `it is one of ${TOPOLOGY_CHOICE}, or an object with sockets, cores, threads, llc`],
  });
export const badTopology = (what: string): Problem => error('E094', `no machine has this topology: ${what}`);
export const topologyHasOtherCpus = (has: number, cpus: number, said: string): Problem =>
  error('E095', `this topology has ${plural(has, 'CPU')}, and ${said} says ${cpus}`, {
    help: [`leave ${said} out; or take a topology of that size: --set machine.topology=smp-${cpus}`],
  });
export const tooManyProblems = (n: number): Problem => note('N099', `and ${n} more`);
