import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cannotRead, fileTooLarge, isDirectory, noSuchFile, notUtf8 } from './errors.js';
import type { Io } from './io.js';

const CHUNK = 1 << 20;

/** The text of a file, or of standard input for `-`. Never holds more than `limit` bytes, whatever the file pretends to be. */
export async function readText(file: string, limit: number, io: Io): Promise<string> {
  const name = file === '-' ? 'standard input' : file;
  const bytes = file === '-' ? await io.readStdin(limit) : readBytes(file, limit, io);
  if (bytes.length > limit) throw fileTooLarge(name, limit);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw notUtf8(name);
  }
}

/** What a user means by a file: a folder that holds a scenario stands for it. */
export function workloadFile(file: string, io: Io): string {
  const inside = SCENARIO_FILES.find(name => existsSync(join(resolve(io.cwd, file), name)));
  return inside === undefined ? file : join(file, inside);
}

const SCENARIO_FILES = ['scenario.yaml', 'scenario.yml', 'scenario.json'];

function readBytes(file: string, limit: number, io: Io): Uint8Array {
  const path = resolve(io.cwd, file);
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw unreadable(file, error);
  }
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw isDirectory(file);
    if (stat.isFile() && stat.size > limit) throw fileTooLarge(file, limit);
    // Pipes and devices have no size: read on until the end or the limit.
    const chunks: Buffer[] = [];
    for (let length = 0; length <= limit;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const read = readSync(fd, chunk, 0, CHUNK, null);
      if (read === 0) break;
      chunks.push(chunk.subarray(0, read));
      length += read;
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw error instanceof Error && 'code' in error ? unreadable(file, error) : error;
  } finally {
    closeSync(fd);
  }
}

function unreadable(file: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  return code === 'ENOENT' || code === 'ENOTDIR' ? noSuchFile(file) : cannotRead(file, code);
}
