import {
  AnalysisError,
  busyPeriod,
  bwiBudgets,
  ceilingBlocking,
  ceilings,
  coarseTardinessBound,
  criticalSections,
  demand,
  demandLimit,
  density,
  edfDensityTest,
  edfResponseTime,
  edfUtilizationTest,
  exceeds,
  firstDemandViolation,
  fixedPriorityTest,
  format,
  gfbDensityTest,
  gfbTest,
  hyperbolicTest,
  jobResponses,
  lagBounds,
  liuLaylandTest,
  nppBlocking,
  pipBlocking,
  pipBlockingSimple,
  qpaTest,
  requestLatenessBound,
  responseTime,
  supplyBound,
  tardinessBounds,
  toNumber,
  utilization,
  worstResponseTime,
  type LockUser,
  type Op,
} from '../src/index.js';
import { byName, completions, golden, ids, implicit, plain, type Golden, type GoldenTask, type PerTask, type Run } from './taskset.js';

/** How much of `golden/tasksets` was compared: equal values, and observations held against bounds. */
const tally = { equal: 0, bounded: 0 };
const touched = new Set<string>();

function same(g: Golden, what: string, found: unknown, expected: unknown): void {
  expect({ [what]: found }).toEqual({ [what]: expected });
  tally.equal += expected !== null && typeof expected === 'object' ? Object.keys(expected).length : 1;
  touched.add(g.id);
}

function within(g: Golden, what: string, observed: number, bound: Parameters<typeof exceeds>[1]): void {
  expect([what, observed, exceeds(observed, bound)]).toEqual([what, observed, false]);
  tally.bounded++;
  touched.add(g.id);
}

const numbersOf = (values: PerTask): number[] => Object.values(values);
const withKey = (key: string): string[] => ids.filter(id => key in golden(id).expect);
const value = <T>(g: Golden, key: string): T => g.expect[key] as T;

afterAll(() => {
  process.stdout.write(
    `golden/tasksets: ${tally.equal} values equal, ${tally.bounded} observations within bounds, in ${touched.size} of ${ids.length} files\n`,
  );
});

test.each(withKey('utilization'))('utilization of %s', id => {
  const g = golden(id);
  const u = utilization(g.tasks.map(t => ({ wcet: (t.C ?? t.runtime)!, period: (t.T ?? t.period)! })));
  const expected = value<string | number>(g, 'utilization');
  if (typeof expected === 'string') same(g, 'utilization', format(u), expected);
  else same(g, 'utilization', Number(toNumber(u).toFixed(5)), expected);
});

