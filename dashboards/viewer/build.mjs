/**
 * Builds the viewer into collector/static/viewer, and copies the dashboard definitions and their schema beside it.
 *
 *     node build.mjs           once, minified, compressed, within the budget
 *     node build.mjs --watch   again after every change, readable
 */

import { build, context } from 'esbuild';
import { readFile, readdir, rm, mkdir, writeFile, copyFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const here = path.dirname(fileURLToPath(import.meta.url));
const definitions = path.join(here, '../definitions');
const out = path.join(here, '../../collector/static');
const viewer = path.join(out, 'viewer');

/** The most that may travel, brotli-compressed, in bytes. */
const BUDGET = { '.js': 30 * 1024, '.css': 6 * 1024 };

const watch = process.argv.includes('--watch');

const options = {
  absWorkingDir: here,
  entryPoints: { viewer: 'main.tsx', style: 'styles/main.css' },
  outdir: path.join(viewer, 'assets'),
  entryNames: '[name]-[hash]',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: !watch,
  sourcemap: watch,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  plugins: [{ name: 'finish', setup: (step) => step.onEnd(finish) }],
};

/** Writes what belongs to the bundles: the page that loads them, compressed twins, licences, definitions. */
async function finish({ metafile, errors }) {
  if (errors.length > 0) return;
  const files = Object.keys(metafile.outputs).map((name) => path.resolve(here, name));
  const asset = (extension) => `/assets/${path.basename(files.find((name) => name.endsWith(extension)))}`;
  const page = await readFile(path.join(here, 'index.html'), 'utf8');
  await writeFile(path.join(viewer, 'index.html'), page.replace('%js%', asset('.js')).replace('%css%', asset('.css')));
  await copyFile(path.join(here, 'node_modules/preact/LICENSE'), path.join(viewer, 'preact-license.txt'));
  await copyDefinitions();
  for (const file of files) await compress(file);
}

async function copyDefinitions() {
  const target = path.join(out, 'definitions');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const name of await readdir(definitions)) {
    if (name.endsWith('.json')) await copyFile(path.join(definitions, name), path.join(target, name));
  }
  await mkdir(path.join(out, 'schemas'), { recursive: true });
  await copyFile(path.join(here, '../schema.json'), path.join(out, 'schemas/dashboard.json'));
}

async function compress(file) {
  const bytes = await readFile(file);
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  await writeFile(`${file}.br`, brotli);
  await writeFile(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  const budget = BUDGET[path.extname(file)];
  console.log(`${path.basename(file)}: ${bytes.length} bytes, ${brotli.length} as brotli of ${budget ?? 'any number'} allowed`);
  if (!watch && budget && brotli.length > budget) {
    throw new Error(`${path.basename(file)} is ${brotli.length - budget} bytes over its budget of ${budget} brotli-compressed bytes.`);
  }
}

await rm(viewer, { recursive: true, force: true });
await mkdir(viewer, { recursive: true });
if (watch) await (await context(options)).watch();
else await build(options);
