// What the README holds, for the tests that hold it to it.
import {readFile, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const room = fileURLToPath(new URL('..', import.meta.url));

export const readme = await readFile(join(room, 'README.md'), 'utf8');

/** The blocks of code with their language. */
export const blocks = [...readme.matchAll(/```(\w+)\n([^]*?)```/g)].map(([, language, code]) => ({language, code}));

const apps = join(room, '../tests/beacon/apps');
const isBuilt = (name) => /\/(node_modules|\.next|\.svelte-kit|build|dist|out)\//.test(name);
const files = (await readdir(apps, {recursive: true})).filter((name) => /\.(tsx?|svelte)$/.test(name) && !isBuilt(name));
const sources = await Promise.all(files.map((name) => readFile(join(apps, name), 'utf8')));

/** Says whether a block stands in one of the applications that `make test-apps` builds and drives. */
export const isOfAnApp = ({code}) => sources.some((source) => source.includes(code));
