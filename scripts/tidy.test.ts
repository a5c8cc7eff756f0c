/**
 * What the compiler and the linter do not say about this repository: who may import whom, and what the model may not touch.
 * The tables come first. To break a rule knowingly, add a line to DEBT, with an owner.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

/** Who may import what. `types:` in front: type-only imports. In-repository packages go without the scope. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  // level 0
  core: [],
  analysis: [],
  // level 1
  kit: ['types:core', 'tsyringe', 'reflect-metadata'],
  // level 2: plug-ins never import plug-ins
  fair: ['core', 'kit'],
  rt: ['core', 'kit'],
  deadline: ['core', 'kit'],
  classic: ['core', 'kit'],
  proxy: ['core', 'kit'],
  deadlock: ['core', 'kit'],
  'balancer-load': ['core', 'kit'],
  'balancer-pushpull': ['core', 'kit'],
  inherit: ['core', 'kit'],
  check: ['core', 'kit'],
  trace: ['core', 'kit', 'eventemitter3'],
  workload: ['core', 'yaml', 'zod'],
  // level 3
  sim: ['core', 'kit', 'workload', 'trace'],
  // level 4
  'preset-linux': ['core', 'kit', 'sim', 'fair', 'rt', 'deadline', 'proxy', 'inherit', 'deadlock', 'balancer-load', 'balancer-pushpull', 'check'],
  'preset-classic': ['core', 'kit', 'classic', 'inherit', 'proxy', 'deadlock'],
  // level 5
  conform: [
    'core', 'analysis', 'kit', 'fair', 'rt', 'deadline', 'proxy', 'inherit', 'deadlock', 'balancer-load', 'check', 'sim', 'workload', 'trace', 'preset-linux',
    'preset-classic', 'zod', 'node:*',
  ],
  study: ['core', 'kit', 'deadlock', 'proxy', 'sim', 'trace', 'preset-linux'],
  // level 6: anything below; its package.json is the list
  cli: ['*', 'node:*'],
};

/** Packages that have no clock, no files and no chance but those of the simulation. */
const MODEL = new Set(Object.keys(LAYERS).filter(name => name !== 'cli' && name !== 'conform'));

/** Outside packages with one importer, and why. */
const SOLE_IMPORTER: Readonly<Record<string, readonly [owner: string, why: string]>> = {
  tsyringe: ['kit', 'one copy of the container, behind one module'],
  'reflect-metadata': ['kit', 'the polyfill has to come first'],
  eventemitter3: ['trace', 'events are made at the edge, never in the loop'],
};

/** Sub-paths that package.json exports; every other one is a deep import. Only tests import these. */
const ENTRIES = new Set(['@proxysched/core/test-kit']);

const CLOCK = 'the model knows simulated time only';
const ORDER = 'the loop is synchronous: the host must not decide the order';
const AMBIENT: Readonly<Record<string, string>> = {
  Date: CLOCK,
  performance: CLOCK,
  setTimeout: ORDER,
  setInterval: ORDER,
  setImmediate: ORDER,
  queueMicrotask: ORDER,
  Promise: ORDER,
  Intl: 'no locale may change a comparison or a trace',
  process: 'the environment is the business of the command line',
};
const LOCALE = new Set([
  'localeCompare',
  'toLocaleString',
  'toLocaleLowerCase',
  'toLocaleUpperCase',
  'toLocaleDateString',
  'toLocaleTimeString',
]);
const INEXACT = new Set(
  'exp expm1 pow log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh cbrt hypot'.split(' '),
);
/** Metrics may use logarithms; they decide nothing. */
const MAY_BE_INEXACT = new Set(['trace']);

const GLOBAL_CONTAINER = new Set(['singleton', 'scoped', 'registry']);
const SUITES = new Set(['describe', 'it', 'test']);
const FOCUSED = new Set(['fit', 'fdescribe', 'xit', 'xtest', 'xdescribe']);

/** Exceptions in force. A line that excuses nothing any more fails as well. */
const DEBT: readonly { readonly file: string; readonly rule: string; readonly owner: string; readonly why: string }[] = [];

