/** Keeps the state and the address bar the same. */

import { useEffect, useState } from 'preact/hooks';

import type { State } from './state';
import { formatState, parseState } from './state';

/** The state of the page, and a function that goes to another one. */
export function useUrlState(): [State, (state: State) => void] {
  const [state, setState] = useState(() => parseState(location.search));

  useEffect(() => {
    const onPopState = () => setState(parseState(location.search));
    addEventListener('popstate', onPopState);
    return () => removeEventListener('popstate', onPopState);
  }, []);

  const go = (next: State) => {
    const search = formatState(next);
    if (search !== formatState(state)) history.pushState(null, '', search);
    if (next.view !== state.view || next.id !== state.id) scrollTo(0, 0);
    setState(next);
  };
  return [state, go];
}
