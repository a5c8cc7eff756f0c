import { Machine } from '@proxysched/core';
import { FairClass } from '../src/index.js';
test.each([['7.3',1000,true],['7.3',null,false],['7.3',250,false],['7.2',1000,true],['6.12',null,false],['6.12',250,false]] as const)('%s hz %s hrtick %s', (version, hz, hrtick) => {
  let seed = 12345; const rnd = (n: number) => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor(seed / 65536) % n; };
  const tasks: any[] = [];
  for (let i = 0; i < 14; i++) {
    const ops: any[] = [];
    const n = 3 + rnd(6);
    for (let j = 0; j < n; j++) {
      ops.push({ op: 'run', ns: 1 + rnd(9000) * 1000 });
      const r = rnd(8);
      if (r < 4) ops.push({ op: 'sleep', ns: 1 + rnd(12000) * 1000 });
      else if (r === 4) ops.push({ op: 'yield' });
      else if (r === 5) ops.push({ op: 'setPolicy', policy: { kind: (['normal','batch','idle'] as const)[rnd(3)], nice: rnd(40) - 20, ...(rnd(2) ? { slice: 50000 + rnd(20000) * 1000 } : {}) } });
      else if (r === 6) ops.push({ op: 'setGroup', group: rnd(3) });
      else ops.push({ op: 'setAffinity', cpus: rnd(2) ? [0, 1] : [rnd(2)] });
    }
    if (i % 3) ops.push({ op: 'jump', to: 0, times: -1 });
    tasks.push({ comm: 't' + i, policy: { kind: 'normal', nice: rnd(40) - 20 }, start: rnd(50) * 1000000, group: rnd(3), program: { ops } });
  }
  const scenario: any = { name: 's', about: '', seed: 1, until: 5e9, machine: { cpus: 2, hz, hrtick, tickPhase: 0, costs: { contextSwitch: 0, lockOp: 0, sysCall: 0, wakeUp: 0, migration: 0 } }, options: {},
    groups: [{ name: '/', weight: 1024, parent: 0 }, { name: 'a', weight: 512, parent: 0 }, { name: 'b', weight: 2048, parent: 1 }], mutexes: [], conditions: [], barriers: [], semaphores: [], timers: [], tasks };
  const m = new Machine(scenario);
  const cls = new FairClass(m, { 'fair.version': version });
  m.attach({ classes: [cls], policies: new Map([['normal', cls], ['batch', cls], ['idle', cls]] as const) as any, deadlock: { name: 'x', onCycle: () => ({ kind: 'halt' }), onStall: () => ({ kind: 'halt' }) } as any, balancers: [] });
  const bad: string[] = [];
  const res = m.run(k => { for (const rq of k.rqs) { cls.check(rq, { fail: (c, d) => bad.push(c + d) }); const q = cls.queue(rq); if (q.nrQueued !== rq.nrQueued) bad.push('nr'); if ((q.curr === null) !== (rq.donor === rq.idle) || (q.curr && q.curr.owner !== rq.donor)) bad.push('curr'); } });
  console.log(version, hz, JSON.stringify({ ...res, evidence: undefined }), bad.length, bad.slice(0, 3));
  expect(bad).toEqual([]);
  expect((res as any).outcome).toBe('timeLimit');
});
