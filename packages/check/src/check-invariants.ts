import type { Kernel, Mutex, RunQueue, Task } from '@proxysched/core';

/** One broken invariant: its row in `architecture.md` 15 (or the class's own code) and what was found. */
export interface Problem {
  readonly code: string;
  readonly detail: string;
}

type Fail = (code: string, detail: string) => void;

/**
 * Recomputes K1–K6 and K8 from the contracts alone and asks every class for its own; empty when all is well. Made for the
 * moment after an event, when every requested pick has been made or, where that costs time, is under way: then who runs may
 * have stopped being able to, and has not left yet. It reads, and changes nothing.
 *
 * What contracts do not show is left to others: whether a class's queue holds what the kernel counts (the class's `check`),
 * which tasks are parked on whom (the resolver's secret), what a class was charged (the contract tests). K7 and the strict
 * form of K3 need memory: see `InvariantChecker`.
 */
export function checkInvariants(kernel: Kernel): Problem[] {
  const problems: Problem[] = [];
  const fail: Fail = (code, detail) => {
    problems.push({ code, detail });
  };
  for (const p of kernel.tasks) checkTask(kernel, p, fail);
  for (const m of kernel.mutexes) checkMutex(kernel, m, fail);
  checkHeld(kernel, fail);
  checkRunners(kernel, fail);
  for (const rq of kernel.rqs) {
    checkRoles(kernel, rq, fail);
    checkCounters(kernel, rq, fail);
    checkChoice(kernel, rq, fail);
    for (const cls of kernel.classes) cls.check?.(rq, { fail: (code, detail) => fail(code, `${cls.name}: ${detail}`) });
  }
  return problems;
}

/** A pick was asked for, and its time has not passed. */
const picking = (rq: RunQueue): boolean => rq.pass.at >= 0;

/** K1: in exactly one place, and the state says which. K4: awake is not blocked, away is blocked, home is allowed. */
function checkTask(kernel: Kernel, p: Task, fail: Fail): void {
  const at = `${String(p)} (${p.state}, on_rq ${p.onRq}, CPU ${p.cpu}, home ${p.wakeCpu})`;
  const queued = p.onRq === 'queued';
  const leaving = kernel.rqs[p.cpu]?.curr === p && picking(kernel.rqs[p.cpu]!);
  switch (p.state) {
    case 'running':
      if ((!queued && p.onRq !== 'migrating') || p.schedDelayed) fail('K1', `${at}: able to run, yet on no queue`);
      if (p.isBlocked) fail('K4', `${at}: able to run and blocked`);
      break;
    case 'blocked':
      if (!p.isBlocked && !leaving) fail('K4', `${at}: waits for a lock and is not blocked`);
      if (p.waitsIn === null && !p.wakePending) fail('K1', `${at}: waits for a lock but stands in no line`);
      break;
    case 'sleeping':
      if (queued !== p.schedDelayed && !leaving) fail('K1', `${at}: asleep, yet queued and not for a delayed dequeue`);
      if (!p.isBlocked && !leaving) fail('K4', `${at}: asleep and not blocked`);
      if (p.waitsIn !== null) fail('K1', `${at}: asleep, yet in the line of "${p.waitsIn.name}"`);
      break;
    case 'new':
    case 'dead':
      if (p.onRq !== 'no' && !leaving) fail('K1', `${at}: on a queue`);
      if (p.waitsIn !== null || p.blockedOn !== null) fail('K1', `${at}: waits for a lock`);
      break;
    case 'waking':
      if (p.onRq === 'no' && (kernel.machine.gaps?.wakeIpi ?? 0) > 0) break; // another CPU has yet to hear of it
      // Woken away from home under a resolver that leaves the return to the scheduler: still a blocked context to every pick.
      if (kernel.resolver.defersReturn !== true) fail('K1', `${at}: still in the middle of its wake-up`);
      else if (!queued || !p.isBlocked || p.cpu === p.wakeCpu || p.blockedOn !== null)
        fail('K1', `${at}: waits to be sent home, yet is not away`);
  }
  if (p.schedDelayed && (!queued || !p.isBlocked))
    fail('K1', `${at}: its dequeue is delayed, but it is ${queued ? 'awake' : 'on no queue'}`);
  if (p.blockedOn !== null && p.blockedOn !== p.waitsIn)
    fail('K5', `${at}: blocked on "${p.blockedOn.name}", in whose line it does not stand`);
  if (p.cpu !== p.wakeCpu && !p.isBlocked && p.state !== 'dead') fail('K4', `${at}: away from home and not blocked`);
  // Who sleeps learns that its CPU is gone when it wakes.
  if (!p.exec.cpusAllowed.has(p.wakeCpu) && p.state !== 'dead' && !leaving && kernel.online.has(p.wakeCpu))
    fail('K4', `${at}: its home is not one of its CPUs ${String(p.exec.cpusAllowed)}`);
  if (kernel.rqs[p.cpu] === undefined) fail('K1', `${at}: no such CPU`);
  if (p.ioWaitsOn !== null && (p.onRq === 'queued' || !p.inIowait)) fail('K6', `${at}: counted among those who wait for I/O`);
  if (p.spinsOn !== null) checkSpinner(kernel, p, fail);
}

