/**
 * `npm run release:check`: what users would get, tried before they get it. Every public package is packed, unpacked into an
 * empty project far from this repository, and used from there. No step needs a network.
 *
 * Build first (`npm run build`): what is packed is the `dist` that lies there. `--keep` leaves the project to look at.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '..');

/** Never inside a package: tests, what they leave behind, and the compiler's memory, which names files of this machine. */
const UNWANTED = /(?:^|\/)(?:test|e2e|coverage|node_modules|__snapshots__)\/|\.test\.|\.tsbuildinfo$/;
const REQUIRED = ['LICENSE', 'README.md', 'package.json'];

/** A scenario of this repository, whose golden trace ends with the digest every run of it has to show. */
const SCENARIO = join(root, 'scenarios', 'priority-inversion');

// --- tools -----------------------------------------------------------------------------------------------------------

const exec = promisify(execFile);

/** No colours to parse around, no registry, and nothing found by way of the caller's own settings. */
const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', npm_config_offline: 'true', NODE_PATH: '' };

/** Runs a program to its end: its output when it succeeded, and in `failure` what it said when it did not. */
async function attempt(file, args, cwd) {
  try {
    const { stdout } = await exec(file, args, { cwd, env, maxBuffer: 64 * 2 ** 20 });
    return { stdout };
  } catch (error) {
    return { stdout: '', failure: [error.stdout, error.stderr].filter(Boolean).join('\n').trim() || error.message };
  }
}

async function must(file, args, cwd) {
  const { stdout, failure } = await attempt(file, args, cwd);
  if (failure !== undefined) throw new Error(`${file} ${args.join(' ')}\n${failure}`);
  return stdout;
}

