/** What the program says when it ends; documented in `docs/cli.md`. */
export const EXIT = {
  ok: 0,
  /** Our fault, or the results could not be written. */
  internal: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** A file, a plug-in or a value in them makes no sense. */
  invalid: 3,
  /** An invariant of the simulator broke, a run is not what its workload expects, `conform` found a file that falls short, or a run exceeded a bound. */
  invariant: 4,
  /** `compare --exit-code` found differences. */
  different: 5,
  /** Ctrl-C; the shell makes it of the signal. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
