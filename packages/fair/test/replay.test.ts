import { golden, replay, type Sequence } from './replay.js';

const FAMILIES = [
  'equal', 'nice', 'slice', 'sleep', 'delayed', 'joinleave', 'yield', 'renice', 'policy', 'reslice', 'migrate', 'feat', 'stress', 'sparse',
  'extreme',
]; // prettier-ignore

/** With one CPU the kernel's default of group shares equals "up". */
const SEQUENCES = [
  ...FAMILIES.map(f => `seq-7.3-${f}`),
  'seq-7.3-group',
  ...FAMILIES.map(f => `seq-7.2-${f}`),
  ...FAMILIES.map(f => `seq-6.12-${f}`),
];

let total = 0;

test.each(SEQUENCES)('%s: every operation leaves the recorded state', name => {
  const { workloads } = golden<Sequence>(name);
  for (const w of workloads) total += replay(w);
});

afterAll(() => {
  process.stdout.write(`golden/fair sequences: ${total} recorded values compared\n`);
});
