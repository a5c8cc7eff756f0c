import protobuf from 'protobufjs';
import { ColumnSink, exportPerfetto } from '../src/index.js';
import { MS, Script, inversion, twoCpus } from './script.js';

/** The part of Perfetto's protos that the writer uses. */
const PROTO = `
syntax = "proto2";
message Trace { repeated TracePacket packet = 1; }
message TracePacket {
  optional uint64 timestamp = 8; optional uint32 trusted_packet_sequence_id = 10; optional uint32 sequence_flags = 13;
  optional FtraceEventBundle ftrace_events = 1; optional ProcessTree process_tree = 2; optional TrackEvent track_event = 11;
  optional InternedData interned_data = 12; optional SystemInfo system_info = 45; optional TrackDescriptor track_descriptor = 60;
}
message FtraceEventBundle { optional uint32 cpu = 1; repeated FtraceEvent event = 2; }
message FtraceEvent {
  optional uint64 timestamp = 1; optional uint32 pid = 2;
  optional SchedSwitch sched_switch = 4; optional SchedWakeup sched_wakeup = 17; optional SchedWakeup sched_waking = 20;
  optional SchedWakeup sched_wakeup_new = 114; optional SchedMigrateTask sched_migrate_task = 491;
}
message SchedSwitch { optional string prev_comm = 1; optional int32 prev_pid = 2; optional int32 prev_prio = 3; optional int64 prev_state = 4;
  optional string next_comm = 5; optional int32 next_pid = 6; optional int32 next_prio = 7; }
message SchedWakeup { optional string comm = 1; optional int32 pid = 2; optional int32 prio = 3; optional int32 success = 4; optional int32 target_cpu = 5; }
message SchedMigrateTask { optional string comm = 1; optional int32 pid = 2; optional int32 prio = 3; optional int32 orig_cpu = 4; optional int32 dest_cpu = 5; }
message ProcessTree { repeated Process processes = 1; repeated Thread threads = 2; }
message Process { optional int32 pid = 1; optional int32 ppid = 2; repeated string cmdline = 3; }
message Thread { optional int32 tid = 1; optional string name = 2; optional int32 tgid = 3; }
message SystemInfo { optional Utsname utsname = 1; optional uint32 num_cpus = 8; }
message Utsname { optional string sysname = 1; optional string version = 2; optional string release = 3; optional string machine = 4; }
message TrackDescriptor { optional uint64 uuid = 1; optional string name = 2; optional uint64 parent_uuid = 5; optional int32 child_ordering = 11;
  optional CounterDescriptor counter = 8; optional int32 sibling_order_rank = 12; optional int32 sibling_merge_behavior = 15; }
message CounterDescriptor { optional int32 unit = 3; }
message TrackEvent { optional int32 type = 9; optional int64 counter_value = 30; optional uint64 track_uuid = 11; optional uint64 name_iid = 10;
  repeated DebugAnnotation debug_annotations = 4; repeated fixed64 flow_ids = 47 [packed=false]; repeated fixed64 terminating_flow_ids = 48 [packed=false]; }
message DebugAnnotation { optional string name = 10; optional string string_value = 6; }
message InternedData { repeated EventName event_names = 2; }
message EventName { optional uint64 iid = 1; optional string name = 2; }
`;

interface Wakeup {
  comm: string;
  pid: number;
  prio: number;
  targetCpu: number;
}
interface Ftrace {
  timestamp: number;
  pid: number;
  schedSwitch?: { prevComm: string; prevPid: number; prevPrio: number; prevState: number; nextComm: string; nextPid: number };
  schedWakeup?: Wakeup;
  schedWaking?: Wakeup;
  schedWakeupNew?: Wakeup;
  schedMigrateTask?: { pid: number; origCpu: number; destCpu: number };
}
interface Packet {
  timestamp?: number;
  trustedPacketSequenceId?: number;
  sequenceFlags?: number;
  ftraceEvents?: { cpu: number; event: Ftrace[] };
  processTree?: { processes: { pid: number; cmdline: string[] }[]; threads: { tid: number; name: string; tgid: number }[] };
  trackEvent?: {
    type: number;
    trackUuid: number;
    nameIid?: number;
    counterValue?: number;
    debugAnnotations?: { name: string; stringValue: string }[];
    flowIds?: number[];
    terminatingFlowIds?: number[];
  };
  internedData?: { eventNames: { iid: number; name: string }[] };
  systemInfo?: { utsname: { release: string }; numCpus: number };
  trackDescriptor?: { uuid: number; name: string; parentUuid?: number; siblingMergeBehavior: number };
}

