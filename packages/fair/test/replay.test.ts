import { golden, replay, type Sequence } from './replay.js';

const FAMILIES = [
  'equal', 'nice', 'slice', 'sleep', 'delayed', 'joinleave', 'yield', 'renice', 'policy', 'reslice', 'migrate', 'feat', 'stress', 'sparse',
  'extreme', 'pelt', 'group',
]; // prettier-ignore

const SEQUENCES = [
  ...FAMILIES.map(f => `seq-7.3-${f}`),
  ...FAMILIES.map(f => `seq-7.2-${f}`),
  ...FAMILIES.map(f => `seq-6.12-${f}`),
  'seq-6.12-bandwidth',
];

let total = 0;

test.each(SEQUENCES)('%s: every operation leaves the recorded state', name => {
  const { workloads } = golden<Sequence>(name);
  for (const w of workloads) total += replay(w);
});

afterAll(() => {
  process.stdout.write(`golden/fair sequences: ${total} recorded values compared\n`);
});