describe('fixed priorities', () => {
  test.each(withKey('response_time_bounds'))('%s: bounds, verdict, and the schedule within them', id => {
    const g = golden(id);
    const tasks = plain(g.tasks).map((t, i) => ({ ...t, jitter: g.tasks[i]!.J ?? 0 }));
    const verdicts = fixedPriorityTest(tasks);
    const bounds = byName(
      tasks,
      verdicts.map(v => v.response),
    );
    same(g, 'response_time_bounds', bounds, value(g, 'response_time_bounds'));
    expect(
      byName(
        tasks,
        tasks.map((t, i) => responseTime(t, tasks.slice(0, i))),
      ),
    ).toEqual(bounds); // the first job is the worst in all
    if ('schedulable' in g.expect)
      same(
        g,
        'schedulable',
        verdicts.every(v => v.meetsDeadline),
        g.expect['schedulable'],
      );
    for (const { task, job, end } of completions(tasks, value<Run[] | undefined>(g, 'schedule') ?? [])) {
      const response = end - job * task.period;
      if (job === 0) same(g, `first job of ${task.name}`, response, bounds[task.name]);
      else within(g, `${task.name} ${job}`, response, bounds[task.name]!);
    }
    for (const miss of value<{ task: string; deadline: number; finish: number }[] | undefined>(g, 'misses') ?? [])
      same(g, 'miss', verdicts.find(v => v.task.name === miss.task)!.meetsDeadline, false);
  });

  test('schedcat-rta-blocking: blocking is added once', () => {
    const g = golden('schedcat-rta-blocking');
    const { B, response_time_bounds } = value<{ B: PerTask; response_time_bounds: PerTask }>(g, 'with_blocking');
    const tasks = plain(g.tasks).map(t => ({ ...t, blocking: B[t.name]! }));
    same(
      g,
      'with blocking',
      byName(
        tasks,
        fixedPriorityTest(tasks).map(v => v.response),
      ),
      response_time_bounds,
    );
  });

  test('jitter-two-tasks: without jitter, and the pattern that attains the bound', () => {
    const g = golden('jitter-two-tasks');
    const tasks = plain(g.tasks);
    const without = byName(
      tasks,
      fixedPriorityTest(tasks).map(v => v.response),
    );
    same(g, 'without jitter', without, value(g, 'response_time_bounds_without_jitter'));
    const { t2_release, t2_finish } = value<PerTask>(g, 'attaining_pattern');
    same(g, 'attained', responseTime(tasks[1]!, [{ ...tasks[0]!, jitter: 2 }]), t2_finish! - t2_release!);
  });

  test('lehoczky90-arbitrary-deadline: every job of the busy period', () => {
    const g = golden('lehoczky90-arbitrary-deadline');
    const [t1, t2] = plain(g.tasks);
    same(g, 'responses_t2', [...jobResponses(t2!, [t1!])], value(g, 'responses_t2'));
    same(g, 'wcrt', { t1: worstResponseTime(t1!, []), t2: worstResponseTime(t2!, [t1!]) }, value(g, 'wcrt'));
    same(g, 'busy period', busyPeriod([t1!, t2!]), value(g, 'level_2_busy_period'));
    expect(fixedPriorityTest([t1!, t2!]).map(v => v.meetsDeadline)).toEqual([true, true]);
  });

  test('tests by utilization: the files that name them', () => {
    const of = (id: string): Parameters<typeof hyperbolicTest>[0] => implicit(plain(golden(id).tasks));
    const both = (id: string): string[] => [liuLaylandTest(of(id)), hyperbolicTest(of(id))];
    expect(both('sg90-three-tasks-light')).toEqual(['schedulable', 'schedulable']);
    expect(both('bini-hyperbolic-two-tasks')).toEqual(['undecided', 'schedulable']);
    // one of these misses, the others do not: the test cannot know
    for (const id of ['bw-set-a', 'bw-set-c', 'll73-two-tasks', 'schedcat-rta-four'])
      expect([id, ...both(id)]).toEqual([id, 'undecided', 'undecided']);
  });

  test('ll73-two-tasks: a longer second task misses; in the other order nothing can grow', () => {
    const [t1, t2] = plain(golden('ll73-two-tasks').tasks);
    expect(fixedPriorityTest([t1!, { ...t2!, wcet: 3 }]).map(v => v.meetsDeadline)).toEqual([true, false]);
    expect(responseTime({ ...t1!, wcet: 1 }, [{ ...t2!, wcet: 1 }])).toBe(2);
  });
});