/** K5: who spins is on a CPU and not blocked, and watches an owner who is on one; or is about to look again. */
function checkSpinner(kernel: Kernel, p: Task, fail: Fail): void {
  const m = p.spinsOn!;
  const rq = kernel.rqs[p.cpu]!;
  if (rq.curr !== p) fail('K5', `${String(p)} spins for "${m.name}" and is not on CPU ${p.cpu}`);
  if (p.blockedOn !== null) fail('K5', `${String(p)} spins for "${m.name}" and looks blocked on "${p.blockedOn.name}"`);
  if (p.waitsIn !== null && p.waitsIn !== m) fail('K5', `${String(p)} spins for "${m.name}" and stands in the line of "${p.waitsIn.name}"`);
  const looks = m.osqHead === p || p.waitsIn === m;
  // Where CPUs take turns it looks in its own.
  const aboutTo = kernel.machine.turns === undefined ? rq.opDone.at === kernel.queue.now : rq.opDone.at >= 0;
  if (!looks || aboutTo) return;
  if (p.watches !== m.owner) fail('K5', `${String(p)} spins for "${m.name}" of ${String(m.owner)} and watches ${String(p.watches)}`);
  const owner = m.owner;
  if (owner !== null && kernel.rqs[owner.cpu]!.curr !== owner) fail('K5', `${String(p)} spins for ${String(owner)}, who is on no CPU`);
}

/** K5: lines are whole, owners are alive, and nobody waits for a free lock with no one on the way to it. */
function checkMutex(kernel: Kernel, m: Mutex, fail: Fail): void {
  let count = 0;
  let awake = 0;
  let prev: Task | null = null;
  for (let p = m.firstWaiter; p !== null && count <= kernel.tasks.length; p = p.waitNext) {
    count++;
    if (onTheWay(p)) awake++;
    if (p.waitPrev !== prev) fail('K5', `"${m.name}": the line is torn before ${String(p)}`);
    if (p.waitsIn !== m) fail('K5', `"${m.name}": ${String(p)} stands in its line and does not know`);
    if (m.owner === p && !m.pickup) fail('K5', `"${m.name}": ${String(p)} owns it and still stands in line`);
    prev = p;
  }
  if (m.lastWaiter !== prev || m.nrWaiters !== count) fail('K5', `"${m.name}": ${count} in line, counted ${m.nrWaiters}`);
  for (const p of kernel.tasks) {
    if (p.waitsIn === m && ![...m.waiters()].includes(p)) fail('K5', `"${m.name}": ${String(p)} believes it stands in line`);
  }
  checkContexts(kernel, m, fail);
  let last: Task | null = null;
  for (let p = m.osqHead; p !== null; p = p.osqNext) {
    if (p.osqPrev !== last || p.spinsOn !== m) fail('K5', `"${m.name}": the queue of spinners is torn at ${String(p)}`);
    last = p;
  }
  if (m.osqTail !== last) fail('K5', `"${m.name}": the queue of spinners ends with ${String(last)}, not ${String(m.osqTail)}`);
  const { owner } = m;
  if (owner !== null && m.readers.length > 0) fail('K5', `"${m.name}": ${String(owner)} writes while ${m.readers.map(String).join()} read`);
  if (owner === null) {
    if (m.pickup) fail('K5', `"${m.name}": nobody owns it and somebody is to pick it up`);
    if (count > 0 && awake === 0 && !m.releasing && someoneMayTake(m)) fail('K5', `"${m.name}": free, ${count} wait, and no one is on the way to it`);
    return;
  }
  if (owner.state === 'dead') fail('K5', `"${m.name}": its owner ${String(owner)} is dead`);
  if (!m.pickup) return;
  if (owner.waitsIn !== m) fail('K5', `"${m.name}": named ${String(owner)}, who does not wait for it`);
  else if (owner.blockedOn !== null && kernel.resolver.namedKeepReference !== true)
    fail('K5', `"${m.name}": named ${String(owner)}, who is still blocked on it`);
  else if (!onTheWay(owner))
    fail('K5', `"${m.name}": named ${String(owner)}, who is not on the way to it (${owner.state})`);
}

