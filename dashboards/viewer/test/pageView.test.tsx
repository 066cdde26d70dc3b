import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from 'preact-render-to-string';

import type { App } from '../context';
import { AppProvider } from '../context';
import { ResourcesPanel } from '../panels/resources';
import { WaterfallPanel } from '../panels/waterfall';
import { DEFAULT_STATE } from '../state';
import type { Session } from '../types';
import { SessionViews } from '../views/sessionViews';
import { LongFrames, ResourceTotals } from '../views/totals';
import { ErrorItem } from '../views/viewErrors';
import { Visibility } from '../views/visibility';

/** What a reader sees or hears, without markup. */
const words = (html: string) => html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/[\s\u00a0]+/g, ' ');

const lists = {
  'resources.host': ['shop.example', 'cdn.example'],
  'resources.path': ['/app.js', '/<b>.png'],
  'resources.initiator': ['script', 'img'],
  'resources.start': [10, 20],
  'resources.duration': [100, 2500],
};

test('the resources have a sentence that names the slowest, and say what is missing', () => {
  const facts = { 'page.host': 'shop.example', 'resource.count': 120, 'resource.transfer_size': 2_400_000, 'resource.dropped_count': 118 };
  const html = render(<ResourcesPanel facts={facts} lists={lists} />);
  assert.match(words(html), /120 resources, 2\.4 MB, 118 not shown/);
  assert.match(words(html), /2 resources; the slowest is cdn\.example\/&lt;b>\.png, 2\.50 s\./);
  assert.ok(!html.includes('<b>'));
});

test('without resources a sentence says why', () => {
  const say = (facts: object) => words(render(<ResourcesPanel facts={facts as Record<string, string>} lists={{}} />));
  assert.match(say({}), /The beacon sent no list of resources\./);
  assert.match(say({ 'resource.count': 0 }), /The page loaded nothing besides itself\./);
  assert.match(say({ 'resource.count': 0, 'navigation.type': 'route-change' }), /This view loaded nothing\./);
  assert.match(say({ 'resource.count': 900, 'beacon.cut': 'resources' }), /left out to keep the beacon small/);
});

test('totals are tables, and hidden sizes a dash', () => {
  const totals = { 'resource_types.name': ['img'], 'resource_types.count': [3], 'resource_types.duration': [420], 'resource_types.transfer_size': [null] };
  const text = words(render(<ResourceTotals lists={totals} />));
  assert.match(text, /img 3 420 ms –/);
  assert.match(text, /Nothing came from another host\./);
  assert.equal(render(<ResourceTotals lists={{}} />), '');
});

test('long animation frames say what they cost, or why there are none', () => {
  const scripts = { 'loaf_scripts.url': ['https://shop.example/app.js'], 'loaf_scripts.duration': [130], 'loaf_scripts.function': [''] };
  const text = words(render(<LongFrames facts={{ 'loaf.count': 2, 'loaf.duration': 260, 'loaf.blocking_duration': 90 }} lists={scripts} />));
  assert.match(text, /2, 260 ms together, 90 ms blocked/);
  assert.match(text, /https:\/\/shop\.example\/app\.js – .*130 ms/);
  assert.match(words(render(<LongFrames facts={{}} lists={{}} />)), /does not tell of long animation frames/);
  assert.match(words(render(<LongFrames facts={{ 'loaf.count': 0 }} lists={{}} />)), /No frame took longer than 50 ms\./);
});

test('an error says type, message, place and how often; its text stays text', () => {
  const error = {
    'error.source': 'exception', 'exception.type': 'TypeError', 'exception.message': '<img src=x>', 'error.url': 'https://shop.example/app.js',
    'error.line': 12, 'error.column': 7, 'error.occurrences': 3, 'exception.stacktrace': 'TypeError\n    at f',
  };
  const html = render(<ErrorItem error={error} />);
  assert.match(words(html), /TypeError &lt;img src=x> 3 times exception · https:\/\/shop\.example\/app\.js:12:7 Stack TypeError at f/);
  assert.ok(!html.includes('<img'));
});

test('an error without a type is called by its source', () => {
  const html = render(<ErrorItem error={{ 'error.source': 'resource', 'error.element': 'img.hero', 'error.occurrences': 1 }} />);
  assert.match(words(html), /^ ?resource img\.hero ?$/);
});

test('the strip of visibility is there only where the page was hidden', () => {
  const seen = { 'visibility.state': ['visible'], 'visibility.time': [0] };
  const left = { 'visibility.state': ['visible', 'hidden'], 'visibility.time': [0, 4000] };
  assert.equal(render(<Visibility facts={{ 'page.age': 9000 }} lists={seen} />), '');
  assert.match(render(<Visibility facts={{ 'page.age': 9000 }} lists={left} />), /The page was visible for 4\.00.s, hidden from 4\.00.s for 5\.00.s\./);
});

test('the sentence of the waterfall names what went worst, and its target stays text', () => {
  const event = {
    'navigation.request_start': 10, 'navigation.response_start': 200, 'navigation.response_end': 260, 'lcp.value': 700,
    'inp.interaction_time': 8000, 'inp.value': 240, 'inp.interaction_target': 'a<b>',
  };
  const html = render(<WaterfallPanel data={event} options={{ id: 'waterfall', title: 'Navigation' }} />);
  assert.match(words(html), /The longest phase is Request, 190 ms\. LCP at 700 ms\. Slowest input: 240 ms at 8\.00 s, .*a&lt;b>/);
});

const shown = (session: Session | null) =>
  render(
    <AppProvider value={{ go: () => undefined } as unknown as App}>
      <SessionViews state={{ ...DEFAULT_STATE, view: 'page-view', id: 'b' }} session={session} id="b" />
    </AppProvider>,
  );
const view = (id: string, more: object = {}) => ({ id, kind: 'page_view', ts: '2026-11-23T10:00:00.000Z', ...more });

test('the views of the session are links, and the one that is shown is marked', () => {
  const events = [view('a', { 'page.path': '/<b>', 'lcp.value': 5200 }), view('b'), { ...view('e'), kind: 'error' }];
  const html = shown({ id: 's', events, limited: false });
  assert.match(words(html), /2 page views, this is number 2.*\/&lt;b>.*5\.20 s.*poor/);
  assert.match(html, /<a href="[^"]*id=a[^"]*">/);
  assert.match(html, /<strong aria-current="page">/);
  assert.ok(!/<a [^>]*id=[be]/.test(html));
});

test('a session of more events than the collector tells says so', () => {
  assert.match(words(shown({ id: 's', events: [view('a'), view('b')], limited: true })), /the last 2 page views/);
});

test('a view alone in its session, or without one, says why there is no list', () => {
  assert.match(words(shown({ id: 's', events: [view('b')], limited: false })), /This is the only page view of its session\./);
  assert.match(words(shown(null)), /The beacon told no session of this view\./);
});
