import { readAutomaton } from '../automata/automaton-file.js';
import { judgeAutomaton } from '../automata/judge-automaton.js';
import { judgeLtl } from '../automata/judge-ltl.js';
import { readLtl } from '../automata/ltl.js';
import { hasSchema, type Conformance } from '../conformance.js';

/** Runtime-verification automata and formulas: their own sequences, accepted and rejected. */
export const rv: Conformance = {
  name: 'rv',
  recognises: json => hasSchema(json, 'rv-automaton/1') || hasSchema(json, 'rv-ltl/1'),
  run: ({ path, json }) => (hasSchema(json, 'rv-ltl/1') ? judgeLtl(readLtl(path, json)) : judgeAutomaton(readAutomaton(path, json))),
};