function decode(run: (sinks: ColumnSink[]) => void, passes = false): Packet[] {
  const columns = new ColumnSink(undefined, passes);
  run([columns]);
  const type = protobuf.parse(PROTO).root.lookupType('Trace');
  const message = type.decode(exportPerfetto(columns, { workload: 'inversion' }));
  return (type.toObject(message, { longs: Number }) as { packet: Packet[] }).packet;
}

/** Slices by track name: `begin-end name`, times in ms. */
function slices(packets: readonly Packet[]): Map<string, string[]> {
  const tracks = new Map(
    packets.flatMap(p => (p.trackDescriptor === undefined ? [] : [[p.trackDescriptor.uuid, p.trackDescriptor.name] as const])),
  );
  const names = new Map<number, string>();
  const open = new Map<number, { at: number; name: string }[]>();
  const out = new Map<string, string[]>();
  for (const p of packets) {
    for (const { iid, name } of p.internedData?.eventNames ?? []) names.set(iid, name);
    const e = p.trackEvent;
    if (e === undefined) continue;
    const track = tracks.get(e.trackUuid)!;
    const list = out.get(track) ?? [];
    out.set(track, list);
    const at = (p.timestamp ?? 0) / MS;
    const stack = open.get(e.trackUuid) ?? [];
    open.set(e.trackUuid, stack);
    const name = names.get(e.nameIid ?? 0) ?? '';
    if (e.type === 1) stack.push({ at, name });
    else if (e.type === 3) list.push(`${at} ${name}`);
    else if (e.type === 4) list.push(`${at} = ${e.counterValue}`);
    else {
      const begun = stack.pop()!;
      list.push(`${begun.at}-${at} ${begun.name}`);
    }
  }
  for (const stack of open.values()) expect(stack).toEqual([]);
  return out;
}

test('the sched events tell who executed', () => {
  const bundles = decode(sinks => inversion(true, sinks)).flatMap(p => p.ftraceEvents ?? []);
  expect(bundles.map(b => b.cpu)).toEqual([0]);
  const switches = bundles[0]!.event.filter(e => e.schedSwitch !== undefined);
  expect(
    switches.map(e => `${e.timestamp / MS} ${e.schedSwitch!.prevComm}:${e.schedSwitch!.prevState}>${e.schedSwitch!.nextComm}`),
  ).toEqual([
    '0 swapper/0:0>low',
    '2 low:256>high',
    '3 high:2>low',
    '6 low:256>high',
    '9 high:16>mid',
    '15 mid:16>low',
    '16 low:16>swapper/0',
    '16 swapper/0:0>swapper/0',
  ]);
  const wakings = bundles[0]!.event.filter(e => e.schedWaking !== undefined);
  expect(wakings.map(e => [e.schedWaking!.comm, e.pid])).toEqual([
    ['low', 0],
    ['high', 1],
    ['mid', 1],
    ['high', 1],
  ]);
  expect(bundles[0]!.event.filter(e => e.schedWakeupNew !== undefined)).toHaveLength(3);
  expect(bundles[0]!.event.filter(e => e.schedWakeup !== undefined)).toHaveLength(1);
});

test('own tracks tell in whose name, who held and who waited', () => {
  const tracks = slices(decode(sinks => inversion(true, sinks)));
  expect(tracks.get('cpu0 donor')).toEqual(['0-2 low', '3 run', '2-3 high', '3-6 high', '6-9 high', '9-15 mid', '15-16 low']);
  expect(tracks.get('cpu0 chain depth')).toEqual(['3 = 1', '6 = 0']);
  expect(tracks.get('cpu0 current')).toEqual(['0-2 low', '2-3 high', '3-6 low', '6-9 high', '9-15 mid', '15-16 low']);
  expect(tracks.get('lock M')).toEqual(['3 high waits', '1-6 low', '6 to high', '6-8 high']);
  expect(tracks.get('high blocked on')).toEqual(['3-6 M']);
});

