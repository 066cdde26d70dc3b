/** Loads what a view needs and keeps showing the last answer until the next one is there. */

import { useEffect, useRef, useState } from 'preact/hooks';

export interface Resource<T> {
  data: T | undefined;
  error: Error | undefined;
  /** The data belongs to an earlier question; the answer to this one is on its way. */
  stale: boolean;
  /** The data is a first answer, and the whole one is on its way. */
  partial: boolean;
  loading: boolean;
  retry: () => void;
}

/** Remembers the latest answers, so that going back shows them at once. */
export interface Cache {
  get(key: string): unknown;
  /** @param tick at which it was asked for. */
  set(key: string, value: unknown, tick: number): void;
  /** Whether an answer to this question, of this tick, has come a moment ago: whoever steps back and forth asks nothing twice. */
  isFresh(key: string, tick: number): boolean;
  /** What came with the page; only once, since it is as old as the page. */
  take(key: string): unknown;
}

/** How long an answer is as good as a new one, in ms: less than the shortest time between two live refreshes. */
const FRESH = 10_000;

/**
 * Makes a cache of at most `limit` answers; the oldest one goes first.
 *
 * @param came what came with the page, by key.
 * @param now milliseconds that never go back.
 */
export function createCache(limit: number, came: Readonly<Record<string, unknown>> = {}, now = () => performance.now()): Cache {
  const answers = new Map<string, { value: unknown; tick?: number; at?: number }>();
  const untaken = new Map(Object.entries(came));
  return {
    take: (key) => {
      const answer = untaken.get(key);
      if (untaken.delete(key)) answers.set(key, { value: answer });
      return answer;
    },
    get: (key) => answers.get(key)?.value,
    isFresh: (key, tick) => {
      const found = answers.get(key);
      return found?.at !== undefined && found.tick === tick && now() - found.at < FRESH;
    },
    set: (key, value, tick) => {
      answers.delete(key);
      answers.set(key, { value, tick, at: now() });
      if (answers.size > limit) answers.delete(answers.keys().next().value!);
    },
  };
}

interface Loaded<T> {
  key: string;
  data: T | undefined;
  error: Error | undefined;
  partial?: boolean;
}

/**
 * Loads something. Another key is another question: the request under way is then aborted. Another tick asks the same question
 * again, unless its answer is still on the way: a collector slower than the ticks would never get to answer.
 *
 * @param key what is asked; empty to wait.
 * @param tick a number that changes when the same question should be asked again.
 * @param isOfEvents an answer of a moment ago will do: nothing that is done in the viewer changes it.
 */
export function useResource<T>(
  key: string,
  tick: number,
  load: (signal: AbortSignal, onFirst: (first: T) => void) => Promise<T>,
  cache?: Cache,
  isOfEvents = false,
): Resource<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>(() => {
    const data = cache?.take(key) as T | undefined;
    return { key: data ? key : '', data, error: undefined };
  });
  const hasCome = useRef(loaded.key !== '');
  const [loading, setLoading] = useState(!hasCome.current);
  const [attempt, setAttempt] = useState(0);
  const tried = useRef(0);
  const underway = useRef<AbortController | null>(null);

  const isFresh = () => isOfEvents && cache?.isFresh(key, tick);
  const start = async () => {
    const request = new AbortController();
    underway.current = request;
    setLoading(true);
    const showFirst = (data: T) => {
      // A whole answer, though of a moment ago, says more than a part of a new one.
      if (!request.signal.aborted) setLoaded((last) => (last.key === key && last.data && !last.partial ? last : { key, data, error: undefined, partial: true }));
    };
    const result = await settle(load(request.signal, showFirst));
    if (request.signal.aborted) return;
    underway.current = null;
    setLoading(false);
    if (!result.error) cache?.set(key, result.data, tick);
    setLoaded((last) => ({ key, error: result.error, data: result.error && last.key === key ? last.data : result.data }));
  };

  useEffect(() => {
    if (!key) return undefined;
    // Who asks again has a reason: something failed, or was changed.
    const isAgain = tried.current !== attempt;
    tried.current = attempt;
    if (!isAgain && isFresh()) {
      setLoading(false);
      setLoaded({ key, data: cache!.get(key) as T, error: undefined });
    } else if (!hasCome.current) start();
    return () => {
      underway.current?.abort();
      underway.current = null;
    };
  }, [key, attempt]);
  useEffect(() => {
    if (key && !underway.current && !hasCome.current && !isFresh()) start();
    hasCome.current = false;
  }, [tick]);

  const known = loaded.key === key ? undefined : (cache?.get(key) as T | undefined);
  return {
    data: known ?? loaded.data,
    error: loaded.key === key ? loaded.error : undefined,
    stale: loaded.key !== key && known === undefined,
    partial: loaded.key === key && loaded.partial === true,
    loading,
    retry: () => setAttempt((count) => count + 1),
  };
}

async function settle<T>(promise: Promise<T>): Promise<{ data: T | undefined; error: Error | undefined }> {
  try {
    return { data: await promise, error: undefined };
  } catch (error) {
    return { data: undefined, error: error as Error };
  }
}
