import assert from 'node:assert/strict';
import test from 'node:test';
import {mask} from '../src/lib/mask.js';

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
  for (const text of ['/product/4711', 'Cannot read properties of undefined', 'https://cdn.example/a.3f9a.js', '#buy>span.token']) {
    assert.equal(mask(text), text);
  }
});