/** Awake, or somebody is about to wake it. */
const onTheWay = (p: Task): boolean => p.state === 'running' || p.state === 'waking' || p.wakePending;

/** A ceiling protocol may refuse a free lock to everyone in its line. */
function someoneMayTake(m: Mutex): boolean {
  return [...m.waiters()].some(p => m.rules.mayTake?.(m, p) !== false);
}

/** K5: contexts stand in line by age, and a context holds what says so. */
function checkContexts(kernel: Kernel, m: Mutex, fail: Fail): void {
  if (m.context !== null && m.owner !== m.context.task)
    fail('K5', `"${m.name}": taken in a context of ${String(m.context.task)}, owned by ${String(m.owner)}`);
  if (m.rules.kind !== 'wait-die' && m.rules.kind !== 'wound-wait') return;
  let older: Task | null = null;
  for (let p = m.firstWaiter; p !== null; p = p.waitNext) {
    const { context } = p.exec;
    if (context === null || !context.active) continue;
    if (older !== null && older.exec.context!.youngerThan(context))
      fail('K5', `"${m.name}": ${String(older)} stands before ${String(p)}, which is older`);
    older = p;
    const held = kernel.mutexes.filter(other => other.context === context).length;
    if (held !== context.acquired) fail('K5', `${String(p)}: ${context.acquired} locks in its context, counted ${held}`);
  }
}

/** Whether `p` reads `m`; who was let in and has not run since does not know yet. */
function reads(m: Mutex, p: Task): boolean {
  const op = p.exec.program.ops[p.exec.pc];
  const asks = op?.op === 'lock' && op.mutex === m.id && p.exec.phase === 'retry';
  return m.readers.includes(p) && !asks;
}

/** K5: what a task holds is what names it as owner. */
function checkHeld(kernel: Kernel, fail: Fail): void {
  for (const p of kernel.tasks) {
    const owned = kernel.mutexes.filter(m => (m.owner === p && !m.pickup) || reads(m, p)).length;
    if (owned !== p.exec.held) fail('K5', `${String(p)}: holds ${p.exec.held} locks, owns ${owned}`);
  }
}

/** K2: nobody runs in two places. */
function checkRunners(kernel: Kernel, fail: Fail): void {
  for (const rq of kernel.rqs) {
    for (const other of kernel.rqs) {
      if (other.cpu > rq.cpu && rq.curr === other.curr) fail('K2', `${String(rq.curr)} runs on CPUs ${rq.cpu} and ${other.cpu}`);
      if (other.cpu > rq.cpu && rq.donor === other.donor) fail('K3', `${String(rq.donor)} is donor of CPUs ${rq.cpu} and ${other.cpu}`);
    }
  }
}

/** K2 and what of K3 holds at any time: after a release the chain between donor and current may be out of date. */
function checkRoles(kernel: Kernel, rq: RunQueue, fail: Fail): void {
  const { cpu, curr, donor, idle } = rq;
  if (!kernel.online.has(cpu) && (curr !== idle || rq.nrQueued > 0))
    fail('K2', `CPU ${cpu} is unplugged, and runs ${String(curr)} with ${rq.nrQueued} queued`);
  if ((curr === idle) !== (donor === idle)) fail('K3', `CPU ${cpu} runs ${String(curr)} in the name of ${String(donor)}`);
  if (curr === idle) return;
  if (!curr.exec.cpusAllowed.has(cpu) && !picking(rq))
    fail('K2', `${String(curr)} runs on CPU ${cpu}, allowed are ${String(curr.exec.cpusAllowed)}`);
  if (curr.cpu !== cpu || curr.onRq !== 'queued') fail('K2', `${String(curr)} runs on CPU ${cpu} without being queued there`);
  const spins = kernel.resolver.spins === true && curr === donor && curr.isBlocked;
  if (curr.state !== 'running' && !spins && !picking(rq)) fail('K2', `${String(curr)} runs on CPU ${cpu} in state ${curr.state}`);
  if (donor.cpu !== cpu || donor.onRq !== 'queued' || donor.schedDelayed) {
    fail('K3', `${String(donor)} is donor of CPU ${cpu} without being queued there`);
  }
}

