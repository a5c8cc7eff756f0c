import type { Nanos } from '@proxysched/core';
import { EVENT_NAMES, type EventName } from './events.js';
import type { EventCursor } from './row-sink.js';

/** One object for all events that are read through it. */
export class Cursor implements EventCursor {
  index = 0;
  kind = 0;
  time: Nanos = 0;
  cpu = 0;
  a = 0;
  b = 0;
  c = 0;
  d = 0;
  e = 0;
  x = 0;
  y = 0;

  get name(): EventName {
    return EVENT_NAMES[this.kind]!;
  }
}
