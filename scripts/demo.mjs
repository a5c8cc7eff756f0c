/** `npm run demo`: the command line's own demonstration, on the packages just built. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../packages/cli/bin/proxysched.js', import.meta.url));
const { status } = spawnSync(process.execPath, [bin, 'demo', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
