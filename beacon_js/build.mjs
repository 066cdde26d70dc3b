// Builds the scripts into collector/static/beacon/, ready to be served: each with its compressed twins, and a manifest with
// what a page needs to pin it (the content hash for an immutable URL, the digest for Subresource Integrity); and the inline loader.
import {createHash} from 'node:crypto';
import {mkdir, writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {bundle, compress, minifyLoader} from './bundle.mjs';

const ENTRIES = [
  {name: 'beacon.js', entry: 'src/index.ts'},
  {name: 'beacon.full.js', entry: 'src/full.ts'},
];

const output = new URL('../collector/static/beacon/', import.meta.url);
const write = (name, content) => writeFile(new URL(name, output), content);

await mkdir(output, {recursive: true});
const manifest = {version: '', files: {}};
for (const {name, entry} of ENTRIES) {
  const {script, version} = await bundle(entry);
  const {brotli, gzip} = compress(script);
  manifest.version = version;
  manifest.files[name] = {
    hash: createHash('sha256').update(script).digest('hex').slice(0, 16),
    integrity: 'sha384-' + createHash('sha384').update(script).digest('base64'),
    bytes: script.length,
    brotli_bytes: brotli.length,
  };
  await Promise.all([write(name, script), write(name + '.br', brotli), write(name + '.gz', gzip)]);
  console.log(`${fileURLToPath(output)}${name} ${script.length} B, brotli ${brotli.length} B, gzip ${gzip.length} B`);
}
await write('loader.js', await minifyLoader());
await write('manifest.json', JSON.stringify(manifest, null, 2) + '\n');
