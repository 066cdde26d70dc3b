import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createApi } from '../api';
import { ApiError } from '../apiError';

/** An API whose collector always gives this answer. */
function answering(response: Response | Error) {
  const calls: [unknown, RequestInit | undefined][] = [];
  let signedOut = 0;
  const api = createApi({
    fetch: async (path, init) => {
      calls.push([path, init]);
      if (response instanceof Error) throw response;
      return response;
    },
    onUnauthenticated: () => { signedOut += 1; },
  });
  return { api, calls, signedOut: () => signedOut };
}

test('an error carries the sentence of the server', async () => {
  const body = { error: { reason: 'bad_query', message: 'P75 needs a column.', path: 'calculations[0].column' } };
  const { api } = answering(Response.json(body, { status: 400 }));
  await assert.rejects(api.dashboard('x'), (error: ApiError) => error.message === 'P75 needs a column.' && error.path === 'calculations[0].column');
});

test('an error without a sentence gets one', async () => {
  const { api } = answering(new Response('<h1>Bad gateway</h1>', { status: 502 }));
  await assert.rejects(api.me(), /status 502/);
});

test('a collector that does not answer is named', async () => {
  const { api } = answering(new TypeError('Failed to fetch'));
  await assert.rejects(api.me(), /The collector does not answer/);
});

test('an aborted request stays an abort', async () => {
  const { api } = answering(new DOMException('', 'AbortError'));
  await assert.rejects(api.me(), { name: 'AbortError' });
});

test('a session that is over leads to signing in', async () => {
  const { api, signedOut } = answering(Response.json({ error: { reason: 'unauthenticated', message: 'Sign in.' } }, { status: 401 }));
  await assert.rejects(api.me(), /Sign in/);
  assert.equal(signedOut(), 1);
});

test('the version of an own dashboard is its ETag, and not written down', async () => {
  const { api, calls } = answering(Response.json({ id: 'mine', title: 'Mine' }, { headers: { etag: 'W/"3"' } }));
  const definition = await api.dashboard('mine');
  assert.equal(definition.version, 3);
  const changing = answering(Response.json({ error: { reason: 'dashboard_changed', message: 'It has changed.' } }, { status: 412 }));
  await assert.rejects(changing.api.changeDashboard(definition, 3), (error: ApiError) => error.status === 412);
  const [, init] = changing.calls[0]!;
  assert.deepEqual([init?.body, new Headers(init?.headers).get('if-match')], ['{"id":"mine","title":"Mine"}', '"3"']);
  assert.equal(calls.length, 1);
});

test('an id cannot leave its place in the path', async () => {
  const { api, calls } = answering(Response.json({ event: {} }));
  await api.event('../me?x=1', 'a&b');
  assert.equal(calls[0]![0], '/api/events/..%2Fme%3Fx%3D1?dataset=a%26b&include=session');
});

/** An answer in these steps, in pieces that end anywhere. */
function steps(...lines: object[]): Response {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const pieces = text.match(/.{1,7}/gs)!.map((piece) => new TextEncoder().encode(piece));
  const body = new ReadableStream({ start(controller) { pieces.forEach((piece) => controller.enqueue(piece)); controller.close(); } });
  return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } });
}

const question = { dataset: 'demo', time_range: 60, calculations: [{ op: 'COUNT' }] };
const first = { results: [{ data: { COUNT: 16 } }], meta: { sampled: true, sample_share: 0.0625 } };
const whole = { results: [{ data: { COUNT: 17 } }], meta: {} };

test('a first answer comes before the whole one', async () => {
  const seen: unknown[] = [];
  const answer = await answering(steps(first, whole)).api.query(question, undefined, (one) => seen.push(one.results[0]!.data.COUNT));

  assert.deepEqual([seen, answer.results[0]!.data.COUNT], [[16], 17]);
});

test('what goes wrong after a first answer is an error, and so is an end without the whole one', async () => {
  const error = { error: { reason: 'query_too_heavy', message: 'Ask for less time.' } };

  await assert.rejects(answering(steps(first, error)).api.query(question, undefined, () => undefined), /Ask for less time/);
  await assert.rejects(answering(steps(first)).api.query(question, undefined, () => undefined), /broke off/);
});

const about = (op: string) => ({ ...question, calculations: [{ op }] });

test('questions of one moment travel together, and each gets its own answer', async () => {
  const other = { results: [{ data: { COUNT: 3 } }], meta: {} };
  const { api, calls } = answering(steps({ query: 1, answer: other }, { query: 0, answer: first }, { query: 0, answer: whole }));
  const seen: unknown[] = [];

  const answers = await Promise.all([api.query(about('COUNT'), undefined, (one) => seen.push(one.results[0]!.data.COUNT)), api.query(about('SUM'), undefined, () => undefined)]);

  assert.deepEqual([seen, answers.map(({ results }) => results[0]!.data.COUNT)], [[16], [17, 3]]);
  assert.deepEqual(calls.map(([path, init]) => [path, JSON.parse(String(init!.body)).queries.length]), [['/api/query/batch', 2]]);
});

test('one of several questions may be refused', async () => {
  const { api } = answering(steps({ query: 0, error: { reason: 'bad_query', message: 'SUM needs a column.' } }, { query: 1, answer: whole }));

  const [refused, answered] = await Promise.allSettled(['SUM', 'COUNT'].map((op) => api.query(about(op), undefined, () => undefined)));

  assert.match(String((refused as PromiseRejectedResult).reason), /SUM needs a column/);
  assert.equal(answered!.status, 'fulfilled');
});

test('a request for several ends when nobody wants any of them', async () => {
  const signals: AbortSignal[] = [];
  const api = createApi({
    fetch: (_, init) => new Promise((_, reject) => {
      signals.push(init!.signal!);
      init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason));
    }),
    onUnauthenticated: () => undefined,
  });
  const [one, other] = [new AbortController(), new AbortController()];
  const asked = [one, other].map(({ signal }) => api.query(question, signal, () => undefined));
  const ended = asked.map((answer) => assert.rejects(answer, { name: 'AbortError' }));
  await Promise.resolve();

  one.abort();
  assert.equal(signals[0]!.aborted, false);
  other.abort();
  assert.equal(signals[0]!.aborted, true);
  await Promise.all(ended);
});

test('signing out may mean everywhere', async () => {
  const { api, calls, signedOut } = answering(new Response(null, { status: 204 }));
  await api.logout();
  await api.logout(true);
  assert.deepEqual(calls.map(([path, init]) => `${init?.method} ${path}`), ['POST /logout', 'POST /logout?everywhere']);
  assert.equal(signedOut(), 2);
});
