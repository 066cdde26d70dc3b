/** Starts the viewer in its page. */

import { render } from 'preact';

import { createApi, createSharedApi } from './api';
import { Root } from './shell/root';
import { lazy } from './ui/lazy';
import { Waiting } from './ui/states';

const api = createApi({
  fetch: (input, init) => fetch(input, init),
  onUnauthenticated: () => location.assign(`/login?${new URLSearchParams({ next: location.pathname + location.search })}`),
});

const SharedPage = lazy(() => import('./shell/shared').then((module) => module.SharedPage));
const isShared = location.pathname.startsWith('/share/');
const link = createSharedApi({ fetch: (input, init) => fetch(input, init) }, location.pathname);

render(
  isShared ? <SharedPage api={api} link={link} fallback={<Waiting />} /> : <Root api={api} />,
  document.getElementById('root')!,
);
