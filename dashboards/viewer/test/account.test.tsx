import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from 'preact-render-to-string';

import type { Api } from '../api';
import { AccountPanel, describeRole } from '../shell/account';
import type { User } from '../types';

const user = (kind: User['kind'], roles: User['roles'] = {}): User => ({ kind, name: 'anna', roles });
const panel = (one: User) => render(<AccountPanel api={{} as Api} user={one} dataset="shop" onDone={() => {}} />);

test('the role that counts here is named', () => {
  assert.equal(describeRole(user('user', { shop: 'editor', blog: 'admin' }), 'shop'), 'editor of shop');
  assert.equal(describeRole(user('user', { '*': 'viewer', shop: 'editor' }), 'shop'), 'editor of shop');
  assert.equal(describeRole(user('user', { '*': 'admin', shop: 'editor' }), 'shop'), 'admin of all datasets');
  assert.equal(describeRole(user('user'), 'shop'), 'no role yet');
});

test('everybody may sign out, and only who has a password may change it', () => {
  for (const kind of ['user', 'sso', 'token', 'admin-token'] as const) {
    const html = panel(user(kind));
    assert.match(html, />Sign out</);
    assert.match(html, /<a href="\/api">HTTP API<\/a>/);
    assert.equal(html.includes('Change the password'), kind === 'user');
  }
});

test('a name stays text, and leaves its neighbours as they are', () => {
  const html = panel({ kind: 'sso', name: '<b>\u202Eanna', roles: {} });
  assert.match(html, /<bdi>&lt;b>\u202Eanna<\/bdi>/);
});
