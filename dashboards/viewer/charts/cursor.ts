/** The moment that the reader points at, shared by all time charts of a page, so that they read as one. */

import { useEffect, useState } from 'preact/hooks';

export interface Cursor {
  get(): number | null;
  set(time: number | null): void;
  subscribe(listener: () => void): () => void;
}

export function createCursor(): Cursor {
  const listeners = new Set<() => void>();
  let time: number | null = null;
  return {
    get: () => time,
    set: (next) => {
      if (next === time) return;
      time = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The cursor's moment; the component that asks is drawn again when it moves. */
export function useCursor(cursor: Cursor): number | null {
  const [time, setTime] = useState(cursor.get());
  useEffect(() => cursor.subscribe(() => setTime(cursor.get())), [cursor]);
  return time;
}
