import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** All files below a folder, at any depth, in order of their paths. Links to folders are not followed. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name))
    .sort((a, b) => (a < b ? -1 : 1));
}
