// Bundles every test/*.test.ts for Node and runs them with its own test runner; arguments go to `node --test`.
import {spawnSync} from 'node:child_process';
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const output = await mkdtemp(join(tmpdir(), 'beacon-test-'));
try {
  const tests = (await readdir(here)).filter((name) => name.endsWith('.test.ts'));
  await build({
    entryPoints: tests.map((name) => join(here, name)),
    outdir: output,
    outExtension: {'.js': '.mjs'},
    bundle: true,
    platform: 'node',
    format: 'esm',
    sourcemap: 'inline',
    define: {VERSION: '"0.0.0"'},
  });
  const files = tests.map((name) => join(output, name.replace('.ts', '.mjs')));
  files.push(...(await readdir(here)).filter((name) => name.endsWith('.test.mjs')).map((name) => join(here, name)));
  const {status} = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...process.argv.slice(2), ...files], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  await rm(output, {recursive: true});
}
