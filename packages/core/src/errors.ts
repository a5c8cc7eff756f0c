import type { Nanos } from './types.js';

/** A simulated program does the impossible. The scenario's author mends it. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
  constructor(
    readonly code: string,
    message: string,
    readonly at: Nanos,
    readonly task: string,
    /** Index of the operation in the task's program, and in its source if it was compiled from one. */
    readonly pc: number,
    readonly src?: number,
  ) {
    super(message);
  }
}

/** A plug-in cannot do what the scenario asks of it, and the message says what to change. The scenario's author mends it. */
export class ScenarioError extends Error {
  override readonly name: string = 'ScenarioError';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Our code or a plug-in is wrong. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

type Where = { readonly now: Nanos; readonly task: string; readonly pc: number; readonly src: number | undefined };

const program = (code: string, w: Where, what: string): ProgramError =>
  new ProgramError(code, `${w.task} at ${w.now} ns, operation ${w.src ?? w.pc}: ${what}`, w.now, w.task, w.pc, w.src);

export const unlockByNonOwner = (w: Where, mutex: string, owner: string | null): ProgramError =>
  program(
    'P001',
    w,
    `unlock of "${mutex}", which ${owner === null ? 'nobody holds' : `${owner} holds`}; only the owner may release a mutex`,
  );

export const relock = (w: Where, mutex: string): ProgramError =>
  program('P002', w, `lock of "${mutex}", which it holds already; a mutex is not recursive`);

export const exitHolding = (w: Where, mutexes: readonly string[]): ProgramError =>
  program('P003', w, `ends while holding ${mutexes.map(m => `"${m}"`).join(', ')}; release every mutex first`);

export const noTimePasses = (w: Where): ProgramError =>
  program('P004', w, 'an endless loop in which no time passes; a loop needs a run, a sleep or a wait that takes time');

export const affinityEmpty = (w: Where, cpus: readonly number[], nrCpus: number): ProgramError =>
  program('P005', w, `affinity [${cpus.join(', ')}] leaves no CPU of the ${nrCpus} of this machine`);

export const contextMisused = (w: Where, what: string): ProgramError => program('P006', w, what);

export const timeWentBack = (timer: string, at: Nanos, now: Nanos): InvariantViolation =>
  new InvariantViolation('K101', `timer "${timer}" armed for ${at} ns, but it is ${now} ns already`);

export const unsafeProduct = (where: string, value: number): InvariantViolation =>
  new InvariantViolation('K102', `${where}: ${value} is beyond exact integers (2^53)`);

export const broken = (code: string, detail: string): InvariantViolation => new InvariantViolation(code, detail);

export const badTopology = (what: string): ScenarioError => new ScenarioError('S001', `a machine of impossible topology: ${what}`);
