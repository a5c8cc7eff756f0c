import { Command, Option } from 'commander';
import type { CheckOptions } from './commands/check.js';
import type { CompareOptions } from './commands/compare.js';
import type { ConformOptions } from './commands/conform.js';
import type { ImportCommandOptions } from './commands/import.js';
import type { DemoOptions } from './commands/demo.js';
import type { RunOptions } from './commands/run.js';
import type { DemoStudyOptions } from './commands/study-demo.js';
import type { DeadlockStudyOptions, StormStudyOptions } from './commands/study.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { EXPORTS } from './export-format.js';
import { wantsColor, type Io } from './io.js';
import { collect, cpuCounts, fairVersions, listOf, setting, wholeNumber } from './option-values.js';
import { version } from './version.js';

export const COMMANDS: ReadonlySet<string> = new Set([
  'run',
  'compare',
  'check',
  'conform',
  'import',
  'study',
  'demo',
  'dials',
  'schema',
  'help',
]);

/** As `@proxysched/preset-classic` has them: repeated here, since help loads nothing. */
export const RESEARCH_CLASSES = ['pfp', 'pedf', 'gfp', 'gedf'] as const;
export const LOCK_RULES = ['fifo', 'prio', 'pip', 'proxy'] as const;

const USAGE = `Usage: proxysched COMMAND [OPTIONS]      a simulator of Linux scheduling with proxy execution

  run FILE           simulate a workload (scenario, rt-app JSON, recording) and print its summary
  compare FILE A B   the same workload on two arrangements: where they part, and what it costs whom
  check FILE...      say what is wrong with workloads, without running them
  conform PATH...    hold the model against files of expected results    import TRACE   make a recording of a kernel's trace
  study WHAT         deadlock policies or generations side by side    demo   priority inversion, and its end

Try:
  proxysched demo
  proxysched run app.json --proxy off            (rt-app files as they are; "-" reads standard input)
  proxysched compare scenario.yaml off 7.3       (--help with examples everywhere; also dials, schema)
`;

