/** Asks questions. Those of one moment, such as the panels of a dashboard, travel together: the collector reads the same events once. */

import { ApiError } from './apiError';
import type { Answer, QueryRequest } from './types';

/** Answers that come as lines: first one from a sample, perhaps, and last the whole one, or what went wrong. */
export const LINES = 'application/x-ndjson';

interface Asked {
  body: QueryRequest;
  signal: AbortSignal | undefined;
  onFirst: (first: Answer) => void;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

interface Refused {
  error: { message: string; reason?: string; path?: string };
}

type Post = (path: string, body: object, signal: AbortSignal) => Promise<Response>;

/** Makes what asks a question; `onFirst` gets an answer from a sample, where the whole one takes its time. Rejects with an ApiError. */
export function createAsker(post: Post) {
  let waiting: Asked[] = [];
  return (body: QueryRequest, signal: AbortSignal | undefined, onFirst: (first: Answer) => void): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) queueMicrotask(() => send(post, waiting.splice(0)));
      waiting.push({ body, signal, onFirst, resolve, reject });
    });
}

async function send(post: Post, all: readonly Asked[]): Promise<void> {
  const left = new Set(all);
  const request = new AbortController();
  const leave = (one: Asked, error: unknown) => {
    left.delete(one);
    one.reject(error);
    if (left.size === 0) request.abort();
  };
  for (const one of all) {
    if (one.signal?.aborted) leave(one, one.signal.reason);
    else one.signal?.addEventListener('abort', () => leave(one, one.signal!.reason));
  }
  if (left.size === 0) return;
  const take = (one: Asked | undefined, line: Answer | Refused) => {
    if (!one || !left.has(one)) return;
    if ('error' in line) return leave(one, new ApiError(line.error.message, 200, line.error.reason ?? '', line.error.path ?? ''));
    if (line.meta.sampled) return one.onFirst(line);
    left.delete(one);
    one.resolve(line);
  };
  try {
    if (all.length === 1) {
      const response = await post('/api/query', all[0]!.body, request.signal);
      await readLines(response, (line) => take(all[0], line as Answer | Refused));
    } else {
      const response = await post('/api/query/batch', { queries: all.map(({ body }) => body) }, request.signal);
      await readLines(response, (line) => {
        const { query, answer, ...refused } = line as { query: number; answer?: Answer } & Refused;
        take(all[query], answer ?? refused);
      });
    }
    throw new ApiError('The answer broke off. Try again.', 0, 'broken_off');
  } catch (error) {
    for (const one of left) one.reject(error);
  }
}

async function readLines(response: Response, take: (line: unknown) => void): Promise<void> {
  if (!response.body || !response.headers.get('content-type')?.startsWith(LINES)) return take(await response.json());
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    rest += value ?? '';
    const lines = rest.split('\n');
    rest = done ? '' : lines.pop()!;
    for (const line of lines.filter(Boolean)) take(JSON.parse(line));
    if (done) return;
  }
}
