import {randomId} from '../lib/randomId.js';
import {read} from '../rows.js';
import type {Part} from '../types.js';
import {getView} from '../views.js';

const createHeader = (): string => `00-${(getView().traceId ??= randomId())}-${randomId().slice(16)}-01`;

/**
 * Adds a `traceparent` header to the page's calls, so that its backend's traces can be found from the page view: all calls of
 * a view belong to one trace, `trace.trace_id` of its row. https://www.w3.org/TR/trace-context/
 *
 * This part replaces `fetch` and two functions of `XMLHttpRequest`, as nothing else can add a header. Calls to other origins
 * need its permission for the header (`Access-Control-Allow-Headers: traceparent`), or they fail: name only those that have it.
 *
 * @param origins Whose calls get the header, such as `https://api.example`, beside the page's own.
 */
export const traceHeaders =
  (origins: readonly string[]): Part =>
  () => {
    const isListed = (url: unknown): boolean => {
      try {
        return [location.origin, ...origins].includes(new URL(String(url), location.href).origin);
      } catch {
        // The page's call is to fail by itself.
        return false;
      }
    };

    const {fetch} = window;
    window.fetch = function (this: Window, input, init) {
      const request = input instanceof Request ? input : undefined;
      if (isListed(request?.url ?? input)) {
        const headers = new Headers(init?.headers ?? request?.headers);
        if (!headers.has('traceparent')) headers.set('traceparent', createHeader());
        init = {...init, headers};
      }
      return fetch.call(this, input, init);
    };

    const {prototype} = XMLHttpRequest;
    const {open, send} = prototype;
    const listed = new WeakSet<XMLHttpRequest>();
    prototype.open = function (this: XMLHttpRequest, ...args: unknown[]) {
      if (isListed(args[1])) listed.add(this);
      else listed.delete(this);
      return open.apply(this, args as Parameters<typeof open>);
    } as typeof open;
    prototype.send = function (this: XMLHttpRequest, body) {
      if (listed.has(this)) this.setRequestHeader('traceparent', createHeader());
      return send.call(this, body);
    };

    read(({traceId}) => (traceId ? {trace: {trace_id: traceId}} : {}));
  };
