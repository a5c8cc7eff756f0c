import { conformFile, ConformError, KINDS, Tally, type Conformance } from '../src/index.js';

const kind = (run: Conformance['run']): readonly Conformance[] => [
  { name: 'sum', recognises: json => typeof json === 'object' && json !== null && 'sum' in json, run },
];

describe('conformFile', () => {
  const sums = kind(({ json }) => {
    const { terms, sum, note } = json as { terms: number[]; sum: number; note?: string };
    const tally = new Tally();
    for (const term of terms) tally.equal('terms', `terms at ${term}`, true, term > 0);
    tally.equal(
      'sum',
      'sum',
      sum,
      terms.reduce((a, b) => a + b, 0),
    );
    if (note !== undefined) tally.notJudged('note');
    return tally.verdict();
  });

  test('counts by what was compared, and keeps the first difference only', () => {
    expect(conformFile('a', '{"terms": [1, -2, -3], "sum": 9, "note": "x"}', sums)).toEqual({
      path: 'a',
      kind: 'sum',
      ok: false,
      compared: 4,
      failed: 3,
      metrics: { terms: 3, sum: 1 },
      first: 'terms at -2: expected true, found false',
      notJudged: ['note'],
    });
    expect(conformFile('b', '{"terms": [1], "sum": 1}', sums)).toMatchObject({ ok: true, compared: 2, failed: 0, notJudged: [] });
  });

  test('a file in which nothing could be compared is not ok', () => {
    const nothing = kind(() => new Tally().verdict());
    expect(conformFile('a', '{"sum": 0}', nothing)).toMatchObject({ ok: false, compared: 0, failed: 0 });
  });

  test('a model that breaks has failed; a file that is not what it says is invalid', () => {
    const breaks = kind(() => {
      throw new RangeError('too far');
    });
    expect(conformFile('a', '{"sum": 0}', breaks)).toMatchObject({ ok: false, failed: 1, first: 'the model broke: RangeError: too far' });
    const refuses = kind(() => {
      throw new ConformError('C001', 'no terms');
    });
    expect(conformFile('a', '{"sum": 0}', refuses)).toMatchObject({ kind: 'sum', ok: false, failed: 0, invalid: 'no terms' });
  });

  test('what no kind recognises, or is no JSON, says so', () => {
    expect(conformFile('a', '[]', sums)).toMatchObject({ kind: null, ok: false, invalid: 'not recognised' });
    expect(conformFile('a', 'null')).toMatchObject({ invalid: 'not recognised' });
    expect(conformFile('a', '{', sums).invalid).toMatch(/^no JSON/);
  });

  test('kinds have names of their own', () => {
    expect(new Set(KINDS.map(k => k.name)).size).toBe(KINDS.length);
  });
});

describe('Tally', () => {
  test.each([
    [1, 1, true],
    ['a', 'a', true],
    [0, -0, true],
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
    [1, '1', false],
    [[1], [1, 2], false],
    [{ a: 1 }, { b: 1 }, false],
    [[], {}, false],
    [null, undefined, false],
    [{ a: undefined }, {}, false],
  ])('%j and %j: %s', (expected, found, equal) => {
    expect(new Tally().equal('x', 'x', expected, found)).toBe(equal);
  });
});
