import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { scenarioJsonSchema } from '../src/index.js';
import { fieldsAt } from '../src/scenario-schema.js';

test('docs/scenario.schema.json is up to date (node scripts/make-schema.mjs)', () => {
  const file = resolve(import.meta.dirname, '../../../docs/scenario.schema.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(scenarioJsonSchema())));
});

test('knows the fields at a path', () => {
  expect(fieldsAt(['machine', 'costs'])).toEqual([
    'contextSwitch',
    'preemption',
    'schedule',
    'mark',
    'lockOp',
    'sysCall',
    'sysReturn',
    'lockReturn',
    'overrun',
    'wakeUp',
    'timer',
    'tick',
    'migration',
  ]);
  expect(fieldsAt(['tasks', 0, 'program', 3, 'repeat', 'do', 1])).toContain('lock');
  expect(fieldsAt(['nowhere', 0])).toEqual([]);
});
