// Bundles the scripts in memory: build.mjs writes them, the size test weighs them.
import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {brotliCompressSync, constants, gzipSync} from 'node:zlib';
import {build} from 'esbuild';
import {minify} from 'terser';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

// Older browsers can't parse the script and are not measured. They tell little more than the navigation, and Safari
// before 14.1 would need a way of its own to notice that a page is left (see src/lib/onLeave.ts).
export const TARGET = ['chrome91', 'firefox79', 'safari14.1'];

// Properties of our own that are no field's, option's or platform's name: see PageView and Interaction in the sources.
const INTERNAL = /^(interactionsBefore|isLeft|kinds|shifts|worst|states|longest|place|rendered|traceId|largest|fields|sent|pending|frame)$/;

/** Returns the script of an entry point as it is served, and its version. */
export const bundle = async (entry = 'src/index.ts') => {
  const {version} = JSON.parse(await readFile(path('package.json'), 'utf8'));
  const bundled = await build({
    entryPoints: [path(entry)],
    bundle: true,
    format: 'iife',
    minifySyntax: true,
    target: TARGET,
    define: {VERSION: JSON.stringify(version)},
    write: false,
  });
  // A second minifier, because terser inlines what is called once: 8 % less than esbuild's own.
  const {code} = await minify(bundled.outputFiles[0].text, {
    ecma: 2020,
    toplevel: true,
    // `unsafe` shortens String(x) and the like, which are not redefined here.
    compress: {passes: 3, unsafe: true},
    mangle: {properties: {regex: INTERNAL}},
    format: {comments: false},
  });
  return {script: Buffer.from(code), version};
};

/** Returns the inline script for a script host of its own: see loader/preload.js. */
export const minifyLoader = async () => {
  const {code} = await minify(await readFile(path('loader/preload.js'), 'utf8'), {
    ecma: 2020,
    compress: {passes: 3},
    format: {comments: false},
  });
  return code;
};

/** Returns a script in the encodings that are served. */
export const compress = (script) => ({
  brotli: brotliCompressSync(script, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: script.length,
    },
  }),
  gzip: gzipSync(script, {level: 9}),
});