// ---------------------------------------------------------------------------------------------------------------------

const root = resolve(import.meta.dirname, '..');
const SCOPE = '@proxysched/';
/** `/home/…` and the like, where no word or address precedes the slash. */
const MACHINE_PATH = /(?<![\w.~:/-])\/(?:home|root|Users|work|mnt)\/[\w.-]+|\b[A-Z]:\\+Users\\/;

interface Finding {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly reason: string;
}

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly node: ts.Node;
}

/** A source file with the place it has in the repository. */
class Source {
  readonly ast: ts.SourceFile;
  readonly imports: readonly Import[];

  constructor(
    /** Relative to the root, with forward slashes. */
    readonly file: string,
    text: string,
  ) {
    this.ast = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
    this.imports = importsOf(this.ast);
  }

  /** `packages/fair` or `examples/class-skeleton`; empty elsewhere. */
  get home(): string {
    return /^(?:packages|examples)\/[^/]+/.exec(this.file)?.[0] ?? '';
  }

  /** Folder name under packages/, when this is a published source. */
  get pkg(): string | undefined {
    return /^packages\/([^/]+)\/src\//.exec(this.file)?.[1];
  }

  get isTest(): boolean {
    return /\.test\.ts$|\/(?:test|e2e)\//.test(this.file);
  }

  finding(node: ts.Node | number, rule: string, reason: string): Finding {
    const at = typeof node === 'number' ? node : node.getStart(this.ast);
    return { file: this.file, line: this.ast.getLineAndCharacterOfPosition(at).line + 1, rule, reason };
  }
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, child => walk(child, visit));
}

