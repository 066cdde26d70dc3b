/**
 * Builds the viewer into collector/static/viewer, and copies the dashboard definitions and their schema beside it.
 *
 *     node build.mjs           once, minified, compressed, within the budget
 *     node build.mjs --watch   again after every change, readable
 */

import { build, context, transform } from 'esbuild';
import { readFile, readdir, rm, mkdir, writeFile, copyFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import { world } from './world.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const definitions = path.join(here, '../definitions');
const out = path.join(here, '../../collector/static');
const viewer = path.join(out, 'viewer');

/**
 * The most that may travel before the Overview is whole, brotli-compressed, in bytes. What another view needs (Explore, heat maps,
 * editing, downloads) comes when it is asked for, and is only told.
 */
const BUDGET = { '.js': 36 * 1024, '.css': 8 * 1024 };

const watch = process.argv.includes('--watch');

const options = {
  absWorkingDir: here,
  entryPoints: { viewer: 'main.tsx', style: 'styles/main.css' },
  outdir: path.join(viewer, 'assets'),
  entryNames: '[name]-[hash]',
  chunkNames: 'part-[hash]',
  splitting: true,
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
  plugins: [world, { name: 'later', setup: styleLater }, { name: 'parts', setup: keepTogether }, { name: 'finish', setup: (step) => step.onEnd(finish) }],
};

/**
 * Keeps what the page starts with in one bundle. esbuild makes a bundle for every set of parts that share something, sixteen small
 * ones at the start, which browsers fetch six at a time; so each part that comes later imports all of the start, which is there anyway.
 */
function keepTogether(step) {
  const start = path.join(here, 'shell/root.tsx');
  const parts = new Set();
  step.onResolve({ filter: /^\./ }, ({ kind, path: name, resolveDir }) => {
    if (kind === 'dynamic-import') parts.add(path.join(resolveDir, name));
  });
  step.onLoad({ filter: /\.tsx?$/ }, async ({ path: file }) => {
    if (!parts.has(file.replace(/\.tsx?$/, ''))) return undefined;
    const contents = `${await readFile(file, 'utf8')}\nimport ${JSON.stringify(start)};\n`;
    return { contents, loader: path.extname(file).slice(1) };
  });
}

/** Styles of parts that come later come with them, as texts that `ui/adopt.ts` gives to the page. */
function styleLater(step) {
  step.onLoad({ filter: /styles.later.[^/\\]+\.css$/ }, async ({ path: file }) => {
    const { code } = await transform(await readFile(file, 'utf8'), { loader: 'css', minify: !watch, target: options.target });
    return { contents: code, loader: 'text' };
  });
}

/** Writes what belongs to the bundles: the page that loads them, compressed twins, licences, definitions. */
async function finish({ metafile, errors }) {
  if (errors.length > 0) return;
  const page = await readFile(path.join(here, 'index.html'), 'utf8');
  const [script, style] = ['main.tsx', 'styles/main.css'].map((source) => startOf(metafile, source));
  const preload = script.slice(1).map((name) => `<link rel="modulepreload" href="${address(name)}">`).join('\n    ');
  const filled = page.replace('%js%', address(script[0])).replace('%css%', address(style[0])).replace('%preload%', preload);
  await writeFile(path.join(viewer, 'index.html'), filled);
  await copyFile(path.join(here, 'node_modules/preact/LICENSE'), path.join(viewer, 'preact-license.txt'));
  await copyDefinitions();
  const sizes = new Map();
  for (const name of Object.keys(metafile.outputs)) sizes.set(name, await compress(path.resolve(here, name)));
  for (const [extension, start] of [['.js', script], ['.css', style]]) {
    const all = [...sizes.keys()].filter((name) => name.endsWith(extension));
    console.log(`${extension} in all: ${sum(all, sizes)} bytes as brotli`);
    check(`${extension} of the Overview`, sum(start, sizes), BUDGET[extension]);
  }
}

/** A bundle by its source, and the bundles that it cannot start without. */
function startOf({ outputs }, source) {
  const names = [Object.keys(outputs).find((name) => outputs[name].entryPoint === source)];
  for (const name of names) {
    for (const { path: needed, kind } of outputs[name].imports) {
      if (kind === 'import-statement' && !names.includes(needed)) names.push(needed);
    }
  }
  return names;
}

function address(name) {
  return `/assets/${path.basename(name)}`;
}

function sum(names, sizes) {
  return names.reduce((total, name) => total + sizes.get(name), 0);
}

function check(what, size, budget) {
  console.log(`${what}: ${size} bytes as brotli of ${budget} allowed`);
  if (!watch && size > budget) throw new Error(`The viewer's ${what} is ${size - budget} bytes over its budget of ${budget} brotli-compressed bytes.`);
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

/** Writes compressed twins; returns the size as brotli. */
async function compress(file) {
  const bytes = await readFile(file);
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  await writeFile(`${file}.br`, brotli);
  await writeFile(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  console.log(`${path.basename(file)}: ${bytes.length} bytes, ${brotli.length} as brotli`);
  return brotli.length;
}

await rm(viewer, { recursive: true, force: true });
await mkdir(viewer, { recursive: true });
if (watch) await (await context(options)).watch();
else await build(options);
