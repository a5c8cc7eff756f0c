export const TASK_SET_FORMAT = 'peer-taskset/1';
