/** Bundles every test/*.test.ts(x) for Node and runs them with its own test runner; arguments go to `node --test`. */

import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { world } from '../world.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const output = await mkdtemp(path.join(tmpdir(), 'viewer-test-'));
try {
  const tests = (await readdir(here)).filter((name) => /\.test\.tsx?$/.test(name));
  await build({
    entryPoints: tests.map((name) => path.join(here, name)),
    outdir: output,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    sourcemap: 'inline',
    loader: { '.css': 'text' },
    plugins: [world],
  });
  const files = tests.map((name) => path.join(output, name.replace(/\.tsx?$/, '.mjs')));
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...process.argv.slice(2), ...files], {
    stdio: 'inherit',
    // Moments are written in the reader's time zone; the tests' reader is in one where clocks change.
    env: { ...process.env, TZ: 'Europe/Berlin' },
  });
  process.exitCode = status ?? 1;
} finally {
  await rm(output, { recursive: true });
}
