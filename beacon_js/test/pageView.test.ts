import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import {openPageView, takeSnapshot} from '../src/pageView.js';
import type {PageView} from '../src/types.js';

before(() => {
  Object.assign(globalThis, {
    location: {href: 'https://shop.example/cart?step=2#pay', host: 'shop.example', pathname: '/cart'},
    document: {referrer: 'https://search.example/?q=shoes', visibilityState: 'visible'},
  });
});

const open = (start = 0) => openPageView({endpoint: 'https://collector.example/v1/beacon/key', route: '/cart'}, start);
const take = (view: PageView, age = 1, cls = 0) => {
  const body = takeSnapshot(view, [view.page, {cls: {value: cls}}], {page: {age}});
  return body && JSON.parse(body);
};

test('a snapshot is a beacon with one event', () => {
  const view = open();

  const {v, sent_at, events} = take(view);

  assert.equal(v, 1);
  assert.ok(Math.abs(sent_at - Date.now()) < 1000);
  assert.equal(events.length, 1);
  assert.equal(events[0].id, view.id);
  assert.equal(events[0].kind, 'page_view');
  assert.equal(events[0].revision, 0);
  assert.equal(events[0].time, Math.round(performance.timeOrigin));
  assert.equal(events[0]['page.age'], 1);
});

test('addresses lose their queries', () => {
  const event = take(open()).events[0];

  assert.equal(event['page.url'], 'https://shop.example/cart');
  assert.equal(event['page.referrer'], 'https://search.example/');
  assert.equal(event['page.referrer_host'], 'search.example');
});

test('nothing new is not sent again, though time has passed', () => {
  const view = open();
  take(view, 1);

  assert.equal(take(view, 2), undefined);
});

test('a change sends the whole row with the next revision', () => {
  const view = open();
  const [first] = take(view, 1, 0).events;

  const [second] = take(view, 2, 0.25).events;

  assert.deepEqual(second, {...first, revision: 1, 'cls.value': 0.25, 'page.age': 2});
});

test('a later view begins later', () => {
  const view = open(5000.4);

  assert.equal(take(view).events[0].time, Math.round(performance.timeOrigin + 5000.4));
  assert.notEqual(view.id, open().id);
});
