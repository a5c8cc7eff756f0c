import type { TraceSink } from './trace-sink.js';

/** Every listener call as a plain function, never absent: what the loop calls. */
export type Tracer = Required<TraceSink>;

const METHODS = [
  'begin',
  'schedEntry',
  'schedExit',
  'schedSwitch',
  'schedRepick',
  'schedWaking',
  'schedWakeup',
  'schedMigrate',
  'mutexRequest',
  'mutexSpin',
  'mutexBlocked',
  'mutexAcquired',
  'mutexReleased',
  'mutexFailed',
  'mutexBackOff',
  'proxyOutcome',
  'proxyPark',
  'proxyUnpark',
  'deadlock',
  'jobRelease',
  'jobDone',
  'taskExit',
  'classMark',
  'cpuHotplug',
  'affinityLost',
  'ioWait',
  'end',
] as const satisfies readonly (keyof TraceSink)[];

type Call = (a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown, f?: unknown) => void;

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
          : (a, b, c, d, e, f): void => {
              // Six is the most any method takes; a rest parameter would allocate at every event.
              for (let i = 0; i < calls.length; i++) calls[i]!(a, b, c, d, e, f);
            };
  }
  return tracer as unknown as Tracer;
}
