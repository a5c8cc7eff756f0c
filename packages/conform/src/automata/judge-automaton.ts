import type { Verdict } from '../conformance.js';
import { Tally } from '../tally.js';
import { Automaton, Instance, type Violation } from './automaton.js';
import type { AutomatonFile, TraceElement } from './automaton-file.js';

/** Runs the sequences of the file: those it accepts without a violation, the others up to one at their last element. */
export function judgeAutomaton(file: AutomatonFile): Verdict {
  const tally = new Tally();
  const env = Object.fromEntries(Object.entries(file.trace_parameters).filter((e): e is [string, number] => typeof e[1] === 'number'));
  const automaton = new Automaton(file, { ...env, ...derived(env) });
  tally.figure('transitions', file.transitions.length);
  const { accept = [], reject = [] } = file.traces ?? {};
  accept.forEach((trace, i) => {
    const first = firstViolation(automaton, trace, env);
    tally.that('accept', first === null, () => `accept[${i}]: ${said(first!)}`);
  });
  reject.forEach((trace, i) => {
    const first = firstViolation(automaton, trace, env);
    const found = (): string =>
      first === null ? 'no violation' : `a violation at its element ${first.index} of ${trace.length - 1}, ${said(first)}`;
    tally.that('reject', first?.index === trace.length - 1, () => `reject[${i}]: expected a violation at the end, found ${found()}`);
  });
  return tally.verdict();
}

/** Parameters that a file defines by others. */
function derived({ relative_deadline, deadline_thresh }: Readonly<Record<string, number>>): Record<string, number> {
  return relative_deadline === undefined ? {} : { DEADLINE_NS: relative_deadline + (deadline_thresh ?? 0) };
}

/** From `initial`, switched on, whatever the handling of the events. */
function firstViolation(
  automaton: Automaton,
  trace: readonly TraceElement[],
  parameters: Readonly<Record<string, number>>,
): (Violation & { readonly index: number }) | null {
  const instance = new Instance(automaton);
  instance.switchOn(0);
  for (const [index, element] of trace.entries()) {
    const { event, t = 0, env = {} } = typeof element === 'string' ? { event: element } : element;
    const violation = instance.deliver(event, 'event', t, { ...parameters, ...env });
    if (violation !== null) return { ...violation, index };
  }
  return null;
}

const said = ({ state, event, at }: Violation): string => `${event} in state ${state} at ${at}`;