describe('EDF on one CPU', () => {
  test('buttazzo-processor-demand', () => {
    const g = golden('buttazzo-processor-demand');
    const tasks = g.tasks.map(({ C, T, D }) => ({ wcet: C!, period: T!, deadline: D! }));
    const limit = demandLimit(tasks);
    same(g, 'L*', limit === 'unbounded' ? limit : toNumber(limit), value(g, 'L_star'));
    for (const { L, g: expected } of value<{ L: number; g: number }[]>(g, 'demand')) same(g, `g(${L})`, demand(tasks, L), expected);
    same(g, 'schedulable', qpaTest(tasks) === 'schedulable', g.expect['schedulable']);
    expect(firstDemandViolation(tasks)).toBe('none');
  });

  test('edf-constrained-infeasible-pair', () => {
    const g = golden('edf-constrained-infeasible-pair');
    const tasks = g.tasks.map(({ C, T, D }) => ({ wcet: C!, period: T!, deadline: D! }));
    const { L, g: expected } = value<{ L: number; g: number }>(g, 'first_violation');
    same(g, 'first violation', firstDemandViolation(tasks), { length: L, demand: expected });
    same(g, 'schedulable', qpaTest(tasks) === 'schedulable', g.expect['schedulable']);
    const { t1_finish, t2_finish } = value<PerTask>(g, 'synchronous_run');
    within(g, 't1', t1_finish!, edfResponseTime(tasks, 0));
    within(g, 't2', t2_finish!, edfResponseTime(tasks, 1));
  });

  test('linux-doc-density-not-necessary', () => {
    const g = golden('linux-doc-density-not-necessary');
    const tasks = g.tasks.map(({ C, T, D }) => ({ wcet: C!, period: T!, deadline: D! }));
    same(g, 'density', toNumber(density(tasks)), value(g, 'density_sum'));
    expect(edfDensityTest(tasks)).toBe('undecided');
    same(g, 'schedulable', qpaTest(tasks) === 'schedulable', g.expect['schedulable']);
    numbersOf(value<PerTask>(g, 'response_times')).forEach((r, i) => within(g, `t${i + 1}`, r, edfResponseTime(tasks, i)));
  });

  test('buttazzo-rm-edf-34-35: EDF meets all, rate-monotonic does not', () => {
    const g = golden('buttazzo-rm-edf-34-35');
    const tasks = plain(g.tasks);
    const { first_miss, schedule } = value<{ first_miss: { finish: number; deadline: number }; schedule: Run[] }>(g, 'fp');
    const verdicts = fixedPriorityTest(tasks);
    same(g, 'first miss', [...jobResponses(tasks[1]!, [tasks[0]!])][0], first_miss.finish);
    same(g, 'meets', verdicts[1]!.meetsDeadline, false);
    for (const { task, job, end } of completions(tasks, schedule))
      within(g, `${task.name} ${job}`, end - job * task.period, verdicts[task.priority - 1]!.response);
    const edf = value<{ misses: unknown[]; schedule: Run[] }>(g, 'edf');
    same(g, 'EDF', edfUtilizationTest(implicit(tasks)) === 'schedulable', edf.misses.length === 0);
    for (const { task, job, end } of completions(tasks, edf.schedule))
      within(g, `${task.name} ${job}`, end - job * task.period, edfResponseTime(implicit(tasks), task.priority - 1));
  });

  test.each(['edf-wcrt-1', 'edf-wcrt-3', 'edf-wcrt-4', 'edf-async-worst'])('%s: worst response over all offsets', id => {
    const g = golden(id);
    const tasks = implicit(plain(g.tasks));
    const worst = byName(
      tasks,
      tasks.map((_, i) => edfResponseTime(tasks, i)),
    );
    same(g, 'wcrt', worst, value(g, 'wcrt'));
    if (id !== 'edf-async-worst') return;
    within(g, 'synchronous', value<PerTask>(g, 'synchronous_max_response')['t3']!, worst['t3']!);
    within(g, 'released at 1', value<{ t3_first_response: number }>(g, 'with_t3_first_released_at_1').t3_first_response, worst['t3']!);
  });

  test('buttazzo-cbs, rtsim-cbs-wakeup-original: servers count with budget and period', () => {
    for (const id of ['buttazzo-cbs', 'rtsim-cbs-wakeup-original']) {
      const g = golden(id);
      const tasks = g.tasks.map(({ C, T, server }) => ({ wcet: (server?.Q ?? C)!, period: (server?.T ?? T)! }));
      expect([id, edfUtilizationTest(tasks)]).toEqual([id, 'schedulable']);
      const hard = plain(g.tasks.slice(0, 1));
      // the schedule does not number its jobs: the k-th stretch of t1 is its k-th job, as it is never preempted
      const runs = value<Run[]>(g, 'schedule').filter(r => r.task === hard[0]!.name);
      runs.forEach(({ end }, job) => within(g, `${id} ${job}`, end - job * hard[0]!.period, edfResponseTime(tasks, 0)));
    }
  });
});

