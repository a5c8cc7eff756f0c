/** Traces of a real kernel's events become recordings: what each dialect says, what is inferred, and what is told to be a guess. */
import { conformFile, importTraces, KINDS, readTrace, runRecording } from '../src/index.js';

/** One story in the three dialects: low works from 1.000 s on CPU 0, high preempts it, asks for a lock, sleeps 500 us, exits. */
const TRACEFS = `# tracer: nop
#
# entries-in-buffer/entries-written: 8/8   #P:2
#
          <idle>-0       [000] d..2.     1.000000: sched_switch: prev_comm=swapper/0 prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=low pid=3 next_pid=101 next_prio=120
     low pid=3-101     [000] d.h3.     1.000500: sched_waking: comm=high pid=103 prio=89 target_cpu=000
     low pid=3-101     [000] dNh4.     1.000501: sched_wakeup: comm=high pid=103 prio=89 target_cpu=000
     low pid=3-101     (    101) [000] d..2.     1.000502: sched_switch: prev_comm=low pid=3 prev_pid=101 prev_prio=120 prev_state=R+ ==> next_comm=high next_pid=103 next_prio=89
            high-103     [000] .....     1.000600: tracing_mark_write: lock req A
            high-103     [000] .....     1.000610: tracing_mark_write: lock got A
            high-103     [000] .....     1.000700: tracing_mark_write: lock rel A
            high-103     [000] d..2.     1.000800: sched_switch: prev_comm=high prev_pid=103 prev_prio=89 prev_state=S ==> next_comm=low pid=3 next_pid=101 next_prio=120
     low pid=3-101     [000] d.h3.     1.001300: sched_waking: comm=high pid=103 prio=89 target_cpu=000
     low pid=3-101     [000] d..2.     1.001302: sched_switch: prev_comm=low pid=3 prev_pid=101 prev_prio=120 prev_state=R+ ==> next_comm=high next_pid=103 next_prio=89
            high-103     [000] d..2.     1.001400: sched_switch: prev_comm=high prev_pid=103 prev_prio=89 prev_state=X ==> next_comm=kworker/0:1 next_pid=7 next_prio=120
     kworker/0:1-7       [000] d..2.     1.001500: sched_switch: prev_comm=kworker/0:1 prev_pid=7 prev_prio=120 prev_state=I ==> next_comm=low pid=3 next_pid=101 next_prio=120
     low pid=3-101     [000] d..2.     1.002000: sched_switch: prev_comm=low pid=3 prev_pid=101 prev_prio=120 prev_state=X ==> next_comm=swapper/0 next_pid=0 next_prio=120
`;

const asTraceCmd = (text: string): string =>
  `cpus=2\n${text
    .split('\n')
    .filter(line => !line.startsWith('#'))
    .join('\n')
    .replace(/ [d.][.N][.h][0-9.]\./g, '')
    .replaceAll('tracing_mark_write:', 'print:                tracing_mark_write:')
    .replace(
      /sched_switch: prev_comm=(.*) prev_pid=(\d+) prev_prio=(\d+) prev_state=(\S+) ==> next_comm=(.*) next_pid=(\d+) next_prio=(\d+)/g,
      (_m, a, b, c, s: string, d, e, f) => `sched_switch:         ${a}:${b} [${c}] ${s.replace('+', '')} ==> ${d}:${e} [${f}]`,
    )
    .replace(/(sched_wak\w+): comm=(.*) pid=(\d+) prio=(\d+) target_cpu=(\d+)/g, '$1:         $2:$3 [$4] CPU:$5')}`;

const asPerf = (text: string): string =>
  text
    .split('\n')
    .filter(line => !line.startsWith('#') && line !== '')
    .map(line =>
      line
        .replace(/^(\s*.*)-(\d+)\s+(?:\(.*?\)\s+)?\[(\d+)\] \S+\s+(\d+\.\d+): (sched_\w+):/, '$1 $2 [$3] $4:       sched:$5:')
        .replace(
          /^(\s*.*)-(\d+)\s+\[(\d+)\] \S+\s+(\d+\.\d+): tracing_mark_write: lock (\w+) (\S+)/,
          '$1 $2 [$3] $4:       probe_app:lock_$5: (55d0c0) name=$6',
        ),
    )
    .join('\n');

const DIALECTS = { tracefs: TRACEFS, 'trace-cmd': asTraceCmd(TRACEFS), perf: asPerf(TRACEFS) };

