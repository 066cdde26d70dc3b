import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Impact, Status, Subject } from '../alerting';
import { countStatuses, describeImpact, formatSide, formatSpan, incidentTitle, severityRating, statusRating } from '../alerting';

const subject = (status: Status): Subject => ({ subject: 'a', status, since: 0, is_open: false, reason: '', value: null, samples: null });
const impact: Impact = { start: 0, end: 60, paths: ['/'], sessions: 1, page_views: 1200, errors: 1, lcp_p75: null };

test('spans are written in the units that people use', () => {
  assert.deepEqual([-1, 59, 60, 3599, 3600, 7500, 200_000].map(formatSpan).map((text) => text.replaceAll('\u00a0', ' ')),
    ['0 s', '59 s', '1 min', '59 min', '1 h', '2 h 5 min', '2 d']);
});

test('subjects are counted by their states, the worst first', () => {
  assert.equal(countStatuses([subject('ok'), subject('ok'), subject('failing'), subject('no_data')]), '1 failing, 1 no data, 2 OK');
  assert.equal(countStatuses([]), '');
});

test('no data is not judged', () => {
  assert.deepEqual((['ok', 'pending', 'failing', 'no_data', 'unknown'] as const).map(statusRating),
    ['good', 'needs-improvement', 'poor', null, null]);
  assert.deepEqual((['info', 'warning', 'critical'] as const).map(severityRating), [null, 'needs-improvement', 'poor']);
});

test('a site without sessions is not said to have had none', () => {
  assert.equal(describeImpact(impact), '1 session, 1,200 page views, 1 error');
  assert.match(describeImpact({ ...impact, sessions: null, lcp_p75: 2500 }), /^1,200 page views, 1 error; LCP p75 2\.50/);
});

test('an incident is named by its rule and its subject', () => {
  assert.equal(incidentTitle({ title: 'Down', subject: 'front' }), 'Down: front');
  assert.equal(incidentTitle({ title: 'front', subject: 'front' }), 'front');
});

test('a side of a difference is text, with its unit where it has one', () => {
  assert.equal(formatSide(null, undefined), '–');
  assert.equal(formatSide('a\u202Eb', undefined).includes('\u202E'), false);
  assert.equal(formatSide(503, undefined), '503');
});