/** K6: counters are what counting gives. */
function checkCounters(kernel: Kernel, rq: RunQueue, fail: Fail): void {
  const here = kernel.tasks.filter(p => p.onRq === 'queued' && p.cpu === rq.cpu);
  if (rq.nrQueued !== here.length) fail('K6', `CPU ${rq.cpu}: nrQueued ${rq.nrQueued}, counted ${here.length}`);
  kernel.classes.forEach((cls, i) => {
    const counted = here.filter(p => p.sched.cls === cls).length;
    if (rq.nrByClass[i] !== counted) fail('K6', `CPU ${rq.cpu}: nrByClass of ${cls.name} ${rq.nrByClass[i]}, counted ${counted}`);
  });
  const idle = rq.curr === rq.idle && rq.nrRunning === 0 && rq.window === 'none' && kernel.online.has(rq.cpu);
  if (kernel.idleCpus.has(rq.cpu) !== idle) fail('K6', `CPU ${rq.cpu} is ${idle ? 'missing from' : 'among'} the idle CPUs`);
  const { now } = kernel.queue;
  const inIo = kernel.tasks.filter(p => p.ioWaitsOn === rq).length;
  if (rq.nrIowait !== inIo) fail('K6', `CPU ${rq.cpu}: ${rq.nrIowait} wait for I/O, counted ${inIo}`);
  if (rq.clock > now || rq.charged > now) fail('K6', `CPU ${rq.cpu}: accounted up to ${rq.clock}, charged up to ${rq.charged}, at ${now}`);
  if (rq.needResched && !picking(rq)) fail('K6', `CPU ${rq.cpu}: a pick was asked for and not made`);
}

/**
 * K8: no CPU idles, or runs for a lower class, while a higher one has a context here that it would pick. Excepted: picks
 * that a delayed dequeue will remove, and a cycle that the deadlock policy chose to sit out. With gaps also idle visits: a walk has
 * decided something that takes effect later, or its chain leads to a task that is on the way to here or about to be woken.
 */
function checkChoice(kernel: Kernel, rq: RunQueue, fail: Fail): void {
  if (picking(rq)) return;
  for (const [i, cls] of kernel.classes.entries()) {
    if (rq.donor.sched.cls === cls) return;
    if (rq.nrByClass[i] === 0 && rq.nrServers === 0) continue;
    const best = cls.pickTask(rq);
    if (best === null || best === rq.idle || best.schedDelayed || inCycle(kernel, best)) continue;
    if (kernel.machine.gaps !== undefined && (kernel.resolver.deciding?.(rq) === true || waitsForFlight(kernel, best))) return;
    if (best.sched.cls === rq.donor.sched.cls) return; // picked through a server
    return fail('K8', `CPU ${rq.cpu} runs ${String(rq.donor)} although ${cls.name} would pick ${String(best)}`);
  }
}

/** Does the chain of `p` lead to a task that is between two queues, or named and not awake? */
function waitsForFlight(kernel: Kernel, p: Task): boolean {
  let t: Task | null = p;
  for (let steps = 0; t !== null && steps <= kernel.tasks.length; steps++) {
    if (t.onRq === 'migrating' || t.wakePending) return true;
    t = t.blockedOn?.owner ?? null;
  }
  return false;
}

/** Whether the waits of `p` never end. */
function inCycle(kernel: Kernel, p: Task): boolean {
  let t: Task = p;
  for (let steps = 0; steps <= kernel.tasks.length; steps++) {
    const owner = t.waitsIn?.owner ?? null;
    if (owner === null || t.state === 'running' || owner === t) return false;
    t = owner;
  }
  return true;
}
