import { z } from 'zod';
import { scenarioSchema } from './scenario-schema.js';

/** The format for editors: JSON Schema, draft 2020-12. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(scenarioSchema, { io: 'input' }) };
}
