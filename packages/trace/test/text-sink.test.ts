import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_NAMES, TextSink } from '../src/index.js';
import { INFO, MS, Script, inversion, twoCpus } from './script.js';

function textOf(run: (sinks: TextSink[]) => void, passes = false): string[] {
  const lines: string[] = [];
  run([new TextSink(line => lines.push(line), INFO, passes)]);
  return lines;
}

test('the header names the run', () => {
  expect(textOf(sinks => inversion(true, sinks)).slice(0, 5)).toEqual([
    '# proxysched 0.1.0',
    '# scenario inversion  seed 1  cpus 1  proxy 7.3  until 20.000000 ms',
    '# classes deadline rt fair idle',
    '# options core.a=3 fair.runToParity=true',
    '#        time ms cpu  event          task                 details',
  ]);
});

test('one line per event, in fixed columns', () => {
  const lines = textOf(sinks => inversion(true, sinks));
  expect(lines).toContain('        3.000000   0  schedSwitch    low/1                prev=high/3:Dq donor=high/3');
  expect(lines).toContain('        6.000000   0  mutexReleased  low/1                mutex=M to=high/3 how=donor');
  expect(lines).toContain('        9.000000   0  jobDone        high/3               release=2.000000 response=7.000000');
  expect(lines.at(-1)).toBe('       16.000000   -  end            -                    outcome=finished events=42');
  expect(textOf(sinks => inversion(true, sinks))).toEqual(lines);
});

test('every event occurs and is written under its name', () => {
  const lines = textOf(sinks => {
    twoCpus(sinks);
    const s = new Script(1, sinks);
    const p = s.task('p', { kind: 'fifo', prio: 1 });
    const m = s.mutex('m');
    s.trace.mutexSpin(4, p, m, true);
    s.trace.mutexFailed(4, p, m, 'EINTR');
    s.trace.mutexBackOff(4, p, m, p, 'wound');
    s.trace.cpuHotplug(4, p.cpu, 'unplug');
    s.trace.affinityLost(4, p, p.cpu);
    s.trace.ioWait(4, p, p.cpu, 1, true);
    s.trace.deadlock(5, [p], { kind: 'dequeue', victims: [p] });
    s.park(p, p).unpark(p, p).pass(0);
  }, true);
  const seen = new Set(lines.filter(line => !line.startsWith('#')).map(line => line.slice(22, 35).trim()));
  expect([...seen].sort()).toEqual(EVENT_NAMES.filter(name => name !== 'begin').sort());
});

test('the ends of passes only for who asks', () => {
  const play = (sinks: TextSink[]): void => void new Script(1, sinks).at(1).pass(0);
  expect(textOf(play)).toEqual([]);
  expect(textOf(play, true).map(line => line.slice(22, 35).trim())).toEqual(['schedEntry', 'schedExit']);
});

test('each kind of outcome, and a run that ends in a deadlock', () => {
  const lines = textOf(sinks => {
    const s = new Script(1, sinks);
    const p = s.task('p', { kind: 'fifo', prio: 1 });
    s.at(1)
      .outcome(0, p, { kind: 'retake', task: p, depth: 2 })
      .outcome(0, p, { kind: 'deactivate', task: p, why: 'ownerAsleep' })
      .outcome(0, p, { kind: 'wake', task: p })
      .outcome(0, p, { kind: 'idle', why: 'currInChain' })
      .outcome(0, p, { kind: 'deadlock', cycle: [p] })
      .end({ outcome: 'deadlock', cycle: [p] } as never);
  });
  expect(lines.map(line => line.slice(58).trim())).toEqual([
    'retake task=p/1 depth=2',
    'deactivate task=p/1 why=ownerAsleep',
    'wake task=p/1',
    'idle why=currInChain',
    'deadlock cycle=p/1',
    'outcome=deadlock events=42 cycle=p/1',
  ]);
});

test('the legend in docs/trace.md has exactly the events', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/trace.md'), 'utf8');
  const legend = text.slice(text.indexOf('## Events'), text.indexOf('## Details'));
  const names = [...legend.matchAll(/^\| `(\w+)`/gm)].map(match => match[1]);
  expect(names.sort()).toEqual(EVENT_NAMES.filter(name => name !== 'begin').sort());
});

test('a nanosecond shows', () => {
  const lines = textOf(sinks => {
    const s = new Script(1, sinks);
    const p = s.task('p', { kind: 'fifo', prio: 1 });
    s.trace.schedWakeup(1234 * MS + 1, p);
  });
  expect(lines[0]).toBe('     1234.000001   0  schedWakeup    p/1');
});