describe('global EDF', () => {
  test('dhall-2cpu is not accepted, and misses', () => {
    const g = golden('dhall-2cpu');
    const tasks = implicit(plain(g.tasks));
    expect(gfbTest(tasks, g.platform.cpus)).toBe('undecided');
    const { task, deadline, finish } = value<{ task: string; deadline: number; finish: number }>(g, 'miss');
    const bounds = tardinessBounds(tasks, g.platform.cpus);
    within(g, task, finish - deadline, bounds === 'unbounded' ? bounds : byName(tasks, bounds)[task]!);
  });

  test('gfb-accepted-2cpu', () => {
    const g = golden('gfb-accepted-2cpu');
    const tasks = implicit(plain(g.tasks));
    same(g, 'misses', [gfbTest(tasks, 2), gfbDensityTest(tasks, 2)].filter(v => v !== 'schedulable').length, value<[]>(g, 'misses').length);
    for (const [name, ends] of Object.entries(value<Record<string, number[]>>(g, 'finish_times_over_hyperperiod')))
      ends.forEach((end, job) => {
        const { period } = tasks.find(t => t.name === name)!;
        within(g, `${name} ${job}`, end - job * period, period);
      });
  });

  test('gedf-tardiness-full-load', () => {
    const g = golden('gedf-tardiness-full-load');
    const tasks = implicit(plain(g.tasks));
    const bounds = tardinessBounds(tasks, 2);
    if (bounds === 'unbounded') throw new Error('U = 2 on 2 CPUs is bounded');
    same(g, 'bounds', byName(tasks, bounds.map(toNumber)), value(g, 'devi_anderson_tardiness_bounds'));
    const coarse = coarseTardinessBound(tasks, 2);
    same(g, 'coarse', coarse === 'unbounded' ? coarse : toNumber(coarse), value(g, 'linux_doc_bound_all_tasks'));
    numbersOf(value<PerTask>(g, 'observed_max_tardiness_synchronous_first_3200')).forEach((late, i) =>
      within(g, `t${i + 1}`, late, bounds[i]!),
    );
  });
});

describe('locks', () => {
  test('blocking-bounds-four-tasks', () => {
    const g = golden('blocking-bounds-four-tasks');
    const users = g.tasks.map(({ cs }, i) => ({
      priority: i + 1,
      sections: Object.entries(cs!)
        .filter(([, length]) => length > 0)
        .map(([lock, length]) => ({ lock, length })),
    }));
    const names = g.tasks.map(t => t.name);
    same(
      g,
      'ceilings',
      Object.fromEntries([...ceilings(users)].map(([lock, priority]) => [lock, names[priority - 1]])),
      value(g, 'ceilings'),
    );
    const { pip_simple, pip_exact, pcp } = value<Record<string, PerTask>>(g, 'blocking');
    same(g, 'PIP, simple', byName(g.tasks, pipBlockingSimple(users)), pip_simple);
    same(g, 'PIP, exact', byName(g.tasks, pipBlocking(users)), pip_exact);
    same(g, 'PCP', byName(g.tasks, ceilingBlocking(users)), pcp);
  });

  /** Half units, as one file has them. */
  const halves = (op: Op): Op => ('run' in op ? { run: op.run * 2 } : op);
  const LONG = 1e6;

  test.each(['bw-four-processes', 'classic-inversion', 'liu-five-jobs-two-resources', 'pathfinder-cycle', 'srl90-crossed-locks'])(
    '%s: no job takes longer than its analysis with blocking says',
    id => {
      const g = golden(id);
      const shapes = g.tasks.map(t => criticalSections(t.ops!.map(halves)));
      const users = g.tasks.map((t, i) => ({ priority: t.prio!, sections: shapes[i]!.sections }));
      const nested = users.some(u => u.sections.some(s => s.outer !== undefined));
      if (nested) expect(() => pipBlocking(users)).toThrow(AnalysisError);
      const protocols: Record<string, (users: readonly LockUser[]) => number[]> = {
        ...(nested ? {} : { PIP: pipBlocking }),
        PCP: ceilingBlocking,
        ICPP: ceilingBlocking,
        NPP: nppBlocking,
      };
      for (const [protocol, bound] of Object.entries(protocols)) {
        if (!(protocol in g.expect)) continue;
        const blocking = bound(users);
        const tasks = g.tasks.map((t, i) => ({ priority: t.prio!, wcet: shapes[i]!.wcet, period: LONG, blocking: blocking[i]! }));
        const verdicts = fixedPriorityTest(tasks);
        const ends = value<{ completions: PerTask }>(g, protocol).completions;
        g.tasks.forEach((t, i) => within(g, `${protocol} ${t.name}`, (ends[t.name]! - t.release!) * 2, verdicts[i]!.response));
      }
    },
  );

  test('without inheritance the bounds do not hold: classic-inversion', () => {
    const g = golden('classic-inversion');
    const shapes = g.tasks.map(t => criticalSections(t.ops!));
    const [blocking] = pipBlocking(g.tasks.map((t, i) => ({ priority: t.prio!, sections: shapes[i]!.sections })));
    const bound = responseTime({ wcet: shapes[0]!.wcet, period: LONG, blocking: blocking! }, []);
    const h = value<{ completions: PerTask }>(g, 'none').completions['H']!;
    expect(exceeds(h - g.tasks[0]!.release!, bound)).toBe(true);
  });

  test('mbwi-basic-enlarged-budgets: Q = C + I', () => {
    const g = golden('mbwi-basic-enlarged-budgets');
    const budgets = bwiBudgets(g.tasks.map(t => criticalSections(t.ops!)));
    same(
      g,
      'budgets',
      byName(g.tasks, budgets),
      byName(
        g.tasks,
        g.tasks.map(t => t.server!.Q),
      ),
    );
  });

  test.each(['mbwi-basic-enlarged-budgets', 'mbwi-preempted-owner', 'mbwi-spin-then-host', 'bwi-single-cpu'])(
    '%s: jobs whose budget covers the bound end by their deadline',
    id => {
      const g = golden(id);
      const budgets = byName<number>(g.tasks, bwiBudgets(g.tasks.map(t => criticalSections(t.ops!))));
      const covered = (t: GoldenTask): boolean => t.server!.Q >= budgets[t.name]!;
      const jobs = value<{ task: string; finish: number; deadline: number }[]>(g, 'completions');
      for (const t of g.tasks.filter(covered))
        for (const { finish, deadline } of jobs.filter(j => j.task === t.name)) within(g, t.name, finish, deadline);
    },
  );

  test('mbwi-jl-*: chains are refused, private sections within are not', () => {
    const budgets = (id: string): number[] => bwiBudgets(golden(id).tasks.map(t => criticalSections(t.ops!)));
    expect(budgets('mbwi-jl-basic')).toEqual([9, 11, 8, 2]);
    expect(budgets('mbwi-jl-migration')).toEqual([8, 7, 2, 2]);
    expect(() => budgets('mbwi-jl-chain')).toThrow(expect.objectContaining({ code: 'A004' }));
  });
});

