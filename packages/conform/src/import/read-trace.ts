import type { LockMark, Trace, TracedTask, TraceEvent } from './trace-event.js';

/**
 * Text of sched events (`formats.md` 3, 5.2): tracefs `trace`, `trace-cmd report`, `perf script`. Task names may contain anything,
 * so lines are split at the last thing that looks like a pid and a CPU, and fields are found from their names.
 *
 *     low-5196    [000] d..3.  1011.108179: sched_switch: prev_comm=…        tracefs, trace-cmd (flags are optional there)
 *     high 16761 [001]  1292.795563:       sched:sched_switch: prev_comm=…   perf script
 */
const LINE =
  /^\s*(?<comm>.*\S|)[-\s](?<pid>\d+)(?:\/\d+)?\s+(?:\(\s*[\d-]+\)\s+)?\[(?<cpu>\d+)\]\s+(?:[^\s\d]\S{3,4}\s+)?(?<s>\d+)\.(?<frac>\d{6,9}):\s+(?:\w+:)?(?<event>\w+):\s*(?<text>.*?)\s*$/;

const SWITCH = /^prev_comm=(.*) prev_pid=(\d+) prev_prio=(-?\d+) prev_state=(\S+) ==> next_comm=(.*) next_pid=(\d+) next_prio=(-?\d+)$/;
/** As trace-cmd's plug-in words it. */
const SHORT_SWITCH = /^(.*):(\d+) \[(-?\d+)\] (\S+) ==> (.*):(\d+) \[(-?\d+)\]$/;
const WAKE = /^comm=(.*) pid=(\d+) prio=(-?\d+)(?: success=\d)? target_cpu=(\d+)$/;
const SHORT_WAKE = /^(.*):(\d+) \[(-?\d+)\](?: success=\d)?(?: <CANT FIND FIELD \w+>)? CPU:(\d+)$/;
const MIGRATE = /^comm=(.*) pid=(\d+) prio=(-?\d+) orig_cpu=(\d+) dest_cpu=(\d+)$/;
/** In a trace marker: `lock req NAME`. */
const MARK = /(?:^|\s)lock (req|got|rel) (\S+)$/;
/** As a probe: an event named `lock_req` with the lock's name or address among its fields. */
const PROBE = /^(?:\w+_)?lock_(req|got|rel)$/;
const PROBED = /(?:lock|name|addr)=(\S+)/;

const MARKERS = new Set(['print', 'tracing_mark_write']);

/** Reads a trace. Never throws: what it does not understand it counts. */
export function readTrace(text: string): Trace {
  const events: TraceEvent[] = [];
  let cpus = 0;
  let unread = 0;
  let lost = 0;
  let firstUnread: Trace['firstUnread'] = null;
  for (const [n, line] of text.split('\n').entries()) {
    cpus = Math.max(cpus, Number(/^cpus=(\d+)/.exec(line)?.[1] ?? /^#.*#P:(\d+)/.exec(line)?.[1] ?? 0));
    if (/\bLOST \d+ EVENTS\b|\[\d+ EVENTS DROPPED\]/.test(line)) lost++;
    else if (/^\s*(#|$)/.test(line) || /^cpus=\d+\s*$/.test(line)) continue;
    else {
      const read = readLine(line);
      if (read === null) {
        unread++;
        firstUnread ??= { line: n + 1, text: line.trim().slice(0, 80) };
      } else if (read !== 'other') events.push(read);
    }
  }
  events.sort((a, b) => a.t - b.t); // stable: lines of one instant keep their order
  for (const { cpu } of events) cpus = Math.max(cpus, cpu + 1);
  return { events, cpus, unread, firstUnread, lost };
}

/** `other`: an event that says nothing about a workload. */
function readLine(line: string): TraceEvent | 'other' | null {
  const g = LINE.exec(line)?.groups;
  if (g === undefined) return null;
  const at = { t: Number(g['s']) * 1e9 + Number(g['frac']!.padEnd(9, '0')), cpu: Number(g['cpu']) };
  const task: TracedTask = { pid: Number(g['pid']), comm: g['comm']! };
  const text = g['text']!;
  const event = g['event']!;
  switch (event) {
    case 'sched_switch': {
      const m = SWITCH.exec(text) ?? SHORT_SWITCH.exec(text);
      if (m === null) return null;
      const [, prevComm, prevPid, prevPrio, state, nextComm, nextPid, nextPrio] = m;
      const prev = { pid: Number(prevPid), comm: prevComm! };
      const next = { pid: Number(nextPid), comm: nextComm! };
      return { ...at, kind: 'switch', prev, prevPrio: Number(prevPrio), state: state!, next, nextPrio: Number(nextPrio) };
    }
    case 'sched_waking':
    case 'sched_wakeup':
    case 'sched_wakeup_new': {
      const m = WAKE.exec(text) ?? SHORT_WAKE.exec(text);
      if (m === null) return null;
      const woken = { pid: Number(m[2]), comm: m[1]! };
      return { ...at, kind: event === 'sched_waking' ? 'waking' : 'wakeup', task: woken, prio: Number(m[3]), target: Number(m[4]) };
    }
    case 'sched_migrate_task': {
      const m = MIGRATE.exec(text);
      return m === null ? null : { ...at, kind: 'migrate', task: { pid: Number(m[2]), comm: m[1]! }, from: Number(m[4]), to: Number(m[5]) };
    }
    default: {
      const probe = PROBE.exec(event)?.[1];
      const m = MARKERS.has(event) ? MARK.exec(text) : probe === undefined ? null : ([text, probe, PROBED.exec(text)?.[1] ?? '?'] as const);
      return m === null ? 'other' : { ...at, kind: 'mark', task, what: m[1] as LockMark, lock: m[2]! };
    }
  }
}
