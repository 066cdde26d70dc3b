import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import {stripInvoker} from '../src/lib/stripInvoker.js';
import {stripUrl} from '../src/lib/stripUrl.js';

before(() => {
  Object.assign(globalThis, {location: {href: 'https://shop.example/cart/?step=2'}});
});

test('of a URL, origin and path are kept', () => {
  assert.equal(stripUrl('https://user:secret@cdn.example:8443/a/b.js?token=1#top'), 'https://cdn.example:8443/a/b.js');
  assert.equal(stripUrl('../hero.jpg?w=9'), 'https://shop.example/hero.jpg');
});

test('of a URL without a host, the scheme is kept', () => {
  assert.equal(stripUrl('data:image/png;base64,AAAA'), 'data:');
  assert.equal(stripUrl('blob:https://shop.example/0b5e'), 'blob:');
  assert.equal(stripUrl('chrome-extension://abcdef/content.js'), 'chrome-extension:');
});

test('what is no URL is nothing', () => {
  assert.equal(stripUrl('http://'), '');
});

test('invokers keep what is no query', () => {
  for (const invoker of ['BUTTON#buy.onclick', 'Window.setTimeout', 'Response.json.then', 'A[href].x']) {
    assert.equal(stripInvoker(invoker), invoker);
  }
});

test('invokers lose queries', () => {
  assert.equal(stripInvoker('https://shop.example/app.js?token=1'), 'https://shop.example/app.js');
  assert.equal(stripInvoker('IMG[src=/a[1].png?token=1#x].onload'), 'IMG[src=https://shop.example/a[1].png].onload');
  assert.equal(stripInvoker('IMG[src=data:image/png;base64,AAAA].onload'), 'IMG[src=data:].onload');
});
