import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { codes, read } from './helpers.js';

const doc = readFileSync(resolve(import.meta.dirname, '../../../docs/scenario-format.md'), 'utf8');
const examples = [...doc.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(m => m[1]!);

test.each(examples)('an example of docs/scenario-format.md is right: %j', text => {
  const result = read(text);
  expect([result.ok, codes(result)]).toEqual([true, []]);
});
