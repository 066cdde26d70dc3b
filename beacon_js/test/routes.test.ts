import assert from 'node:assert/strict';
import test from 'node:test';
import {createMemoryRouter} from 'react-router';
import {fromParams} from '../src/routes/fromParams.js';
import {reportRoutes} from '../src/routes/react.js';
import {reportRoute} from '../src/routes/reportRoute.js';
import {toTemplate} from '../src/routes/toTemplate.js';
import type {Wideload} from '../src/types.js';

const PATTERNS = {
  '': '/',
  '/': '/',
  'product/:id/': '/product/:id',
  // Next
  '/product/[id]': '/product/:id',
  '/docs/[...slug]': '/docs/:slug*',
  '/docs/[[...slug]]': '/docs/:slug*',
  '/(shop)/product/[id]': '/product/:id',
  '/feed/(..)(..)photo/[id]': '/feed/photo/:id',
  '/(...)photo': '/photo',
  // SvelteKit
  '/[[lang]]/product/[id=integer]': '/:lang/product/:id',
  '/(app)': '/',
  '/archive/[year]-[month]': '/archive/:year-:month',
  '/smileys/[x+3a]-[x+29]': '/smileys/:-)',
  // vue-router
  '/product/:id(\\d+)?': '/product/:id',
  '/@:name': '/@:name',
  '/chapters/:names+': '/chapters/:names*',
  '/:path(.*)*': '/:path*',
  '/files/:path([^/]+/[^/()]+(?:\\)|x))/raw': '/files/:path/raw',
  // React Router
  '/files/*': '/files/*',
  '*': '/*',
  '/:lang?/about': '/:lang/about',
  '/edit?': '/edit',
};

for (const [pattern, template] of Object.entries(PATTERNS)) {
  test(`pattern ${pattern || '(none)'} is template ${template}`, () => assert.equal(toTemplate(pattern), template));
}

const PATHS: [string, Parameters<typeof fromParams>[1], string][] = [
  ['/', {}, '/'],
  ['/product/1', {id: '1'}, '/product/:id'],
  ['/product/product', {id: 'product'}, '/product/:id'],
  ['/1/reviews/1', {id: '1', review: '1'}, '/:id/reviews/:review'],
  ['/docs/a/b', {slug: ['a', 'b']}, '/docs/:slug*'],
  ['/docs', {slug: undefined}, '/docs'],
  ['/files/a/b', {path: 'a/b'}, '/files/:path*'],
  ['/product/caf%C3%A9', {id: 'café'}, '/product/:id'],
  ['/product/caf%C3%A9', {id: 'caf%C3%A9'}, '/product/:id'],
  ['/product/100%', {id: '100%'}, '/product/:id'],
  ['/product/1', {id: 'elsewhere'}, '/product/1'],
];

for (const [path, params, template] of PATHS) {
  test(`path ${path} with ${JSON.stringify(params)} is ${template}`, () => assert.equal(fromParams(path, params), template));
}

test('nothing is reported on the server', () => {
  assert.doesNotThrow(() => reportRoute('/'));
});

test('a route that is told before the beacon is there waits for it, as a call of the inline stub does', (context) => {
  const page: Pick<Window, 'wideload'> = {};
  Object.assign(globalThis, {window: page});
  context.after(() => Reflect.deleteProperty(globalThis, 'window'));

  reportRoute('/product/:id');

  assert.deepEqual(page.wideload?.q, [['route', '/product/:id']]);
});

test("a data router's navigations are reported once they have ended, and unknown addresses are not", async (context) => {
  const reported: string[] = [];
  Object.assign(globalThis, {window: {}});
  context.after(() => Reflect.deleteProperty(globalThis, 'window'));
  const loader = () => Promise.resolve(null);
  const router = createMemoryRouter([{path: '/', children: [{path: 'product/:id', loader}, {path: '/files/*'}]}]);
  const stop = reportRoutes(router, ((...call: unknown[]) => reported.push(String(call[1]))) as Wideload);

  const loading = router.navigate('/product/1');
  assert.deepEqual(reported, ['/']);
  await loading;
  await router.navigate('/product/2');
  await router.navigate('/product/2?color=red');
  await router.navigate('/nowhere');
  await router.navigate('/files/a/b');
  stop();
  await router.navigate('/');

  assert.deepEqual(reported, ['/', '/product/:id', '/product/:id', '/files/*']);
});