function importsOf(ast: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const record = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) found.push({ specifier: specifier.text, typeOnly, node: specifier });
  };
  walk(ast, node => {
    if (ts.isImportDeclaration(node)) record(node.moduleSpecifier, isTypeOnly(node.importClause));
    else if (ts.isExportDeclaration(node)) record(node.moduleSpecifier, node.isTypeOnly || allTypes(node.exportClause));
    else if (ts.isImportTypeNode(node)) record(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    else if (ts.isCallExpression(node)) {
      const callee = node.expression;
      if (callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require'))
        record(node.arguments[0], false);
    } else if (ts.isExternalModuleReference(node)) record(node.expression, false);
  });
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  return clause.phaseModifier === ts.SyntaxKind.TypeKeyword || (clause.name === undefined && allTypes(clause.namedBindings));
}

/** `import { type A, type B }`: under `verbatimModuleSyntax` the module is still loaded, but nothing of it is used. */
function allTypes(bindings: ts.NamedImportBindings | ts.NamedExportBindings | undefined): boolean {
  if (bindings === undefined || !(ts.isNamedImports(bindings) || ts.isNamedExports(bindings))) return false;
  return bindings.elements.length > 0 && bindings.elements.every(element => element.isTypeOnly);
}

/** `@proxysched/core/test-kit` → `@proxysched/core`; `yaml/util` → `yaml`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The name a table uses: our own packages without the scope. */
function shortName(name: string): string {
  return name.startsWith(SCOPE) ? name.slice(SCOPE.length) : name === 'proxysched' ? 'cli' : name;
}

const isRelative = (specifier: string): boolean => specifier.startsWith('.');
const isNode = (specifier: string): boolean => specifier.startsWith('node:');

// -- rules ------------------------------------------------------------------------------------------------------------

function layering(source: Source, declared: (home: string) => ReadonlySet<string>): Finding[] {
  const { pkg } = source;
  if (pkg === undefined) return [];
  const allowed = LAYERS[pkg];
  if (allowed === undefined) return [source.finding(0, 'layering', `packages/${pkg} is not in the table of layers`)];
  const found: Finding[] = [];
  for (const { specifier, typeOnly, node } of source.imports) {
    if (isRelative(specifier)) continue;
    if (isNode(specifier)) {
      if (!allowed.includes('node:*'))
        found.push(source.finding(node, 'no-host', `${pkg} may not import ${specifier}: files and processes belong to the cli`));
      continue;
    }
    const name = packageOf(specifier);
    const short = shortName(name);
    const free = allowed.includes('*') && SOLE_IMPORTER[short] === undefined;
    const reason = `the table lets ${pkg} import ${allowed.join(', ') || 'nothing'}`;
    if (!free && !allowed.includes(short)) {
      if (!allowed.includes(`types:${short}`))
        found.push(source.finding(node, 'layering', `${pkg} may not import ${specifier}: ${reason}`));
      else if (!typeOnly) found.push(source.finding(node, 'layering', `${pkg} may import only types from ${specifier}: ${reason}`));
    }
    if (!declared(source.home).has(name))
      found.push(source.finding(node, 'undeclared-import', `${name} is not under dependencies in packages/${pkg}/package.json`));
    if (ENTRIES.has(specifier)) found.push(source.finding(node, 'test-kit-in-source', `${specifier} is for tests`));
  }
  return found;
}

function deepImports(source: Source): Finding[] {
  const found: Finding[] = [];
  for (const { specifier, node } of source.imports) {
    if (isRelative(specifier)) {
      const target = relative(root, resolve(root, dirname(source.file), specifier))
        .split(sep)
        .join('/');
      const home = /^(?:packages|examples)\/[^/]+/.exec(target)?.[0];
      if (home !== undefined && home !== source.home)
        found.push(source.finding(node, 'deep-import', `${specifier} reaches into ${home}: import the package by its name`));
    } else if (/^(?:@proxysched\/[^/]+|proxysched)\//.test(specifier) && !ENTRIES.has(specifier)) {
      found.push(source.finding(node, 'deep-import', `${specifier} does not resolve once published: only package entries do`));
    }
  }
  return found;
}

function soleImporters(source: Source): Finding[] {
  return source.imports.flatMap(({ specifier, node }) => {
    const sole = SOLE_IMPORTER[packageOf(specifier)];
    if (sole === undefined || source.home === `packages/${sole[0]}`) return [];
    return [source.finding(node, 'sole-importer', `only ${sole[0]} imports ${specifier}: ${sole[1]}`)];
  });
}

/** An identifier that refers to something in scope, rather than naming a member. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node)
    return ts.isIdentifier(parent.expression) && parent.expression.text === 'globalThis';
  if (ts.isQualifiedName(parent) && parent.right === node) return false;
  if (ts.isBindingElement(parent) && parent.propertyName === node) return false;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  const named =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isGetAccessorDeclaration(parent) ||
    ts.isSetAccessorDeclaration(parent) ||
    ts.isEnumMember(parent);
  return !(named && parent.name === node);
}

/** Members of `Math` taken by this node: `Math.x`, `Math['x']`, `const { x } = Math`. */
function mathMembers(node: ts.Node): string[] {
  const isMath = (e: ts.Node | undefined): boolean => e !== undefined && ts.isIdentifier(e) && e.text === 'Math';
  if (ts.isPropertyAccessExpression(node) && isMath(node.expression)) return [node.name.text];
  if (ts.isElementAccessExpression(node) && isMath(node.expression) && ts.isStringLiteralLike(node.argumentExpression))
    return [node.argumentExpression.text];
  if (ts.isVariableDeclaration(node) && isMath(node.initializer) && ts.isObjectBindingPattern(node.name))
    return node.name.elements.map(element => (element.propertyName ?? element.name).getText());
  return [];
}

function determinism(source: Source): Finding[] {
  const { pkg } = source;
  if (pkg === undefined || !MODEL.has(pkg)) return [];
  const found: Finding[] = [];
  walk(source.ast, node => {
    if (ts.isIdentifier(node) && Object.hasOwn(AMBIENT, node.text) && isReference(node))
      found.push(source.finding(node, 'ambient', `${node.text}: ${AMBIENT[node.text]!}`));
    if (
      node.kind === ts.SyntaxKind.AsyncKeyword ||
      ts.isAwaitExpression(node) ||
      (ts.isForOfStatement(node) && node.awaitModifier !== undefined)
    )
      found.push(source.finding(node, 'ambient', `async: ${ORDER}`));
    for (const member of mathMembers(node)) {
      if (member === 'random') found.push(source.finding(node, 'ambient', 'Math.random: draw from a named stream of the seed'));
      else if (INEXACT.has(member) && !MAY_BE_INEXACT.has(pkg))
        found.push(source.finding(node, 'inexact', `Math.${member} may differ between engines: use an integer table`));
    }
    if (ts.isBinaryExpression(node) && isPower(node.operatorToken.kind) && !MAY_BE_INEXACT.has(pkg)) {
      if (!(ts.isNumericLiteral(node.left) && ts.isNumericLiteral(node.right)))
        found.push(source.finding(node, 'inexact', '** of anything but two literals is Math.pow and may differ between engines'));
    }
    if (ts.isPropertyAccessExpression(node) && LOCALE.has(node.name.text))
      found.push(source.finding(node.name, 'ambient', `${node.name.text}: ${AMBIENT['Intl']!}`));
  });
  return found;
}

function isPower(kind: ts.SyntaxKind): boolean {
  return kind === ts.SyntaxKind.AsteriskAsteriskToken || kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken;
}

function globalContainer(source: Source): Finding[] {
  const why = 'it writes to the global container, which outlives a simulation';
  const found: Finding[] = [];
  walk(source.ast, node => {
    if (ts.isDecorator(node)) {
      const name = ts.isCallExpression(node.expression) ? node.expression.expression : node.expression;
      const text = ts.isPropertyAccessExpression(name) ? name.name.text : ts.isIdentifier(name) ? name.text : '';
      if (GLOBAL_CONTAINER.has(text)) found.push(source.finding(node, 'global-container', `@${text}: ${why}`));
    } else if (ts.isImportSpecifier(node)) {
      const from = node.parent.parent.parent.moduleSpecifier;
      const name = (node.propertyName ?? node.name).text;
      if (ts.isStringLiteral(from) && from.text === 'tsyringe' && GLOBAL_CONTAINER.has(name))
        found.push(source.finding(node, 'global-container', `${name} of tsyringe: ${why}`));
    }
  });
  return found;
}

function untyped(source: Source): Finding[] {
  if (!/^(?:packages|examples)\/[^/]+\/src\//.test(source.file)) return [];
  const found: Finding[] = [];
  walk(source.ast, node => {
    if (node.kind === ts.SyntaxKind.AnyKeyword)
      found.push(source.finding(node, 'untyped', 'any turns the compiler off: use unknown, never[] or a type parameter'));
  });
  for (const match of source.ast.text.matchAll(/(?:\/\/|\/\*+|^[ \t]*\*)\s*@ts-(?:ignore|nocheck)/gm))
    found.push(source.finding(match.index, 'untyped', `${match[0].trim()}: say what the compiler cannot know in a type`));
  return found;
}

function focusedTests(source: Source): Finding[] {
  if (!source.isTest) return [];
  const found: Finding[] = [];
  walk(source.ast, node => {
    if (ts.isPropertyAccessExpression(node) && (node.name.text === 'only' || node.name.text === 'skip')) {
      if (ts.isIdentifier(node.expression) && SUITES.has(node.expression.text))
        found.push(source.finding(node, 'focused-test', `${node.getText()}: a test that runs alone or never hides the others`));
    } else if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && FOCUSED.has(node.expression.text)) {
      found.push(source.finding(node, 'focused-test', `${node.expression.text}: a test that runs alone or never hides the others`));
    }
  });
  return found;
}

function machinePaths(file: string, text: string): Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const match = MACHINE_PATH.exec(line);
    return match === null ? [] : [{ file, line: index + 1, rule: 'machine-path', reason: `${match[0]} exists on one machine only` }];
  });
}

