import type { SimModule } from '@proxysched/kit';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { moduleFailed, moduleNotFound, moduleNotLoadable, notAModule } from './errors.js';
import type { Io } from './io.js';

/** A plug-in as the user named it, and what it brings. */
export interface LoadedModule {
  readonly path: string;
  readonly url: string;
  readonly modules: readonly SimModule[];
}

/** Imports plug-ins in the order given; paths start at the current directory, other names are packages installed there. */
export async function loadModules(paths: readonly string[], io: Io): Promise<readonly LoadedModule[]> {
  const loaded: LoadedModule[] = [];
  for (const path of paths) loaded.push(await loadModule(path, io));
  return loaded;
}

export async function loadModule(path: string, io: Io): Promise<LoadedModule> {
  const url = locate(path, io);
  let exports: unknown;
  try {
    exports = await io.importModule(url);
  } catch (error) {
    throw importFailed(path, error);
  }
  return { path, url, modules: modulesOf(path, exports) };
}

function locate(path: string, io: Io): string {
  const file = resolve(io.cwd, path);
  if (existsSync(file)) return pathToFileURL(file).href;
  if (/^[./~]|^[A-Za-z]:\\/.test(path)) throw moduleNotFound(path);
  try {
    return pathToFileURL(createRequire(join(io.cwd, 'here.js')).resolve(path)).href;
  } catch {
    throw moduleNotFound(path);
  }
}

function importFailed(path: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return moduleNotLoadable(path, 'Node cannot import this kind of file', 'TypeScript has to be compiled first');
  if (code === 'ERR_UNSUPPORTED_DIR_IMPORT') return moduleNotLoadable(path, 'it is a directory; name the file in it');
  const help = code === 'ERR_MODULE_NOT_FOUND' ? ['what it imports is looked up from where it lies'] : [];
  return moduleFailed(path, 'it was loaded', error, ...help);
}

function modulesOf(path: string, exports: unknown): readonly SimModule[] {
  if (!isObject(exports)) throw notAModule(path, 'it exports nothing');
  const found = exports['default'];
  if (found === undefined) {
    const named = Object.keys(exports).find(name => isModule(exports[name]));
    const help = named === undefined ? [] : [`it exports ${named}; add: export default ${named};`];
    throw notAModule(path, 'it has no default export', ...help);
  }
  const list: readonly unknown[] = Array.isArray(found) ? found : [found];
  if (list.length === 0) throw notAModule(path, 'its default export is an empty list');
  list.forEach((m, index) => {
    if (isModule(m)) return;
    const where = Array.isArray(found) ? `item ${index} of its default export` : 'its default export';
    throw notAModule(path, `${where} is ${typeof m === 'function' ? 'a function or class' : describe(m)}, not a module`);
  });
  return list as readonly SimModule[];
}

function isModule(m: unknown): m is SimModule {
  return isObject(m) && typeof m['name'] === 'string' && m['name'] !== '' && typeof m['register'] === 'function';
}

function describe(m: unknown): string {
  if (!isObject(m)) return m === null ? 'null' : `a ${typeof m}`;
  return typeof m['name'] === 'string' ? 'an object without register()' : 'an object without a name';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
