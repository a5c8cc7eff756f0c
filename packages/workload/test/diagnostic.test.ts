import { renderDiagnostic, type Diagnostic } from '../src/index.js';

const base: Diagnostic = {
  severity: 'warning',
  code: 'W014',
  message: 'repeated key "run"',
  file: 'a.json',
  line: 3,
  column: 2,
  length: 5,
};

test('shows the lines it speaks of, in their order', () => {
  const d = {
    ...base,
    label: 'this one counts',
    help: ['help: rename it'],
    related: [{ line: 1, column: 2, length: 5, message: 'first here' }],
  };
  expect(renderDiagnostic(d, '\t"run": 1\r\n\n\t"run": 2\n', { color: false })).toBe(
    [
      'warning[W014]: repeated key "run"',
      ' --> a.json:3:2',
      '   |',
      ' 1 |     "run": 1',
      '   |     ----- first here',
      ' 3 |     "run": 2',
      '   |     ^^^^^ this one counts',
      '   = help: rename it',
    ].join('\n'),
  );
});

test('says it without a place when there is none', () => {
  expect(renderDiagnostic({ ...base, line: 0, column: 0 }, 'x', { color: false })).toBe('warning[W014]: repeated key "run"');
});

test('clips a line of a megabyte around its mark', () => {
  const text = `${'x'.repeat(500_000)}HERE${'y'.repeat(500_000)}`;
  const lines = renderDiagnostic({ ...base, line: 1, column: 500_001, length: 4 }, text, { color: false }).split('\n');
  expect(lines[3]!.length).toBeLessThan(140);
  expect(lines[3]!.slice(lines[4]!.indexOf('^'), lines[4]!.lastIndexOf('^') + 1)).toBe('HERE');
});

test('never passes control characters on', () => {
  const shown = renderDiagnostic({ ...base, message: 'a\u001b[31mb', line: 1, column: 1 }, '\u001b]0;title\u0007', { color: false });
  // eslint-disable-next-line no-control-regex
  expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test('colours for a terminal', () => {
  expect(renderDiagnostic(base, 'x\ny\n "run"', { color: true })).toContain('\u001b[1;33mwarning[W014]\u001b[0m');
});