// -- the repository ---------------------------------------------------------------------------------------------------

const IGNORED = new Set(['node_modules', 'dist', 'coverage', 'out', '.git', '.nx', 'package-lock.json', 'LICENSE']);

function filesBelow(folder: string): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter(entry => !IGNORED.has(entry.name))
    .flatMap(entry => {
      const below = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(below) : entry.isFile() ? [below] : [];
    })
    .sort();
}

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

function dependenciesOf(home: string): ReadonlySet<string> {
  const manifest = JSON.parse(read(`${home}/package.json`)) as Manifest;
  return new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }));
}

const files = filesBelow('');
const sources = files.filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts')).map(file => new Source(file, read(file)));
const packages = readdirSync(join(root, 'packages'), { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name);

function all(rule: (source: Source) => Finding[]): Finding[] {
  return sources.flatMap(rule);
}

const excused = (finding: Finding): boolean => DEBT.some(debt => debt.file === finding.file && debt.rule === finding.rule);
const spell = (finding: Finding): string => `${finding.file}:${finding.line}  ${finding.rule}: ${finding.reason}`;

/** Nothing, or a failure with one line per finding. */
function expectTidy(findings: readonly Finding[]): void {
  expect(findings.filter(finding => !excused(finding)).map(spell)).toEqual([]);
}

describe('the repository', () => {
  test('packages import only what stands below them, and declare it', () => expectTidy(all(s => layering(s, dependenciesOf))));
  test('nobody imports past the entry of a package', () => expectTidy(all(deepImports)));
  test('each guarded library has one importer', () => expectTidy(all(soleImporters)));
  test('the model reads no clock, no chance, no locale and no host', () => expectTidy(all(determinism)));
  test('nothing registers itself in the global container', () => expectTidy(all(globalContainer)));
  test('sources are typed', () => expectTidy(all(untyped)));
  test('no test is focused or skipped', () => expectTidy(all(focusedTests)));
  test('code that a page shows as that of a file is that of the file', () => {
    const shown = files
      .filter(file => file.endsWith('.md'))
      .flatMap(page => [...read(page).matchAll(/<!-- include: (\S+) -->\n(?:```ts\n([\s\S]*?)```\n)?/g)].map(([, file, code]) => ({ page, file: file!, code })));
    expect(shown.map(({ page }) => page)).toEqual(expect.arrayContaining(['docs/plugin-guide.md', 'docs/deadlock-policies.md']));
    expect(shown.filter(({ file, code }) => code !== read(file)).map(({ page, file }) => `${page} does not show ${file} as it is`)).toEqual([]);
  });
  test('no file names a path of one machine', () => {
    const text = files.filter(file => /\.(?:[cm]?[jt]s|json|ya?ml|md|sh|trace|html|svg)$|^\.ci\//.test(file));
    expectTidy(text.flatMap(file => machinePaths(file, read(file))));
  });

  test('every package has its place in the table, and the table has no others', () => {
    expect([...packages].sort()).toEqual(Object.keys(LAYERS).sort());
  });

  test('the manifests declare nothing the table forbids', () => {
    const wrong = packages.flatMap(pkg =>
      [...dependenciesOf(`packages/${pkg}`)]
        .filter(name => {
          const allowed = LAYERS[pkg] ?? [];
          return !['*', shortName(name), `types:${shortName(name)}`].some(entry => allowed.includes(entry));
        })
        .map(name => `packages/${pkg}/package.json declares ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test('the references of the compiler are the dependencies in the repository', () => {
    const wrong = packages.flatMap(pkg => {
      const { config } = ts.parseConfigFileTextToJson('tsconfig.json', read(`packages/${pkg}/tsconfig.json`)) as {
        config: { references?: { path: string }[] };
      };
      const referenced = (config.references ?? []).map(reference => reference.path.replace('../', '')).sort();
      const declared = [...dependenciesOf(`packages/${pkg}`)].filter(name => name.startsWith(SCOPE)).map(shortName);
      return referenced.join() === declared.sort().join()
        ? []
        : [`packages/${pkg}: references ${referenced.join()}, depends on ${declared.join()}`];
    });
    expect(wrong).toEqual([]);
  });

  // A fresh clone builds in the order of the references: what is not named may not be there yet, and a tree that was built before hides it.
  test('what tests import is built before them', () => {
    const referenced = (folder: string): string[] => {
      const { config } = ts.parseConfigFileTextToJson('tsconfig.json', read(`${folder}/tsconfig.json`)) as {
        config: { references?: { path: string }[] };
      };
      return (config.references ?? []).map(reference => posix.join(folder, reference.path));
    };
    const builtBefore = (folder: string, found = new Set<string>()): ReadonlySet<string> => {
      for (const below of referenced(folder).filter(path => !found.has(path))) builtBefore(below, found.add(below));
      return found;
    };
    const wrong = sources.flatMap(({ file, home, isTest, pkg, imports }) => {
      if (home === '' || !isTest || pkg !== undefined) return [];
      const built = builtBefore(`${home}/test`);
      return imports
        .map(i => packageOf(i.specifier))
        .filter(name => name.startsWith(SCOPE) && packages.includes(shortName(name)) && !built.has(`packages/${shortName(name)}`))
        .map(name => `${file}: ${home}/test/tsconfig.json leads to no reference to ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  test('the lock file names no registry', () => {
    expect(read('package-lock.json').match(/"resolved": "https?:[^"]*"/g) ?? []).toEqual([]);
  });

  test('every debt is still owed', () => {
    const findings = [layering, deepImports, soleImporters, determinism, globalContainer, untyped, focusedTests].flatMap(rule =>
      all(s => rule(s, dependenciesOf)),
    );
    expect(DEBT.filter(debt => !findings.some(finding => finding.file === debt.file && finding.rule === debt.rule))).toEqual([]);
  });

  // A warning while packages are still stubs; turn it into an expectation when they are not.
  test('declared dependencies that no source uses are listed', () => {
    const unused = packages.flatMap(pkg => {
      const used = new Set(sources.filter(s => s.pkg === pkg).flatMap(s => s.imports.map(i => packageOf(i.specifier))));
      return [...dependenciesOf(`packages/${pkg}`)].filter(name => !used.has(name)).map(name => `${pkg} -> ${shortName(name)}`);
    });
    if (unused.length > 0) process.stderr.write(`tidy: declared but not used yet: ${unused.join(', ')}\n`);
  });
});

// The rules on small inputs, so that a rule which no longer finds anything is noticed.
describe('the rules', () => {
  const nothing = (): ReadonlySet<string> => new Set<string>();
  const rulesHit = (file: string, text: string, declared: (home: string) => ReadonlySet<string> = nothing): string[] => {
    const s = new Source(file, text);
    const findings = [
      ...layering(s, declared),
      ...[deepImports, soleImporters, determinism, globalContainer, untyped, focusedTests].flatMap(rule => rule(s)),
      ...machinePaths(file, text),
    ];
    return [...new Set(findings.map(finding => finding.rule))].sort();
  };
  const fair = 'packages/fair/src/x.ts';
  const declares =
    (...names: string[]) =>
    (): ReadonlySet<string> =>
      new Set(names);

  test.each<[what: string, file: string, text: string, rules: string[]]>([
    ['a plug-in imports a plug-in', fair, `import '@proxysched/proxy';`, ['layering', 'undeclared-import']],
    ['re-exports count', fair, `export * from '@proxysched/sim';`, ['layering', 'undeclared-import']],
    ['dynamic imports count', fair, `void import('@proxysched/rt');`, ['layering', 'undeclared-import']],
    ['import types count', fair, `export type X = import('@proxysched/rt').X;`, ['layering', 'undeclared-import']],
    ['a file outside', fair, `import { readFileSync } from 'node:fs';`, ['no-host']],
    ['an unknown package', 'packages/other/src/x.ts', `export {};`, ['layering']],
    ['deep by name', 'packages/fair/test/x.test.ts', `import '@proxysched/core/dist/task.js';`, ['deep-import']],
    ['deep by path', 'packages/fair/test/x.test.ts', `import '../../core/src/task.js';`, ['deep-import']],
    ['deep from an example', 'examples/a/src/x.ts', `import '../../../packages/core/src/task.js';`, ['deep-import']],
    ['tsyringe in a test', 'packages/fair/test/x.test.ts', `import 'tsyringe';`, ['sole-importer']],
    ['the clock', fair, `export const t = Date.now();`, ['ambient']],
    ['the clock through globalThis', fair, `export const t = globalThis.performance;`, ['ambient']],
    ['chance', fair, `export const t = Math.random();`, ['ambient']],
    ['chance taken apart', fair, `const { random } = Math;`, ['ambient']],
    ['async', fair, `export const f = async () => 1;`, ['ambient']],
    ['promises as types', fair, `export type P = Promise<void>;`, ['ambient']],
    ['the host', 'packages/workload/src/x.ts', `export const e = process.env;`, ['ambient']],
    ['locale', fair, `export const c = (a: string, b: string) => a.localeCompare(b);`, ['ambient']],
    ['logarithm', fair, `export const l = Math.log(2);`, ['inexact']],
    ['power', fair, `export const p = (x: number) => x ** 2;`, ['inexact']],
    ['global container', fair, `@singleton() class A {}`, ['global-container']],
    ['any', fair, `export const x = 1 as any;`, ['untyped']],
    ['ts-ignore', fair, `// @ts-ignore\nexport {};`, ['untyped']],
    ['only', 'packages/fair/test/x.test.ts', `test.only('x', () => {});`, ['focused-test']],
    ['skip with a table', 'packages/fair/test/x.test.ts', `describe.skip.each([1])('x', () => {});`, ['focused-test']],
    ['a machine path', fair, `// see ${'/'}home/me/notes`, ['machine-path']],
  ])('%s', (_what, file, text, rules) => {
    expect(rulesHit(file, text)).toEqual(rules);
  });

  test.each<[what: string, file: string, text: string]>([
    ['comments', fair, `/** Not Date.now(), nor Math.random, nor any Promise. */ export {};`],
    ['strings', fair, `export const s = 'process any Date';`],
    ['members of that name', fair, `export interface A { process: number; Date?: string } export const f = (a: A) => a.process;`],
    ['exact functions', fair, `export const f = Math.floor(Math.sqrt(2)) + 2 ** 32;`],
    ['logarithms in trace', 'packages/trace/src/x.ts', `export const l = Math.log(2);`],
    ['the host in the cli', 'packages/cli/src/x.ts', `import 'node:fs'; export const f = async () => process.argv;`],
    [
      'a test of its own package',
      'packages/fair/test/x.test.ts',
      `import '../src/index.js'; import '@proxysched/core/test-kit'; import '@proxysched/rt';`,
    ],
    ['addresses', fair, `// https://example.org/home/page and packages/work/x`],
  ])('do not mind %s', (_what, file, text) => {
    expect(rulesHit(file, text)).toEqual([]);
  });

  test('a declared import that the table allows', () => {
    expect(rulesHit(fair, `import { x } from '@proxysched/kit';`, declares('@proxysched/kit'))).toEqual([]);
  });

  test('kit takes types of core, nothing else', () => {
    const kit = (text: string): string[] => rulesHit('packages/kit/src/x.ts', text, declares('@proxysched/core'));
    expect(kit(`import type { Task } from '@proxysched/core';`)).toEqual([]);
    expect(kit(`import { type Task } from '@proxysched/core';`)).toEqual([]);
    expect(kit(`import { Task } from '@proxysched/core';`)).toEqual(['layering']);
  });

  test('the test kit stays in tests', () => {
    expect(rulesHit(fair, `import '@proxysched/core/test-kit';`, declares('@proxysched/core'))).toEqual(['test-kit-in-source']);
  });

  test('a finding names file, line, rule and reason', () => {
    const [finding] = determinism(new Source(fair, `\nexport const t = Date.now();`));
    expect(spell(finding!)).toBe('packages/fair/src/x.ts:2  ambient: Date: the model knows simulated time only');
  });
});
