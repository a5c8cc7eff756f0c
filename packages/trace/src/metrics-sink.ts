import type { Kernel, Nanos } from '@proxysched/core';
import { Cursor } from './cursor.js';
import { MetricsFold } from './metrics-fold.js';
import type { Metrics } from './metrics.js';
import { RowSink } from './row-sink.js';

/**
 * `computeMetrics` while the run goes on, without a recording: the memory it takes depends on tasks, locks and CPUs, not on how
 * long the run is.
 */
export class MetricsSink extends RowSink {
  private readonly row = new Cursor();
  private fold = new MetricsFold(this);
  private done: Metrics | null = null;

  constructor() {
    super(false);
  }

  override begin(kernel: Kernel): void {
    super.begin(kernel);
    this.fold = new MetricsFold(this);
  }

  /** After the end of the run. */
  metrics(): Metrics {
    return (this.done ??= this.fold.finish());
  }

  protected override opOf(): number {
    return 0;
  }

  protected push(kind: number, now: Nanos, cpu: number, a: number, b: number, c: number, d: number, e = 0, x = 0, y = 0): void {
    const { row } = this;
    row.index = this.length++;
    row.kind = kind;
    row.time = now;
    row.cpu = cpu;
    row.a = a;
    row.b = b;
    row.c = c;
    row.d = d;
    row.e = e;
    row.x = x;
    row.y = y;
    this.endTime = now;
    this.fold.add(row);
  }
}
