import type { TraceSink } from './trace-sink.js';

/** Every listener call as a plain function, never absent: what the loop calls. */
export type Tracer = Required<TraceSink>;

type Call = (a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown, f?: unknown) => void;

const silent: Call = () => undefined;

/** One call per event to all sinks that listen for it, in the order given; resolved once, before the run. */
export function makeTracer(sinks: readonly TraceSink[]): Tracer {
  const to = <K extends keyof TraceSink>(method: K): Tracer[K] => dispatch(sinks, method) as Tracer[K];
  // Written out: an object that is filled name by name would be a hash table, and each event a search in it.
  return {
    begin: to('begin'),
    schedEntry: to('schedEntry'),
    schedExit: to('schedExit'),
    schedSwitch: to('schedSwitch'),
    schedRepick: to('schedRepick'),
    schedWaking: to('schedWaking'),
    schedWakeup: to('schedWakeup'),
    schedMigrate: to('schedMigrate'),
    mutexRequest: to('mutexRequest'),
    mutexSpin: to('mutexSpin'),
    mutexBlocked: to('mutexBlocked'),
    mutexAcquired: to('mutexAcquired'),
    mutexReleased: to('mutexReleased'),
    mutexFailed: to('mutexFailed'),
    mutexBackOff: to('mutexBackOff'),
    proxyOutcome: to('proxyOutcome'),
    proxyPark: to('proxyPark'),
    proxyUnpark: to('proxyUnpark'),
    deadlock: to('deadlock'),
    jobRelease: to('jobRelease'),
    jobDone: to('jobDone'),
    taskExit: to('taskExit'),
    classMark: to('classMark'),
    cpuHotplug: to('cpuHotplug'),
    affinityLost: to('affinityLost'),
    ioWait: to('ioWait'),
    end: to('end'),
  };
}

function dispatch(sinks: readonly TraceSink[], method: keyof TraceSink): Call {
  const calls = sinks.flatMap(sink => {
    const call = (sink[method] as Call | undefined)?.bind(sink);
    return call === undefined ? [] : [call];
  });
  if (calls.length === 0) return silent;
  if (calls.length === 1) return calls[0]!;
  // Six is the most any method takes; a rest parameter would allocate at every event.
  return (a, b, c, d, e, f) => {
    for (let i = 0; i < calls.length; i++) calls[i]!(a, b, c, d, e, f);
  };
}
