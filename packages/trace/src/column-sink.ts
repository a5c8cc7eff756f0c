import type { Nanos } from '@proxysched/core';
import { Cursor } from './cursor.js';
import { EVENT, EVENT_NAMES } from './events.js';
import { grown } from './grown.js';
import { RowSink, type EventCursor, type RunNames } from './row-sink.js';

/** A recorded run: what pictures and exports are computed from. */
export interface Columns extends RunNames {
  forEach(visit: (e: EventCursor) => void): void;
  at(index: number): EventCursor;
}

/** Records a run in typed arrays, 28 bytes an event, nothing allocated but when they grow. */
export class ColumnSink extends RowSink implements Columns {
  private wides = 0;
  private kind: Uint8Array;
  private cpu: Int16Array;
  private time: Float64Array;
  private a: Int32Array;
  private b: Int32Array;
  private c: Int32Array;
  private d: Int32Array;
  private e: Uint8Array;
  private wide: Float64Array;

  /**
   * @param capacity Events expected; it grows by doubling.
   * @param passes Whether the ends of passes are recorded as well.
   */
  constructor(capacity = 1024, passes = false) {
    super(passes);
    this.kind = new Uint8Array(capacity);
    this.cpu = new Int16Array(capacity);
    this.time = new Float64Array(capacity);
    this.a = new Int32Array(capacity);
    this.b = new Int32Array(capacity);
    this.c = new Int32Array(capacity);
    this.d = new Int32Array(capacity);
    this.e = new Uint8Array(capacity);
    this.wide = new Float64Array(64);
  }

  /** Every event in causal order, through one cursor. */
  forEach(visit: (e: EventCursor) => void): void {
    const cursor = new Cursor();
    for (let i = 0; i < this.length; i++) visit(this.read(cursor, i));
  }

  /** One event, in a cursor of its own. */
  at(index: number): EventCursor {
    return this.read(new Cursor(), index);
  }

  private read(cursor: Cursor, i: number): EventCursor {
    cursor.index = i;
    cursor.kind = this.kind[i]!;
    cursor.time = this.time[i]!;
    cursor.cpu = this.cpu[i]!;
    cursor.a = this.a[i]!;
    cursor.b = this.b[i]!;
    cursor.c = this.c[i]!;
    cursor.d = this.d[i]!;
    cursor.e = this.e[i]!;
    cursor.x = cursor.y = 0;
    if (HAS_WIDE[cursor.kind] === 1) {
      cursor.x = this.wide[cursor.b]!;
      cursor.y = this.wide[cursor.b + 1]!;
      cursor.b = 0;
    }
    return cursor;
  }

  /** An event with wide numbers has their place in `b`. */
  protected push(kind: number, now: Nanos, cpu: number, a: number, b: number, c: number, d: number, e = 0, x = 0, y = 0): void {
    const i = this.length;
    if (i === this.kind.length) this.grow();
    this.kind[i] = kind;
    this.time[i] = now;
    this.cpu[i] = cpu;
    this.a[i] = a;
    this.b[i] = HAS_WIDE[kind] === 1 ? this.pushWide(x, y) : b;
    this.c[i] = c;
    this.d[i] = d;
    this.e[i] = e;
    this.length = i + 1;
    this.endTime = now;
  }

  private pushWide(x: number, y: number): number {
    const i = this.wides;
    if (i === this.wide.length) this.wide = grown(this.wide, new Float64Array(2 * i));
    this.wide[i] = x;
    this.wide[i + 1] = y;
    this.wides = i + 2;
    return i;
  }

  private grow(): void {
    const n = Math.max(16, 2 * this.length);
    this.kind = grown(this.kind, new Uint8Array(n));
    this.cpu = grown(this.cpu, new Int16Array(n));
    this.time = grown(this.time, new Float64Array(n));
    this.a = grown(this.a, new Int32Array(n));
    this.b = grown(this.b, new Int32Array(n));
    this.c = grown(this.c, new Int32Array(n));
    this.d = grown(this.d, new Int32Array(n));
    this.e = grown(this.e, new Uint8Array(n));
  }
}

const HAS_WIDE = new Uint8Array(EVENT_NAMES.length);
for (const kind of [EVENT.jobRelease, EVENT.jobDone, EVENT.classMark, EVENT.end]) HAS_WIDE[kind] = 1;
