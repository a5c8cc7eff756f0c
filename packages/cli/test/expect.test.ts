import { INVERSION, makeWorld } from './fake-io.js';

const world = makeWorld();
const file = world.file(
  'expect.yaml',
  `${INVERSION}
expect:
  - outcome == finished
  - {that: high.response.max < 10ms, except: [off]}
  - {that: high.misses == 1, under: [off]}
`,
);

test.each(['off', '7.3'])('%s: what is expected of it holds, and is told with what was found', async proxy => {
  const { code, out } = await world.run('run', file, '--proxy', proxy);
  expect(code).toBe(0);
  expect(out).toContain(' expected ok      outcome == finished   (finished)\n');
  expect(out.includes('high.misses')).toBe(proxy === 'off');
});

describe('what does not hold', () => {
  const wrong = world.file('wrong.yaml', `${INVERSION}\nexpect:\n  - high.response.max < 1ms\n  - misses == 0\n`);

  test('ends with 4, and comes before what does', async () => {
    const { code, out } = await world.run('run', wrong);
    expect(code).toBe(4);
    expect(out).toMatch(/ expected FAILED {2}high.response.max < 1ms {3}\(found \d+\.\d ms\)\n expected ok {6}misses == 0/);
  });

  test('--quiet says it on standard error', async () => {
    const { code, out, err } = await world.run('run', wrong, '--quiet');
    expect({ code, out }).toEqual({ code: 4, out: '' });
    expect(err).toMatch(/^error: wrong.yaml: expected high.response.max < 1ms, found .* ms\n$/);
  });

  test('--json carries all of it', async () => {
    const { code, out } = await world.run('run', wrong, '--json');
    expect(code).toBe(4);
    expect(JSON.parse(out)).toMatchObject({
      expected: [
        { text: 'high.response.max < 1ms', holds: false },
        { text: 'misses == 0', holds: true },
      ],
    });
  });
});

test('a generation that there is none of is an error in the file', async () => {
  const misspelt = world.file('misspelt.yaml', `${INVERSION}\nexpect:\n  - {that: misses == 0, under: [7.4]}\n`);
  const { code, err } = await world.run('check', misspelt);
  expect(code).toBe(3);
  expect(err).toMatch(/no generation of proxy execution "7.4"/);
});
