// Writes docs/scenario.schema.json from the schema that reads scenarios. Build first: tsc -b packages/workload
import { writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { scenarioJsonSchema } from '@proxysched/workload';

const target = new URL('../docs/scenario.schema.json', import.meta.url);
writeFileSync(target, await format(JSON.stringify(scenarioJsonSchema()), { parser: 'json', printWidth: 140 }));
console.log('wrote docs/scenario.schema.json');
