import type { OptionValue } from '@proxysched/core';
import { publishedProtocol } from '@proxysched/inherit';
import type { SimModule } from '@proxysched/kit';
import { CLASSIC_CLASSES } from '@proxysched/preset-classic';
import { generationOptions, linux } from '@proxysched/preset-linux';
import { NotModelled } from './compile.js';
import { listClass } from './list-class.js';
import type { Protocol } from './rules.js';
import type { TasksetFile } from './taskset-file.js';

/** What a task set runs on: the preset, and what does something about its locks. */
export interface Arrangement {
  readonly modules: readonly SimModule[];
  readonly options: Readonly<Record<string, OptionValue>>;
}

/**
 * With proxy execution on one CPU the runner is the end of the best context's chain, which is the task with the best
 * inherited priority (`oracles.md` 4). Theory has an owner run in a waiter's name up to the release and no further.
 */
const PROXY: Arrangement = { modules: linux('7.3'), options: { ...generationOptions('7.3'), 'proxy.lendUntil': 'release' } };

/** Throws `NotModelled` for a protocol that there is no resolver for. */
export function arrangementFor(protocol: Protocol, { wake_rule }: TasksetFile): Arrangement {
  if (protocol === 'proxy') return PROXY;
  // "No hand-over": a released lock is left to whoever asks first.
  const found = publishedProtocol(protocol, wake_rule === undefined || /no hand-?over/.test(wake_rule));
  if (found === undefined) throw new NotModelled(`there is no ${protocol} here`);
  return { modules: [...linux('off'), CLASSIC_CLASSES.gedf, listClass, found.module], options: found.options };
}