/** What the words of the command line mean. Commands are loaded when they are called: help costs nothing. */
export function makeProgram(io: Io, ended: (code: ExitCode) => void): Command {
  const program = new Command('proxysched')
    .exitOverride()
    .configureOutput({
      writeOut: text => io.stdout.write(text),
      writeErr: text => io.stderr.write(text),
      getOutHasColors: () => wantsColor(io.stdout, io.env),
      getErrHasColors: () => wantsColor(io.stderr, io.env),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    })
    .configureHelp({ showGlobalOptions: false })
    .version(version(), '-V, --version', 'print the version')
    .helpCommand('help [command]', 'the same as --help')
    .addHelpText('after', EXIT_CODES);
  program.helpInformation = (): string => USAGE;

  workloadOptions(arrangementOptions(program.command('run')))
    .summary('simulate a workload')
    .description(
      'Simulate a workload and print a summary. FILE is a scenario (YAML or JSON), an rt-app JSON file as it is, a recording, or a set of periodic tasks (peer-taskset/1); - reads standard input.',
    )
    .argument('<file>', 'the workload')
    .addOption(proxyOption())
    .addOption(new Option('--class <name>', 'a research class for all tasks').choices(RESEARCH_CLASSES).conflicts('proxy'))
    .addOption(new Option('--locks <rule>', 'with it: what is done about waiting for locks (default: prio)').choices(LOCK_RULES))
    .option('--out <dir>', 'folder for the exports (default: the current one)')
    .addOption(new Option('--export <formats>', `what to write, of ${EXPORTS.join(', ')}`).argParser(listOf(EXPORTS)))
    .option('--json', 'the result as JSON instead of the summary')
    .option('--metrics', 'a longer summary: each lock, donor pairs, hand-offs by kind, histograms')
    .option('--passes', 'exports of events also tell where each scheduling pass begins and ends')
    .option('--bounds', 'print what theory bounds beside what the run did; ends with 4 when it did more')
    .option('--quiet', 'print no summary, say nothing but errors')
    .addHelpText(
      'after',
      examples([
        ['proxysched run scenarios/priority-inversion/scenario.yaml', 'as Linux 7.3 does it'],
        ['proxysched run app.json --proxy off --cpus 4 --until 2s', 'an rt-app file, no proxy execution'],
        ['proxysched run app.json --deadlock brent+wound+youngest', 'a cycle is opened, and the run goes on'],
        ['proxysched run app.json --export text | less', 'one export, no --out: to standard output'],
        ['proxysched run app.json --export svg,perfetto --out out', 'writes out/NAME.svg and out/NAME.pftrace'],
        ['proxysched run app.json --module ./round-robin.js', 'with a scheduling class of your own'],
        ['proxysched run scenarios/chain-of-three --metrics', 'everything that was measured'],
        ['proxysched run set.yaml --bounds', 'response times beside what theory bounds them by'],
        ['proxysched run app.json --set proxy.comeBack=ifForbidden', 'one dial turned (proxysched dials)'],
        ['proxysched run taskset.json --class gedf --locks prio', 'global EDF: a class of real-time theory'],
      ]) +
        '\nWithout --proxy the file decides, and 7.3 where it says nothing; sets of periodic tasks run in pfp.\nWith --out and no --export everything is written.\n',
    )
    .action(async (file: string, options: RunOptions) => {
      const { run } = await import('./commands/run.js');
      ended(await run(file, options, io));
    });

  workloadOptions(arrangementOptions(program.command('compare')))
    .summary('run a workload on two arrangements')
    .description('Run a workload twice. Prints where the two runs part, then the differences task by task.')
    .argument('<file>', 'the workload')
    .argument('<a>', 'one side')
    .argument('<b>', 'the other side')
    .addOption(proxyOption('generation for sides that do not name one'))
    .option('--svg <file>', 'draw both runs, one above the other')
    .option('--exit-code', `end with ${EXIT.different} when the runs differ`)
    .option('--quiet', 'print nothing, say nothing but errors')
    .addHelpText(
      'after',
      examples([
        ['proxysched compare scenario.yaml off 7.3', 'without and with proxy execution'],
        ['proxysched compare scenario.yaml pi 7.3', 'priority inheritance against proxy execution'],
        ['proxysched compare scenario.yaml fair ./round-robin.js', 'a class of the preset, and your own'],
        ['proxysched compare scenario.yaml 7.3+halt 7.3+wound', 'two answers to a deadlock'],
        ['proxysched compare scenario.yaml off+./rr.js 7.3+./rr.js', 'generation and module joined'],
        ['proxysched compare scenario.yaml 6.17 7.3 --exit-code', 'ends with 5 when they differ'],
      ]) +
        '\nA side is a generation, a protocol (pi, pip, icpp...), a deadlock policy (halt, dequeue, wound, edeadlk, repicks),\na module, or several of them joined by "+".\nA class of the preset (fair, rt, deadline) stands for the preset as it is.\n',
    )
    .action(async (file: string, a: string, b: string, options: CompareOptions) => {
      const { compare } = await import('./commands/compare.js');
      ended(await compare(file, a, b, options, io));
    });

  workloadOptions(arrangementOptions(program.command('check')))
    .summary('validate workloads without running them')
    .description('Say everything that is wrong with workloads, without running them. A line with "ok" for each good one.')
    .argument('<files...>', 'the workloads')
    .addOption(proxyOption())
    .option('--quiet', 'say nothing but errors')
    .addHelpText(
      'after',
      examples([
        ['proxysched check scenario.yaml', 'all errors at once, each with its place'],
        ['proxysched check workloads/*.json --quiet', 'in a script: errors and the exit code only'],
      ]),
    )
    .action(async (files: string[], options: CheckOptions) => {
      const { check } = await import('./commands/check.js');
      ended(await check(files, options, io));
    });

  program
    .command('conform')
    .summary('hold the model against files of expected results')
    .description(
      'Run the model on files of expected results and compare: a line for each file, then the total. PATH is a file, or a folder that is searched at any depth. What a file is, its content says.',
    )
    .argument('[paths...]', 'files and folders')
    .option('--json <file>', 'also write the results there, as JSON')
    .option('--quiet', 'print only what falls short')
    .option('--explain <file>', 'of a recording: where our run first parts from it, with the queues and keys on our side')
    .addOption(new Option('--export <format>', 'also write our runs of recordings, under the same names').choices(['recording']))
    .option('--svg', 'also write pictures of recordings and our runs of them, one above the other')
    .option('--out <dir>', 'where to write those (default: out)')
    .addHelpText(
      'after',
      examples([
        ['proxysched conform packages/conform/data', 'all that comes with the sources'],
        ['proxysched conform my-taskset.json', 'one file of yours'],
        ['proxysched conform vectors --quiet --json report.json', 'in a script: failures, the report, the exit code'],
        ['proxysched conform --explain recordings/px-01.json', 'where the model leaves the kernel, and why'],
        ['proxysched conform recordings --export recording --svg --out runs', 'our runs in their form, and pictures'],
      ]) + `\nEnds with ${EXIT.invariant} when anything falls short, with ${EXIT.invalid} when a file cannot be judged.\n`,
    )
    .action(async (paths: string[], options: ConformOptions) => {
      const { conform } = await import('./commands/conform.js');
      ended(await conform(paths, options, io));
    });

  program
    .command('import')
    .summary('make a recording of a trace of a real kernel')
    .description(
      'Read sched events (tracefs "trace", "trace-cmd report", "perf script") and write what ran as a recording, which run, compare and conform accept. Further traces of the same workload say how far the kernel is from itself. What had to be guessed is told on standard error.',
    )
    .argument('<traces...>', 'the trace; more of the same workload')
    .option('--out <file>', 'where to write the recording; without it: standard output')
    .option('--task <name>', 'only this task is the workload; repeatable', collect, [])
    .option('--hz <n>', 'ticks per second of that kernel (default: 1000)', wholeNumber)
    .option('--hrtick', 'that kernel had the high-resolution tick on')
    .addOption(new Option('--proxy <state>', 'whether that kernel had proxy execution on').choices(['on', 'off']))
    .addHelpText(
      'after',
      examples([
        ['proxysched import trace.txt --out mine.json', 'a recording of one trace'],
        ['proxysched import a.txt b.txt c.txt --proxy on --out mine.json', 'one that conform can judge: three runs of the same'],
        ['proxysched import trace.txt --task worker-1 --task worker-2', 'the rest is the system'],
      ]),
    )
    .action(async (traces: string[], options: ImportCommandOptions) => {
      const { importTrace } = await import('./commands/import.js');
      ended(await importTrace(traces, options, io));
    });

  const study = program
    .command('study')
    .summary('experiments over many runs')
    .description(
      'Experiments over many runs: what deadlock policies notice and cost, how the generations bear a storm, what proxying does for one task.',
    )
    .helpCommand(false)
    .addHelpText(
      'after',
      examples([
        ['proxysched study deadlock', 'every policy on every workload'],
        ['proxysched study storm', 'the generations side by side on 256 CPUs'],
        ['proxysched study demo', 'waits in the published priority inversion demo'],
      ]),
    );
  study
    .command('deadlock')
    .summary('what deadlock policies notice, miss and cost')
    .description(
      'Run deadlock policies on true cycles, long honest chains, crowds of waiters and migration storms. Prints who was fooled and what was missed, time and walk steps until a cycle was named, re-picks, what went on meanwhile, and the matrix.',
    )
    .option('--proxy <name>', 'generation of proxy execution', '7.3')
    .addOption(
      new Option('--policy <policy>', 'a short name, or DETECTOR[:LIMIT]+ACTION[:TIME][+VICTIMS[:SEED]]; repeatable')
        .argParser(collect)
        .default([], 'a selection'),
    )
    .addOption(new Option('--module <path>', 'a policy of your own; repeatable').argParser(collect).default([], 'none'))
    .addOption(
      new Option('--workload <name>', 'cycle-2, chain-64, waiters-255, storm-64…; repeatable').argParser(collect).default([], 'all'),
    )
    .option('--quick', 'one or two workloads of each kind, in seconds')
    .option('--json', 'verdicts and single runs as JSON')
    .option('--svg <file>', 'draw the matrix')
    .addHelpText(
      'after',
      examples([
        ['proxysched study deadlock', 'the whole matrix, in about a minute'],
        ['proxysched study deadlock --quick', 'the same policies on fewer workloads'],
        ['proxysched study deadlock --module ./my-policy.js --quick', 'your own beside those with a short name'],
        ['proxysched study deadlock --policy depth:256+wound', 'one policy made of parts'],
        ['proxysched study deadlock --proxy off --workload cycle-64', 'one workload, another generation'],
      ]) + DEADLOCK_GRAMMAR,
    )
    .action(async (options: DeadlockStudyOptions) => {
      const { studyDeadlock } = await import('./commands/study.js');
      await studyDeadlock(options, io);
    });
  study
    .command('storm')
    .summary('the generations in a boot-like storm')
    .description('Run one boot-like storm under each generation of proxy execution: re-picks, moves, idle visits, time to finish.')
    .addOption(new Option('--cpus <n>', 'number of CPUs').argParser(wholeNumber).default(256))
    .option('--json', 'the table as JSON')
    .addHelpText(
      'after',
      examples([
        ['proxysched study storm', 'as on the machine of June 2023'],
        ['proxysched study storm --cpus 64', 'a smaller one'],
      ]),
    )
    .action(async (options: StormStudyOptions) => {
      const { studyStorm } = await import('./commands/study.js');
      studyStorm(options, io);
    });
  study
    .command('demo')
    .summary('the published priority inversion demo, all permutations')
    .description(
      'Run priority-inversion-demo: a foreground task takes a lock again and again, alone, against a background task (contention), beside two spinners on each CPU (load), and with group weights that keep the background off the CPUs (throttled). Without proxy execution and with it.',
    )
    .addOption(new Option('--cpus <n>', 'number of CPUs; repeatable').argParser(cpuCounts).default([], '4'))
    .option('--proxy <name>', 'generation to compare with off', '7.3')
    .addOption(
      new Option('--fair <version>', 'fair class, 7.3 (EEVDF) or 6.1 (CFS); repeatable').argParser(fairVersions).default([], '7.3'),
    )
    .option('--until <time>', 'length of each run', '4s')
    .option('--json', 'the figures as JSON')
    .addHelpText(
      'after',
      examples([
        ['proxysched study demo', 'seven permutations on four CPUs, in seconds'],
        ['proxysched study demo --cpus 4 --cpus 16 --fair 7.3 --fair 6.1', 'larger, and under CFS'],
        ['proxysched study demo --until 30s', 'as long as the published runs'],
      ]),
    )
    .action(async (options: DemoStudyOptions) => {
      const { studyDemo } = await import('./commands/study-demo.js');
      const { cpus, fair } = options;
      studyDemo({ ...options, cpus: cpus.length === 0 ? [4] : cpus, fair: fair.length === 0 ? ['7.3'] : fair }, io);
    });

  program
    .command('demo')
    .summary('priority inversion, and its end')
    .description('Run the classic priority inversion without and with proxy execution.')
    .option('--out <dir>', 'also write the scenario and both pictures there')
    .addHelpText(
      'after',
      examples([
        ['proxysched demo', 'two summaries and a verdict'],
        ['proxysched demo --out demo', 'files to look at and to edit'],
      ]),
    )
    .action(async (options: DemoOptions) => {
      const { demo } = await import('./commands/demo.js');
      await demo(options, io);
    });

  program
    .command('dials')
    .summary('what --set can change')
    .description('List the dials of the models, with their values in a generation.')
    .argument('[generation]', 'a generation of proxy execution', '7.3')
    .addHelpText(
      'after',
      examples([
        ['proxysched dials', 'as in 7.3'],
        ['proxysched dials v4', 'as in the series of June 2023'],
      ]),
    )
    .action(async (generation: string) => {
      const { dials } = await import('./commands/dials.js');
      dials(generation, io);
    });

  program
    .command('schema')
    .summary('print the JSON Schema of scenarios')
    .description('Print the JSON Schema of the scenario format, with which editors complete and check.')
    .addHelpText('after', examples([['proxysched schema > scenario.schema.json', 'for an editor']]))
    .action(async () => {
      const { schema } = await import('./commands/schema.js');
      schema(io);
    });

  return program;
}