/** As many at a time as there are processors: most of the work is starting other programs. */
async function each(items, work) {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

const readJson = file => JSON.parse(readFileSync(file, 'utf8'));
const quote = text => text.replaceAll(/^/gm, '      ');

// --- packages --------------------------------------------------------------------------------------------------------

/** @typedef {{ name: string, folder: string, manifest: any, tarball: string, files: Set<string>, home: string }} Package */

function publicManifests() {
  return readdirSync(join(root, 'packages'))
    .map(name => join(root, 'packages', name))
    .filter(folder => existsSync(join(folder, 'package.json')))
    .map(folder => ({ folder, manifest: readJson(join(folder, 'package.json')) }))
    .filter(({ manifest }) => manifest.private !== true);
}

/** @returns {Promise<Package[]>} */
async function pack(project) {
  const found = publicManifests();
  const workspaces = found.flatMap(({ manifest }) => ['-w', manifest.name]);
  const packed = JSON.parse(await must('npm', ['pack', '--json', '--pack-destination', project, ...workspaces], root));
  return found.map(({ folder, manifest }) => {
    const { filename, files } = packed.find(({ name }) => name === manifest.name);
    return {
      name: manifest.name,
      folder,
      manifest,
      tarball: join(project, filename),
      files: new Set(files.map(({ path }) => path)),
      home: join(project, 'node_modules', manifest.name),
    };
  });
}

async function unpack(packages) {
  await each(packages, async ({ home, tarball }) => {
    await mkdir(home, { recursive: true });
    await must('tar', ['-xzf', tarball, '-C', home, '--strip-components=1']);
  });
}

const declared = ({ manifest }) => ({ ...manifest.peerDependencies, ...manifest.dependencies });

/** The specifiers a package can be imported by. */
function entries({ name, manifest }) {
  const paths = Object.keys(manifest.exports).filter(path => path !== './package.json');
  return paths.map(path => name + path.slice(1));
}

// --- the steps -------------------------------------------------------------------------------------------------------

function checkContents(packages, report) {
  for (const { name, files } of packages) {
    for (const file of REQUIRED) if (!files.has(file)) report(name, `${file} is not inside`);
    for (const file of files) if (UNWANTED.test(file)) report(name, `${file} is inside`);
    for (const file of withoutCounterpart(files, 'src', '.ts', 'dist', '.js')) report(name, `${file} is not built`);
    // The compiler does not remove what it once made of a source that is gone.
    for (const file of withoutCounterpart(files, 'dist', '.js', 'src', '.ts'))
      report(name, `${file} has no source any more; remove dist and build again`);
  }
}

function withoutCounterpart(files, from, extension, to, otherExtension) {
  const stem = file => file.slice(from.length, -extension.length);
  return [...files].filter(
    file => file.startsWith(`${from}/`) && file.endsWith(extension) && !files.has(`${to}${stem(file)}${otherExtension}`),
  );
}

function checkRanges(packages, report) {
  const versions = new Map(packages.map(({ name, manifest }) => [name, manifest.version]));
  for (const { name, manifest } of packages) {
    for (const [other, range] of Object.entries(manifest.dependencies ?? {})) {
      if (!versions.has(other)) continue;
      if (range !== `^${versions.get(other)}`) report(name, `asks for ${other} ${range}, which is ^${versions.get(other)} here`);
    }
    // Lerna leaves peer ranges as they are: after the first minor release the packages could not be installed together.
    for (const other of Object.keys(manifest.peerDependencies ?? {}))
      if (versions.has(other)) report(name, `has ${other} as a peer; between our own packages only "dependencies" will do`);
  }
}

/** Each package gets links to the outside packages it declares, in its own `node_modules`, and so nothing by accident. */
async function linkOutside(packages, report) {
  const ours = new Set(packages.map(({ name }) => name));
  for (const pkg of packages) {
    for (const [other, range] of Object.entries(declared(pkg))) {
      if (ours.has(other)) continue;
      const from = installed(other, pkg.folder);
      if (from === undefined) report(pkg.name, `declares ${other}, which is neither installed nor a public package of ours`);
      else await link(pkg, other, range, from, report);
    }
  }
}

function installed(name, folder) {
  return [folder, root].map(at => join(at, 'node_modules', name)).find(at => existsSync(join(at, 'package.json')));
}

async function link(pkg, other, range, from, report) {
  const { version } = readJson(join(from, 'package.json'));
  // Outside packages are pinned. Another version means that hoisting has brought the one somebody else asked for.
  if (pkg.manifest.dependencies?.[other] !== undefined && version !== range)
    report(pkg.name, `asks for ${other} ${range}, finds ${version}`);
  const to = join(pkg.home, 'node_modules', other);
  await mkdir(dirname(to), { recursive: true });
  await symlink(await realpath(from), to, 'junction');
}

/** In one project all of our packages lie side by side, so that one nobody declared would be found all the same. */
function checkImports(packages, report) {
  for (const pkg of packages) {
    const imported = importsOf(pkg);
    const allowed = declared(pkg);
    for (const [name, file] of imported) if (!(name in allowed)) report(pkg.name, `${file} imports ${name}, which is not declared`);
    for (const name of Object.keys(allowed)) if (!imported.has(name)) report(pkg.name, `declares ${name}, which nothing in dist imports`);
  }
}

/** Names of imported packages, each with a file that does it. Declaration files count: their readers need the types. */
function importsOf({ name, files, home }) {
  const found = new Map();
  for (const file of files) {
    if (!/^dist\/.*(?:\.js|\.d\.ts)$/.test(file)) continue;
    const { importedFiles } = ts.preProcessFile(readFileSync(join(home, file), 'utf8'), true, true);
    for (const { fileName } of importedFiles) {
      const imported = packageOf(fileName);
      if (imported !== undefined && imported !== name) found.set(imported, file);
    }
  }
  return found;
}

function packageOf(specifier) {
  if (/^(?:\.|\/|#|node:)/.test(specifier) || builtinModules.includes(specifier)) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

async function runPublint(packages, report) {
  for (const { name, tarball } of packages) {
    const bytes = await readFile(tarball);
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const { messages, pkg } = await publint({ strict: true, pack: { tarball: buffer } });
    for (const message of messages) if (message.type === 'error') report(name, formatMessage(message, pkg, { color: false }));
  }
}

async function runAttw(packages, report) {
  const attw = join(root, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
  const args = ['--profile', 'esm-only', '--no-definitely-typed', '--no-color', '--no-emoji', '--format', 'ascii'];
  await each(packages, async ({ name, tarball }) => {
    const { failure } = await attempt(process.execPath, [attw, tarball, ...args]);
    if (failure !== undefined) report(name, `attw\n${quote(failure)}`);
  });
}

/** Everything there is to import, and the one thing that is done with it first. */
function consumer(packages) {
  const specifiers = packages.flatMap(entries);
  return `${specifiers.map((specifier, i) => `import * as p${i} from '${specifier}';`).join('\n')}
import type { SimResult } from '@proxysched/core';
import { generationOptions, linux } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import { readWorkload } from '@proxysched/workload';

export const everything: readonly object[] = [${specifiers.map((_, i) => `p${i}`).join(', ')}];

export function simulate(text: string): SimResult {
  const read = readWorkload(text, { file: 'scenario.yaml' });
  if (!read.ok) throw new Error(read.diagnostics.map(d => d.message).join());
  return createSimulation({ ...read.scenario, options: generationOptions('7.3') }, linux('7.3')).run();
}
`;
}

/** Strict, and with the declarations of the packages checked too: they have to stand without our settings. */
const COMPILER = { target: 'ES2022', lib: ['ES2023'], types: [], strict: true, exactOptionalPropertyTypes: true, noEmit: true };
const RESOLUTIONS = {
  nodenext: { module: 'NodeNext', moduleResolution: 'NodeNext' },
  bundler: { module: 'ESNext', moduleResolution: 'Bundler' },
};

async function compileConsumer(packages, report, project) {
  await writeFile(join(project, 'consumer.ts'), consumer(packages));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await each(Object.entries(RESOLUTIONS), async ([name, resolution]) => {
    const config = join(project, `tsconfig.${name}.json`);
    await writeFile(config, JSON.stringify({ compilerOptions: { ...COMPILER, ...resolution }, files: ['consumer.ts'] }));
    const { failure } = await attempt(process.execPath, [tsc, '-p', config], project);
    if (failure !== undefined) report('consumer', `does not compile under ${name}\n${quote(failure)}`);
  });
}

/** A process for each: what one package sets up, the next one must not need. */
async function load(packages, report, project) {
  const ways = packages.flatMap(entries).flatMap(name => [
    { name, verb: 'import', args: ['--input-type=module', '-e', `await import('${name}')`] },
    { name, verb: 'require', args: ['--input-type=commonjs', '-e', `require('${name}')`] },
  ]);
  await each(ways, async ({ name, verb, args }) => {
    const { failure } = await attempt(process.execPath, args, project);
    if (failure !== undefined) report(name, `${verb} fails\n${quote(failure)}`);
  });
}

/** As npm does it; a link, so that nothing may depend on the path the program is started by. */
async function linkCommands(packages, project) {
  const commands = packages.flatMap(({ home, manifest }) =>
    Object.entries(manifest.bin ?? {}).map(([name, path]) => ({
      name,
      home,
      manifest,
      file: join(project, 'node_modules', '.bin', name),
      path,
    })),
  );
  await mkdir(join(project, 'node_modules', '.bin'), { recursive: true });
  for (const { file, home, path } of commands) await symlink(join(home, path), file);
  return commands;
}

async function useCommands(packages, report, project) {
  for (const command of await linkCommands(packages, project)) {
    await askForHelp(command, report, project);
    await runScenario(command, report, project);
  }
}

/** The programs are started by themselves, not through `node`: the first line and the file mode are part of it. */
async function askForHelp({ name, file, home, manifest }, report, project) {
  const subcommands = readdirSync(join(home, 'dist', 'commands')).filter(entry => entry.endsWith('.js'));
  await each([[], ...subcommands.map(entry => basename(entry, '.js').split('-'))], async words => {
    const { stdout, failure } = await attempt(file, [...words, '--help'], project);
    const usage = `Usage: ${[name, ...words].join(' ')} `;
    if (!stdout.startsWith(usage)) report(name, `${words.join(' ')} --help does not begin with "${usage}"\n${quote(failure ?? stdout)}`);
  });
  const { stdout } = await attempt(file, ['--version'], project);
  if (stdout.trim() !== manifest.version) report(name, `--version says "${stdout.trim()}" in place of ${manifest.version}`);
}

async function runScenario({ name, file }, report, project) {
  await cp(join(SCENARIO, 'scenario.yaml'), join(project, 'scenario.yaml'));
  const { stdout, failure } = await attempt(file, ['run', 'scenario.yaml'], project);
  const digest = /digest (\w+)\s*$/.exec(await readFile(join(SCENARIO, 'expected.trace'), 'utf8'))[1];
  if (!stdout.includes(`digest ${digest}`)) report(name, `run scenario.yaml does not show digest ${digest}\n${quote(failure ?? stdout)}`);
}

// ---------------------------------------------------------------------------------------------------------------------

const STEPS = [
  ['contents', checkContents],
  ['ranges between our packages', checkRanges],
  ['links to outside packages', linkOutside],
  ['imports against manifests', checkImports],
  ['publint --strict', runPublint],
  ['attw --profile esm-only', runAttw],
  ['consumer, nodenext and bundler', compileConsumer],
  ['import and require', load],
  ['command line', useCommands],
];

/** Says how long `work` took, and what it found: sorted, since packages are looked at side by side. */
async function step(title, work) {
  const start = performance.now();
  const problems = [];
  const result = await work((subject, text) => problems.push(`  ${subject}: ${text}`));
  console.log(`${title.padEnd(34)}${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s`);
  for (const problem of problems.sort()) console.log(problem);
  return { result, count: problems.length };
}

async function check(project) {
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
  const { result: packages } = await step('pack', () => pack(project));
  await step('unpack', () => unpack(packages));
  let count = 0;
  for (const [title, work] of STEPS) count += (await step(title, report => work(packages, report, project))).count;
  console.log(`${packages.length} packages, ${count === 0 ? 'no problem' : `${count} problem${count === 1 ? '' : 's'}`}`);
  return count === 0;
}

// Outside of this repository, or its node_modules would be found from there.
const project = await realpath(await mkdtemp(join(tmpdir(), 'proxysched-release-')));
const keep = process.argv.includes('--keep');
try {
  if (!(await check(project))) process.exitCode = 1;
} finally {
  if (keep) console.log(project);
  else await rm(project, { recursive: true, force: true });
}
