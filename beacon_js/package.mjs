// Builds the npm package into dist/: an ES module for every entry of package.json's `exports`, with what they share in
// chunks, their types, and the scripts as they are served.
import {spawnSync} from 'node:child_process';
import {copyFile, mkdir, readFile, readdir, rm} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import {TARGET} from './bundle.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, 'dist');
const served = join(here, '../collector/static/beacon');
const {exports, version} = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'));
const modules = Object.values(exports).filter((entry) => entry.types);

/** Writes the modules. They are not minified, which the application's own build does. */
const writeModules = () =>
  build({
    entryPoints: modules.map((entry) => entry.default.replace(/^\.\/dist\/(.*)\.js$/, join(here, 'src/$1.ts'))),
    outdir: dist,
    outbase: join(here, 'src'),
    bundle: true,
    splitting: true,
    chunkNames: 'shared/[hash]',
    format: 'esm',
    target: TARGET,
    define: {VERSION: JSON.stringify(version)},
    external: ['next/*', 'react', 'react-router'],
  });

/** Returns the declarations that a file needs, itself included. */
const follow = async (file, found = new Set()) => {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, specifier] of (await readFile(file, 'utf8')).matchAll(/['"](\.[^'"]*)\.js['"]/g)) {
    await follow(resolve(dirname(file), specifier + '.d.ts'), found);
  }
  return found;
};

/** Writes the types. tsc declares every module; the package keeps what its entries need. */
const writeTypes = async () => {
  const tsc = join(here, 'node_modules/.bin/tsc');
  const {status} = spawnSync(tsc, ['-p', join(here, 'tsconfig.package.json')], {stdio: 'inherit'});
  if (status) process.exit(status);
  const needed = new Set();
  for (const entry of modules) await follow(join(here, entry.types), needed);
  const files = (await readdir(dist, {recursive: true})).map((name) => join(dist, name));
  await Promise.all(files.filter((file) => file.endsWith('.d.ts') && !needed.has(file)).map((file) => rm(file)));
};

await rm(dist, {recursive: true, force: true});
await writeModules();
await writeTypes();
const {files} = JSON.parse(await readFile(join(served, 'manifest.json'), 'utf8'));
await mkdir(join(dist, 'iife'));
await Promise.all([
  ...[...Object.keys(files), 'manifest.json'].map((name) => copyFile(join(served, name), join(dist, 'iife', name))),
  copyFile(join(here, '../LICENSE'), join(dist, 'LICENSE')),
]);
