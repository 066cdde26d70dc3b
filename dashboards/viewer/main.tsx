/** Starts the viewer in its page. */

import { render } from 'preact';

import { createApi } from './api';
import { Root } from './shell/root';

const api = createApi({
  fetch: (input, init) => fetch(input, init),
  onUnauthenticated: () => location.assign(`/login?${new URLSearchParams({ next: location.pathname + location.search })}`),
});

render(<Root api={api} />, document.getElementById('root')!);