test('fair-server-rt-hog: the fair server supplies what a server of 50 in 1000 promises', () => {
  const g = golden('fair-server-rt-hog');
  const server = { budget: 50, period: 1000 };
  const runs = value<Run[]>(g, 'fair_runs');
  // every window that starts where a run ends and ends where one starts: the thinnest there are
  for (const { end: from } of [{ end: 0 }, ...runs])
    for (const { start: to } of runs.filter(r => r.start > from)) {
      const served = runs.filter(r => r.start >= from && r.end <= to).length * 50;
      within(g, `${from} to ${to}`, supplyBound(server, to - from), served);
    }
  within(g, 'share', supplyBound(server, 5000), value<number>(g, 'fair_share_first_5s_ms'));
});

test('stoica-eevdf-two-clients: lags and ends of requests', () => {
  const g = golden('stoica-eevdf-two-clients');
  const lags = value<Readonly<Record<string, number>>[]>(g, 'lag');
  for (const { name, request } of g.tasks) {
    const { below, above } = lagBounds(request!, 1);
    for (const lag of lags.map(row => row[name]).filter(l => l !== undefined)) {
      expect([name, lag, -below < lag && lag < above]).toEqual([name, lag, true]);
      within(g, name, lag, above);
    }
  }
  // V rises by a quarter per quantum with both clients there: it reaches vd at the t where V(t) = vd.
  const at = new Map(value<{ t: number; V: number }[]>(g, 'virtual_time').map(({ t, V }) => [V, t]));
  const runs = value<Run[]>(g, 'schedule');
  for (const { name, request } of g.tasks) {
    const requests = value<{ client: string; vd: number }[]>(g, 'requests').filter(r => r.client === name);
    const own = runs.filter(r => r.task === name);
    requests.forEach(({ vd }, k) => {
      const last = own[(k + 1) * request! - 1];
      const due = at.get(vd);
      if (last !== undefined && due !== undefined) within(g, `${name} ${k}`, last.end - due, requestLatenessBound(1));
    });
  }
});

test('every file of the list was compared', () => {
  expect(ids.filter(id => !touched.has(id))).toEqual([]);
});
