import assert from 'node:assert/strict';
import test from 'node:test';
import {mask} from '../src/lib/mask.js';

test('of an address, origin and path are kept', () => {
  assert.equal(mask('https://user:secret@cdn.example:8443/a/b.js?token=1#top'), 'https://cdn.example:8443/a/b.js');
  assert.equal(mask('https://app.example/#/order/1'), 'https://app.example/');
  assert.equal(mask('https://wiki.example/A_(b)?c=1'), 'https://wiki.example/A_(b)');
});

test('of an address without a host, the scheme is kept', () => {
  assert.equal(mask('data:image/svg+xml,<svg a="1"></svg>'), 'data:');
  assert.equal(mask('blob:https://shop.example/0b5e'), 'blob:');
  assert.equal(mask('chrome-extension://abcdef/content.js'), 'chrome-extension:');
});

test('stacks lose queries and keep positions', () => {
  assert.equal(mask('Error: no\n    at f (https://a.example/b.js?c=1:10:5)'), 'Error: no\n    at f (https://a.example/b.js:10:5)');
  assert.equal(mask('f@https://a.example/b.js?c=1#d:10:5\ng@https://a.example/:1:2'), 'f@https://a.example/b.js:10:5\ng@https://a.example/:1:2');
});

test('invokers of scripts lose queries and nothing else', () => {
  for (const invoker of ['BUTTON#buy.onclick', 'Window.setTimeout', 'Response.json.then', 'A[href].x']) {
    assert.equal(mask(invoker), invoker);
  }
  assert.equal(mask('IMG[src=/a[1].png?token=1#x].onload'), 'IMG[src=/a[1].png].onload');
  assert.equal(mask('IMG[src=data:image/png;base64,AAAA].onload'), 'IMG[src=data:');
});

test('e-mail addresses are masked, also encoded ones', () => {
  assert.equal(mask('/user/ann.b+x@mail.example/edit'), '/user/[email]/edit');
  assert.equal(mask('/user/ann%40mail.example.org'), '/user/[email]');
});

test('JSON Web Tokens are masked', () => {
  assert.equal(mask('bearer eyJhbGciOi.eyJzdWIiOi.SflKxwRJ_-x done'), 'bearer [token] done');
});

test('what follows a word for a secret is masked', () => {
  assert.equal(mask('at /x?access_token=abc&page=2'), 'at /x?access_token=[secret]&page=2');
  assert.equal(mask('{"password": "hunter2"}'), '{"password": "[secret]"}');
  assert.equal(mask('api-key: 123 next'), 'api-key: [secret] next');
});

test('ordinary texts stay', () => {
  for (const text of ['/product/4711', 'Cannot read properties of undefined', 'Bad data: really?', 'https://cdn.example/a.3f9a.js', '#buy>span.token']) {
    assert.equal(mask(text), text);
  }
});
