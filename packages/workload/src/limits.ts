/** Texts beyond these are refused before any work is put into them. */
export const MAX_TEXT = 16 * 1024 * 1024;
/** YAML costs a hundred times what JSON costs: half a second for this much. */
export const MAX_YAML = 512 * 1024;
export const MAX_DEPTH = 64;
/** Nodes that YAML aliases may add to a document. */
export const MAX_ALIASED = 10_000;
/** All tasks of a scenario. */
export const MAX_TASKS = 16_384;
/** All operations of all tasks. */
export const MAX_OPS = 1_000_000;
/** CPUs of a machine (`MachineSpec.cpus`). */
export const MAX_CPUS = 1024;
/** 2^53 − 1 ns, 104 days. */
export const MAX_NANOS = Number.MAX_SAFE_INTEGER;
/** `TASK_COMM_LEN` without the zero. */
export const MAX_COMM = 15;
