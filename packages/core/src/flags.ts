/** Why a context enters or leaves a queue; the kernel's `ENQUEUE_*`, `DEQUEUE_*` and `WF_*`, one number space each. */

export const ENQUEUE_WAKEUP = 1;
/** First enqueue of a new task. */
export const ENQUEUE_INITIAL = 2;
/** Wake-up of a task whose dequeue was delayed: it is still queued. */
export const ENQUEUE_DELAYED = 4;
/** Arrives from another CPU. */
export const ENQUEUE_MIGRATED = 8;
/** Comes back after its policy, group or affinity was changed. */
export const ENQUEUE_RESTORE = 16;
/** In front of its equals. */
export const ENQUEUE_HEAD = 32;

export const DEQUEUE_SLEEP = 1;
/** Stopped, dying: never delayed. */
export const DEQUEUE_SPECIAL = 2;
/** Finishes a delayed dequeue. */
export const DEQUEUE_DELAYED = 4;
/** Leaves for another CPU. */
export const DEQUEUE_MIGRATE = 8;
/** Taken out for a change of policy, group or affinity, to be put back at once. */
export const DEQUEUE_SAVE = 16;
/** With `DEQUEUE_SAVE`: not necessarily to the place it had. `renice` alone does without. */
export const DEQUEUE_MOVE = 32;

export const WAKE_TTWU = 1;
export const WAKE_FORK = 2;
/** The waker is about to sleep (`WF_SYNC`). No operation of a program says so, as no futex does. */
export const WAKE_SYNC = 4;
