import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test, {after, before} from 'node:test';
import {build} from 'esbuild';
import {createConsumer, pack, room, typecheck} from './consumer.mjs';
import {blocks, isOfAnApp} from './readme.mjs';

const {exports, version} = JSON.parse(await readFile(join(room, 'package.json'), 'utf8'));
const names = Object.keys(exports).map((name) => '@wideload/beacon' + name.slice(1));
const modules = names.filter((name, index) => Object.values(exports)[index].types);

let consumer;
before(async () => {
  consumer = await createConsumer();
});
after(() => consumer.remove());

/** Runs a module in the project and returns what it prints. */
const run = async (source) => {
  const file = join(consumer.folder, 'main.mjs');
  await writeFile(file, source);
  return execFileSync(process.execPath, [file], {encoding: 'utf8'});
};

/** Bundles a module of the project and returns its size and the package's files in it. */
const bundle = async (contents) => {
  const {metafile} = await build({
    stdin: {contents, resolveDir: consumer.folder},
    bundle: true,
    format: 'esm',
    minify: true,
    metafile: true,
    write: false,
  });
  const [{bytes, inputs}] = Object.values(metafile.outputs);
  return {bytes, files: Object.keys(inputs).map((path) => path.replace(/.*@wideload\/beacon\/dist\//, ''))};
};

test('every entry leads to a file', async () => {
  const printed = await run(names.map((name) => `console.log(import.meta.resolve('${name}'));`).join('\n'));

  const urls = printed.trim().split('\n');
  assert.equal(urls.length, names.length);
  await Promise.all(urls.map((url) => readFile(new URL(url))));
});

test('on a server every module can be imported, and init() does nothing', async () => {
  // Next is not here; its own server imports that module in `make test-apps`.
  const imports = modules.filter((name) => !name.endsWith('/next')).map((name) => `import '${name}';`);
  const call = `import {init} from '@wideload/beacon';
    const wideload = init({key: 'shop', endpoint: 'https://rum.example/v1/beacon/shop'});
    wideload('set', {plan: 'pro'});
    console.log(typeof wideload, typeof globalThis.wideload);`;

  assert.equal(await run([...imports, call].join('\n')), 'function undefined\n');
});

for (const [module, resolution] of [
  ['ESNext', 'Bundler'],
  ['Node16', 'Node16'],
]) {
  test(`types are found and compile with moduleResolution ${resolution}`, async () => {
    const imports = modules.map((name, index) => `export * as m${index} from '${name}';`).join('\n');
    const use = `import {init, type Options, type Part, type Wideload} from '@wideload/beacon';
      import {waterfall} from '@wideload/beacon/waterfall';
      const options: Options = {key: 'shop', endpoint: '/v1/beacon/shop', storage: 'session'};
      const parts: Part[] = [waterfall()];
      const wideload: Wideload = init(options, parts);
      wideload('event', 'bought', {total: 3});
      // @ts-expect-error
      wideload('evnt', 'bought');
      // @ts-expect-error: the package adds no name to a project's own.
      VERSION;`;

    assert.equal(await typecheck(consumer.folder, {'all.ts': imports, 'use.ts': use}, module, resolution), '');
  });
}

test("the README's code compiles", async () => {
  const codes = blocks.filter((block) => block.language === 'ts' && !isOfAnApp(block)).map(({code}) => code);

  assert.equal(codes.length, 4);
  const files = Object.fromEntries(codes.map((code, index) => [`block${index}.ts`, code]));
  assert.equal(await typecheck(consumer.folder, files, 'ESNext', 'Bundler'), '');
});

test('a part that is not imported is not in the bundle', async () => {
  const parts = {clicks: 'clicks', reports: 'reports', waterfall: 'waterfall', traceHeaders: 'trace-headers'};
  const load = Object.entries(parts).map(([name, entry]) => `import {${name}} from '@wideload/beacon/${entry}';`);
  const start = (list) => `import {init} from '@wideload/beacon'; init({key: 'shop', endpoint: '/b'}, [${list}]);`;

  const alone = await bundle(start(''));
  const unused = await bundle([...load, start('')].join('\n'));
  const all = await bundle([...load, start('clicks(), reports(), waterfall(), traceHeaders([])')].join('\n'));

  assert.deepEqual(alone.files.filter((file) => file.startsWith('parts/') || file.startsWith('routes/')), []);
  // Not equal: the imports may change which short names the bundler gives.
  assert.ok(Math.abs(unused.bytes - alone.bytes) < 8, `${unused.bytes} and ${alone.bytes} bytes`);
  assert.ok(alone.bytes < all.bytes, `${alone.bytes} and ${all.bytes} bytes`);
  assert.equal(all.files.filter((file) => file.startsWith('parts/')).length, 4);
});

test('the scripts are those that are served', async () => {
  const {files} = JSON.parse(await readFile(join(room, '../collector/static/beacon/manifest.json'), 'utf8'));

  for (const name of Object.keys(files)) {
    const packed = await readFile(join(consumer.folder, 'node_modules/@wideload/beacon/dist/iife', name));
    const served = await readFile(join(room, '../collector/static/beacon', name));
    assert.ok(packed.equals(served), name);
    assert.ok(packed.includes(`"${version}"`), `${name} carries the version`);
  }
});

test("Next's module says that it is for the browser", async () => {
  const source = await readFile(join(consumer.folder, 'node_modules/@wideload/beacon/dist/routes/next.js'), 'utf8');

  assert.ok(source.startsWith('"use client";'));
});

test('the same sources make the same package', async () => {
  const first = await readFile(consumer.tarball);

  const second = await readFile(pack(consumer.folder));

  assert.ok(first.equals(second));
});
