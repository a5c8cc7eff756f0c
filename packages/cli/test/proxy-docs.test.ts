import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATIONS, proxyOptions } from '@proxysched/proxy';
import { makeWorld } from './fake-io.js';

/**
 * `docs/proxy-execution.md` is what the tool does today: its pictures are drawn anew by the commands above them (`npm run pictures`
 * writes them), what it quotes is printed, and its table of generations is that of the options.
 */

const ROOT = join(import.meta.dirname, '..', '..', '..');
const TEXT = readFileSync(join(ROOT, 'docs/proxy-execution.md'), 'utf8');
const COMMANDS = [...TEXT.matchAll(/^npx proxysched (.*?) (?:--svg|>) docs\/pictures\/([\w-]+\.svg)$/gm)].map(
  ([, command, picture]) => [picture!, command!.split(' ')] as const,
);

const world = makeWorld();
const fromRoot = (argv: readonly string[]): string[] => argv.map(arg => (/^(scenarios|docs)\//.test(arg) ? join(ROOT, arg) : arg));

test.each(COMMANDS)('%s is what the tool draws', async (picture, argv) => {
  const kept = readFileSync(join(ROOT, 'docs/pictures', picture), 'utf8');
  if (argv[0] === 'compare') {
    const { code } = await world.run(...fromRoot(argv), '--svg', picture, '--quiet');
    expect(code).toBe(0);
    expect(readFileSync(join(world.cwd, picture), 'utf8')).toBe(kept);
  } else {
    expect(await world.run(...fromRoot(argv))).toMatchObject({ code: 0, out: kept });
  }
});

test('every picture is shown, has a text in its place, and is small', () => {
  const kept = readdirSync(join(ROOT, 'docs/pictures')).filter(name => name.endsWith('.svg'));
  expect(kept.sort()).toEqual(COMMANDS.map(([picture]) => picture).sort());
  for (const name of kept) {
    expect(TEXT).toMatch(new RegExp(`!\\[[^\\]]{40,}\\]\\(pictures/${name}\\)`));
    expect(statSync(join(ROOT, 'docs/pictures', name)).size).toBeLessThan(40_000);
  }
});

/** `$ npx proxysched …` and some of the lines that it prints, in their order. */
const QUOTES = [...TEXT.matchAll(/^\$ npx proxysched (.*)\n((?:.+\n)+?)```/gm)].map(([, command, lines]) => [command!, lines!] as const);

test.each(QUOTES)('%s prints what is quoted', async (command, lines) => {
  const { code, out } = await world.run(...fromRoot(command.split(' ')));
  expect(code).toBe(0);
  // Prose may leave lines out of the middle.
  let at = 0;
  for (const line of lines.trimEnd().split('\n')) {
    const found = out.indexOf(`${line}\n`, at);
    expect({ line, found: found >= 0 }).toEqual({ line, found: true });
    at = found;
  }
});

test('the table of generations is that of the options', () => {
  const names = ['v4', '6.17', '7.1', '7.3', 'tip', 'full'] as const;
  const word = (value: unknown): string => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value));
  const rows = Object.entries(proxyOptions).flatMap(([option, { default: usual }]) => {
    const of = (name: (typeof names)[number]): unknown => (GENERATIONS[name].options as Record<string, unknown>)[option] ?? usual;
    if (names.every(name => of(name) === usual)) return [];
    const cells = names.map(name => (name !== '7.3' && of(name) === usual ? '·' : word(of(name))));
    return [`| \`${option}\` | ${cells.join(' | ')} |`];
  });
  const tags = names.map(name => GENERATIONS[name].tag);
  const table = [`| | ${names.join(' | ')} |`, `|---|${'---|'.repeat(names.length)}`, `| tag | ${tags.join(' | ')} |`, ...rows].join('\n');
  expect(TEXT).toContain(`\n${table}\n`);
  expect(GENERATIONS['v4-debug'].options).toEqual(GENERATIONS.v4.options);
});
