import { register } from 'node:module';
import type { Io, Output } from './io.js';

/** The real world: this process, its streams and its clock. */
export function processIo(): Io {
  return {
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    readStdin,
    cwd: process.cwd(),
    env: process.env,
    importModule,
    now: () => performance.now(),
  };
}

function output(stream: NodeJS.WriteStream): Output {
  // Whoever reads has read enough (`| head`): nobody is left to tell, so end without a word.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  return {
    write: chunk => void stream.write(chunk),
    isTTY: stream.isTTY === true,
  };
}

async function readStdin(limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) break;
  }
  return Buffer.concat(chunks);
}

let hooked = false;

function importModule(url: string): Promise<unknown> {
  if (!hooked) register('./plugin-resolver.js', import.meta.url);
  hooked = true;
  return import(url);
}
