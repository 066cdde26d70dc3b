/** Loads what a view needs and keeps showing the last answer until the next one is there. */

import { useEffect, useState } from 'preact/hooks';

export interface Resource<T> {
  data: T | undefined;
  error: Error | undefined;
  /** The data belongs to an earlier question; the answer to this one is on its way. */
  stale: boolean;
  loading: boolean;
  retry: () => void;
}

/** Remembers the latest answers, so that going back shows them at once. */
export interface Cache {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/** Makes a cache of at most `limit` answers; the oldest one goes first. */
export function createCache(limit: number): Cache {
  const answers = new Map<string, unknown>();
  return {
    get: (key) => answers.get(key),
    set: (key, value) => {
      answers.delete(key);
      answers.set(key, value);
      if (answers.size > limit) answers.delete(answers.keys().next().value!);
    },
  };
}

interface Loaded<T> {
  key: string;
  data: T | undefined;
  error: Error | undefined;
}

/**
 * Loads something and loads it again when its key or the tick changes; an earlier request is then aborted.
 *
 * @param key what is asked; empty to wait.
 * @param tick a number that changes when the same question should be asked again.
 */
export function useResource<T>(
  key: string,
  tick: number,
  load: (signal: AbortSignal) => Promise<T>,
  cache?: Cache,
): Resource<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ key: '', data: undefined, error: undefined });
  const [loading, setLoading] = useState(true);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    if (!key) return undefined;
    const abort = new AbortController();
    setLoading(true);
    load(abort.signal)
      .then((data) => {
        if (abort.signal.aborted) return;
        cache?.set(key, data);
        setLoaded({ key, data, error: undefined });
        setLoading(false);
      })
      .catch((error: Error) => {
        if (abort.signal.aborted) return;
        setLoaded((last) => ({ key, data: last.key === key ? last.data : undefined, error }));
        setLoading(false);
      });
    return () => abort.abort();
  }, [key, tick, attempt]);

  const known = loaded.key === key ? undefined : (cache?.get(key) as T | undefined);
  return {
    data: known ?? loaded.data,
    error: loaded.key === key ? loaded.error : undefined,
    stale: loaded.key !== key && known === undefined,
    loading,
    retry: () => setAttempt((count) => count + 1),
  };
}
