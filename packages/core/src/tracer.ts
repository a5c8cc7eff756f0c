import type { TraceSink } from './trace-sink.js';

/** Every listener call as a plain function, never absent: what the loop calls. */
export type Tracer = Required<TraceSink>;

const METHODS = [
  'begin',
  'schedSwitch',
  'schedRepick',
  'schedWaking',
  'schedWakeup',
  'schedMigrate',
  'mutexRequest',
  'mutexBlocked',
  'mutexAcquired',
  'mutexReleased',
  'proxyOutcome',
  'deadlock',
  'jobRelease',
  'jobDone',
  'taskExit',
  'classMark',
  'end',
] as const satisfies readonly (keyof TraceSink)[];

type Call = (...args: readonly unknown[]) => void;

const silent: Call = () => undefined;

/** One call per event to all sinks that listen for it, in the order given; resolved once, before the run. */
export function makeTracer(sinks: readonly TraceSink[]): Tracer {
  const tracer: Record<string, Call> = {};
  for (const method of METHODS) {
    const calls = sinks.flatMap(sink => {
      const call = (sink[method] as Call | undefined)?.bind(sink);
      return call === undefined ? [] : [call];
    });
    tracer[method] =
      calls.length === 0
        ? silent
        : calls.length === 1
          ? calls[0]!
          : (...args): void => {
              for (const call of calls) call(...args);
            };
  }
  return tracer as unknown as Tracer;
}
