/** Keeps what is shown up to date by itself. */

import { useEffect } from 'preact/hooks';

import type { State } from '../state';
import { timeSpan } from '../state';

/** Asks again now and then while the page is seen: the longer the time shown, the less often. */
export function useLive(state: Pick<State, 'live' | 'time'>, poll: () => void) {
  const span = timeSpan(state.time);
  const seconds = span <= 3600 ? 2 : span <= 86_400 ? 10 : 60;
  useEffect(() => {
    if (!state.live) return undefined;
    const timer = setInterval(() => document.visibilityState === 'visible' && poll(), seconds * 1000);
    return () => clearInterval(timer);
  }, [state.live, seconds]);
}
