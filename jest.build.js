import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

/** The e2e tests load `dist`: build it first. Costs under a second when nothing changed. */
export default function build() {
  execFileSync(process.execPath, [createRequire(import.meta.url).resolve('typescript/bin/tsc'), '-b'], {
    cwd: import.meta.dirname,
    stdio: 'inherit',
  });
}
