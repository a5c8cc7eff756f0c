import { readFileSync, writeFileSync, readdirSync } from 'node:fs';
import { fair } from '@proxysched/fair';
import { rt } from '@proxysched/rt';
import { proxy } from '@proxysched/proxy';
import { haltOnDeadlock } from '@proxysched/deadlock';
import { createSimulation } from '@proxysched/sim';
import { agreement, lockWaits, type Recording } from '../src/index.js';

function scenarioOf(r: any): any {
  const c = r.machine.config; const mutexes = new Set<number>(); const timers: any[] = [];
  const tasks = r.tasks.map((t: any) => {
    const ops: any[] = t.ops.map(([op, v]: any, src: number) => {
      if (op === 'run') return { op, ns: v * 1000, src };
      if (op === 'sleep') return { op, ns: v * 1000, src };
      if (op === 'period') { timers.push({ name: t.name }); return { op: 'timer', timer: timers.length - 1, period: v * 1000, mode: 'absolute', src }; }
      if (op === 'lock' || op === 'unlock') { mutexes.add(v); return { op, mutex: v, src }; }
      if (op === 'yield') return { op, src };
      throw new Error(op);
    });
    if (t.loops !== 1) ops.push({ op: 'jump', to: 0, times: t.loops < 0 ? -1 : t.loops - 1 });
    const policy = t.policy === 'fifo' || t.policy === 'rr' ? { kind: t.policy, prio: t.prio } : { kind: 'normal', nice: t.nice, ...(t.slice_us ? { slice: t.slice_us * 1000 } : {}) };
    return { comm: t.name, policy, start: t.start_us * 1000, cpus: t.cpus.length ? t.cpus : undefined, group: 0, program: { ops } };
  });
  const n = Math.max(0, ...mutexes) + 1;
  return { name: r.id, about: '', seed: 1, until: r.duration_us * 1000,
    machine: { cpus: c.cpus, hz: c.hz, hrtick: c.hrtick, tickPhase: c.tick_phase_us * 1000, costs: { contextSwitch: 4000, lockOp: 4000, sysCall: 4000, wakeUp: 2000, migration: 0 } },
    options: { 'fair.slice': c.base_slice_ns }, groups: [], conditions: [], barriers: [], semaphores: [], timers, mutexes: Array.from({ length: n }, (_, i) => ({ name: `L${i}` })), tasks };
}
function run(r: any): any {
  const events: any[] = []; const us = (n: number) => Math.floor(n / 1000);
  const nm = (p: any) => (p.pid === 0 ? '-' : p.comm); const src = (p: any) => p.exec.program.ops[p.exec.pc]?.src ?? 0;
  const sink = {
    schedSwitch: (now: number, cpu: number, prev: any, next: any) => { if (prev !== next) events.push(['switch', us(now), cpu, nm(prev), prev.state === 'running' ? 'R' : prev.state === 'blocked' ? 'D' : 'S', nm(next)]); },
    mutexRequest: (now: number, p: any) => events.push(['op', us(now), p.cpu, p.comm, src(p), 'lock', 'req', 0]),
    mutexAcquired: (now: number, p: any) => events.push(['op', us(now), p.cpu, p.comm, src(p), 'lock', 'got', 0]),
    mutexReleased: (now: number, m: any, p: any) => events.push(['op', us(now), p.cpu, p.comm, src(p), 'unlock', 'rel', 0]),
    jobDone: (now: number, p: any) => { const o = p.exec.program.ops[p.exec.pc - 1]; if (o?.op === 'timer') events.push(['op', us(now), p.cpu, p.comm, o.src, 'period', 'done', 0]); },
  };
  const sim = createSimulation(scenarioOf(r), [rt, fair, ...(r.machine.config.proxy_exec ? [proxy] : []), haltOnDeadlock], [sink as any]);
  const res = sim.run();
  return { duration_us: r.duration_us, events, res };
}
const DIR = '/work/shared/golden/kernel';
test('px', () => {
  const out: string[] = [];
  const pat = new RegExp(process.env.PX ?? '^px-0[123]');
  for (const f of readdirSync(DIR).filter(f => f.endsWith('.json') && pat.test(f))) {
    const r = JSON.parse(readFileSync(`${DIR}/${f}`, 'utf8'));
    try {
      const m = run(r); const a = agreement(r, m);
      out.push(`${f} overlap ${a.overlap.toFixed(3)} (${r.repeats.overlap_low}/${r.repeats.overlap_mid}) share ${a.shareError.toFixed(4)} (${r.repeats.share_error_high}) waits ${a.lockWaits.inSpan}/${a.lockWaits.tasks} resp ${a.responses.inSpan}/${a.responses.tasks} ${m.res.outcome}`);
      if (process.env.PXV) { const w = lockWaits(m); for (const [k, v] of w) out.push(`   ${k} ${JSON.stringify(v)}  rec ${JSON.stringify(r.repeats.tasks[k]?.lock_waits)}`); }
      writeFileSync(`/tmp/x/${f}`, m.events.map((e: any) => JSON.stringify(e)).join('\n'));
    } catch (e: any) { out.push(`${f} ERROR ${e.message.slice(0, 200)}`); }
  }
  writeFileSync('/tmp/x/px.txt', out.join('\n') + '\n');
});
