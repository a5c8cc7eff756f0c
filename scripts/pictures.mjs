/**
 * Draws the pictures of docs/proxy-execution.md anew, by the commands that stand above them there. `npm run pictures`; look at
 * what changed before you commit it. A test (packages/cli/test/proxy-docs.test.ts) fails while they are not what the tool draws.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const text = readFileSync(`${root}docs/proxy-execution.md`, 'utf8');

for (const [, command, how, picture] of text.matchAll(/^npx proxysched (.*?) (--svg|>) (docs\/pictures\/[\w-]+\.svg)$/gm)) {
  const argv = [...command.split(' '), ...(how === '>' ? [] : ['--svg', picture, '--quiet'])];
  const child = spawnSync(process.execPath, ['packages/cli/bin/proxysched.js', ...argv], { cwd: root, encoding: 'utf8' });
  if (child.status !== 0) {
    process.stderr.write(`${command}: ${child.stderr}`);
    process.exitCode = 1;
    continue;
  }
  if (how === '>') writeFileSync(`${root}${picture}`, child.stdout);
  process.stdout.write(`${picture}\n`);
}
