/** Starts the viewer in its page. */

import { render } from 'preact';

import { createApi, createSharedApi } from './api';
import { createCache } from './resource';
import { Root } from './shell/root';
import { lazy } from './ui/lazy';
import { Waiting } from './ui/states';

const api = createApi({
  fetch: (input, init) => fetch(input, init),
  onUnauthenticated: () => location.assign(`/login?${new URLSearchParams({ next: location.pathname + location.search })}`),
});

const CACHED_ANSWERS = 40;

const SharedPage = lazy(() => import('./shell/shared').then((module) => module.SharedPage));
const isShared = location.pathname.startsWith('/share/');
const link = createSharedApi({ fetch: (input, init) => fetch(input, init) }, location.pathname);

/** What the collector has written into the page, by the names under which it would be asked for. */
function readKnown(): Record<string, unknown> {
  const { dashboard, ...known } = JSON.parse(document.getElementById('known')?.textContent || '{}');
  return { ...known, [`dashboard ${dashboard?.id}`]: dashboard };
}

render(
  isShared ? <SharedPage api={api} link={link} fallback={<Waiting />} /> : <Root api={api} cache={createCache(CACHED_ANSWERS, readKnown())} />,
  document.getElementById('root')!,
);