describe.each(Object.entries(DIALECTS))('%s', (_name, text) => {
  const { recording, notes } = importTraces([text], { id: 'story', hz: 250 })!;

  test('every line is understood', () => {
    expect(readTrace(text)).toMatchObject({ unread: 0, lost: 0 });
  });

  test('work, sleeps, locks, priorities and starts of the tasks', () => {
    expect(recording.tasks).toMatchObject([
      { name: 'low pid=3', policy: 'fair', nice: 0, start_us: 0, ops: [['run', 502 + 502 + 500]] },
      {
        name: 'high',
        policy: 'fifo',
        prio: 10,
        start_us: 500,
        ops: [
          ['run', 98],
          ['lock', 0],
          ['run', 90],
          ['unlock', 0],
          ['run', 100],
          ['sleep', 500],
          ['run', 98],
        ],
      },
    ]);
    expect(recording.duration_us).toBe(2000);
    expect(recording.machine.config.hz).toBe(250);
  });

  test('kernel threads are not of the workload, and are seen in the events', () => {
    expect(recording.events).toContainEqual(['switch', 1400, 0, 'high', 'X', '~kworker/0:1']);
    expect(recording.events).toContainEqual(['op', 610, 0, 'high', 1, 'lock', 'got', 0]);
  });

  test('what was guessed is said', () => {
    expect(notes.join('\n')).toMatch(/1 sleeps are repeated.*1 ended while some task ran/);
    expect(notes.join('\n')).toContain('not in a trace');
  });

  test('the model runs it, and conform takes it', () => {
    const json = JSON.stringify(recording);
    expect(runRecording('story.json', json).events.length).toBeGreaterThan(5);
    expect(conformFile('story.json', json, KINDS)).toMatchObject({ kind: 'recording', ok: true });
  });
});

test('several traces of one workload say how far the kernel is from itself, and are judged by it', () => {
  const later = TRACEFS.replaceAll('1.001302', '1.001402');
  const { recording } = importTraces([TRACEFS, later, TRACEFS], { id: 'story' })!;
  expect(recording.repeats).toMatchObject({
    overlap_mid: expect.any(Number),
    tasks: {
      high: {
        lock_waits: [
          [1, 10, 10],
          [1, 10, 10],
          [1, 10, 10],
        ],
      },
    },
  });
  expect(recording.repeats!.overlap_low).toBeLessThan(1);
  expect(conformFile('story.json', JSON.stringify(recording), KINDS)).toMatchObject({ kind: 'recording', compared: 2 });
});

test('only the tasks asked for; the rest is foreign', () => {
  const { recording } = importTraces([TRACEFS], { id: 'x', tasks: ['high'] })!;
  expect(recording.tasks.map(t => t.name)).toEqual(['high']);
  expect(recording.events[0]).toEqual(['switch', 0, 0, '-', 'R', '~low pid=3']);
});

test('what is no trace, and lines that make no sense', () => {
  expect(importTraces(['hello\n'], { id: 'x' })).toBeNull();
  expect(importTraces([], { id: 'x' })).toBeNull();
  const torn = `${TRACEFS}CPU:1 [LOST 12 EVENTS]\nnonsense here\n`;
  expect(readTrace(torn)).toMatchObject({ lost: 1, unread: 1, firstUnread: { text: 'nonsense here' } });
  expect(importTraces([torn], { id: 'x' })!.notes.join('\n')).toMatch(/lost in 1 places[^]*1 lines not understood/);
});

test('two tasks of one name, a lock held at the end, a task whose priority changes', () => {
  const line = (t: number, text: string): string => `  x-1  [000] d..2.  1.${String(t).padStart(6, '0')}: ${text}\n`;
  const sw = (t: number, a: string, state: string, b: string, prio = 120): string => {
    const [an, ap] = a.split('/');
    const [bn, bp] = b.split('/');
    return line(
      t,
      `sched_switch: prev_comm=${an} prev_pid=${ap} prev_prio=${prio} prev_state=${state} ==> next_comm=${bn} next_pid=${bp} next_prio=120`,
    );
  };
  const text =
    `${sw(0, 'idle/0', 'R', 'w/1')}${line(10, 'tracing_mark_write: lock req A')}${line(12, 'tracing_mark_write: lock got A')}${sw(100, 'w/1', 'R+', 'w/2', 100)}${sw(200, 'w/2', 'S', 'w/1')}${sw(300, 'w/1', 'R', 'w/2')}`.replaceAll(
      '  x-1 ',
      '  w-1 ',
    );
  const { recording, notes } = importTraces([text], { id: 'x' })!;
  expect(recording.tasks.map(t => t.name)).toEqual(['w', 'w-2']);
  expect(recording.tasks[0]!.ops.at(-1)).toEqual(['unlock', 0]);
  expect(notes.join('\n')).toContain('w: its priority changes (120, 100)');
});
