// A project that has installed the package as it would be published: packed, unpacked, beside the frameworks' types.
import {execFileSync} from 'node:child_process';
import {mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

export const room = fileURLToPath(new URL('..', import.meta.url));
const tool = (name) => join(room, 'node_modules/.bin', name);

/** Packs the package into a folder and returns the tarball's path. */
export const pack = (folder) => {
  const printed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {cwd: room, encoding: 'utf8'});
  return join(folder, printed.trim().split('\n').pop());
};

/** Creates the project, and returns its folder and the tarball's path. */
export const createConsumer = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'beacon-consumer-'));
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@wideload/beacon'), {recursive: true});
  const tarball = pack(folder);
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', join(modules, '@wideload/beacon')]);
  for (const name of ['@types', 'csstype', 'react', 'react-router']) {
    await symlink(join(room, 'node_modules', name), join(modules, name));
  }
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  return {folder, tarball, remove: () => rm(folder, {recursive: true})};
};

/** Checks sources by name in a project with a compiler's module settings, and returns what the compiler says. */
export const typecheck = async (folder, sources, module, moduleResolution) => {
  const compilerOptions = {target: 'ES2022', module, moduleResolution, strict: true, noEmit: true, types: [], jsx: 'react-jsx'};
  const project = await mkdtemp(join(folder, 'src-'));
  for (const [name, source] of Object.entries(sources)) await writeFile(join(project, name), source);
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({compilerOptions, include: ['.']}));
  try {
    return execFileSync(tool('tsc'), ['-p', project], {encoding: 'utf8'});
  } catch ({stdout}) {
    return stdout;
  }
};