test('what walks found, parking and the ends of passes stand on the tracks of CPU and task', () => {
  const tracks = slices(
    decode(sinks => {
      const s = new Script(1, sinks);
      const [own, w] = [s.task('own', { kind: 'fifo', prio: 1 }), s.task('w', { kind: 'fifo', prio: 3 })];
      const a = s.mutex('a');
      s.begin().at(0).release(own).run(0, own).lock(own, a).sleep(own).release(w).run(0, w);
      s.at(1).block(w, a, true).outcome(0, w, { kind: 'park', task: w, owner: own }).park(w, own).repick(0, 1).run(0, null).pass(0);
      s.at(3).wake(own).unpark(w, own);
      s.at(4).outcome(0, w, { kind: 'run', task: own, depth: 1 }).run(0, own, w).at(5).end();
    }, true),
  );
  expect(tracks.get('w blocked on')).toEqual(['1-3 parked', '1-5 a']);
  expect(tracks.get('cpu0 donor')).toEqual([
    '0-0 own',
    '1 park',
    '1 pick again',
    '0-1 w',
    '1 pass begins',
    '1 pass ends',
    '4 run',
    '4-5 w',
  ]);
  expect(tracks.get('cpu0 chain depth')).toEqual(['4 = 1', '5 = 0']);
});

test('a flow leads from the wait to the slice of the owner', () => {
  const events = decode(sinks => inversion(true, sinks)).flatMap(p => (p.trackEvent === undefined ? [] : [p.trackEvent]));
  expect(events.flatMap(e => e.flowIds ?? [])).toEqual([1]);
  expect(events.flatMap(e => e.terminatingFlowIds ?? [])).toEqual([1]);
});

test('first and last switch on every CPU, migrations, negative priorities', () => {
  const bundles = decode(twoCpus).flatMap(p => p.ftraceEvents ?? []);
  expect(bundles.map(b => b.cpu)).toEqual([0, 1]);
  for (const { event } of bundles) {
    const times = event.map(e => e.timestamp);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const switches = event.filter(e => e.schedSwitch !== undefined);
    expect(switches[0]!.timestamp).toBe(0);
    expect([switches.at(-1)!.timestamp, switches.at(-1)!.schedSwitch!.nextPid]).toEqual([14 * MS, 0]);
  }
  const moves = bundles.flatMap(b => b.event).flatMap(e => e.schedMigrateTask ?? []);
  expect(moves).toHaveLength(3);
  expect(moves[0]).toMatchObject({ pid: 2, origCpu: 0, destCpu: 1 });
  const dl = bundles[1]!.event.flatMap(e => e.schedWakeupNew ?? []).find(e => e.comm === 'dl');
  expect(dl!.prio).toBe(-1);
});

test('what readers need around it', () => {
  const packets = decode(sinks => inversion(true, sinks));
  expect(packets[0]!.systemInfo).toMatchObject({ utsname: { release: '6.12.0' }, numCpus: 1 });
  const tree = packets.find(p => p.processTree !== undefined)!.processTree!;
  expect(tree.threads.map(t => t.name)).toEqual(['low', 'mid', 'high']);
  expect(new Set(tree.threads.map(t => t.tgid))).toEqual(new Set([tree.processes[0]!.pid]));
  const tracked = packets.filter(p => p.trackEvent !== undefined);
  expect(tracked.map(p => p.sequenceFlags)).toEqual(tracked.map((_, i) => (i === 0 ? 3 : 2)));
  expect(tracked.every(p => p.trustedPacketSequenceId === 1)).toBe(true);
  const tracks = packets.flatMap(p => p.trackDescriptor ?? []);
  expect(tracks[0]).toMatchObject({ name: 'Proxy execution' });
  expect(tracks.slice(1).every(t => t.parentUuid === 1 && t.siblingMergeBehavior === 2)).toBe(true);
});