const EXIT_CODES = `
Exit codes: ${EXIT.ok} good, ${EXIT.internal} internal error, ${EXIT.usage} usage, ${EXIT.invalid} invalid input, ${EXIT.invariant} invariant broken or
expectation missed (conform, --bounds), ${EXIT.different} differences found (compare --exit-code), ${EXIT.interrupted} interrupted.
`;

const DEADLOCK_GRAMMAR = `
A policy is a short name (halt, dequeue, wound, edeadlk, repicks) or DETECTOR+ACTION[+VICTIMS]:
  detectors   block, marks, brent, depth[:LINKS], repicks[:PICKS], scaled[:TIMES], progress, stall
  actions     halt, dequeue, idle, wound, edeadlk, timeout[:TIME]
  victims     all, youngest, oldest, lowest, fewestLocks, closer, checkpoint, random[:SEED]
What they mean, and how to write one in twenty lines: docs/deadlock-policies.md.
`;

function proxyOption(
  about = 'what a blocked task means. Proxy execution: off, v4, v4-debug, 6.17, 7.1, 7.3, tip, full; inheritance: pi, pip, npp, icpp, pcp, bwi, mbwi, none',
): Option {
  return new Option('--proxy <name>', about);
}

function workloadOptions(command: Command): Command {
  return command
    .addOption(new Option('--cpus <n>', 'number of CPUs').argParser(wholeNumber))
    .option('--until <time>', 'simulated time at which the run ends: 500ms, 2s')
    .addOption(new Option('--seed <n>', 'seed of all that is drawn at random').argParser(wholeNumber))
    .addOption(new Option('--set <key=value>', 'turn a dial or change the machine; repeatable').argParser(setting).default({}, 'none'))
    .addOption(new Option('--duplicates <which>', 'repeated keys in rt-app files').choices(['all', 'last']))
    .addOption(new Option('--suspend <dialect>', 'what "suspend" names in rt-app files').choices(['auto', 'by-string', 'own-name']));
}

function arrangementOptions(command: Command): Command {
  return command
    .addOption(new Option('--module <path>', 'a plug-in to load; repeatable').argParser(collect).default([], 'none'))
    .option(
      '--deadlock <policy>',
      'what to do about a deadlock: halt, dequeue, wound, edeadlk, repicks, or DETECTOR+ACTION (docs/deadlock-policies.md)',
    );
}

function examples(lines: readonly (readonly [command: string, about: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, about]) => `  ${command.padEnd(width)}  ${about}\n`).join('')}`;
}
