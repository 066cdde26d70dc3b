import {report, touch} from '../delivery.js';
import {getSelector} from '../lib/getSelector.js';
import {listen} from '../lib/listen.js';
import {stripUrl} from '../lib/stripUrl.js';
import {toWire} from '../lib/toWire.js';
import {randomId} from '../lib/randomId.js';
import type {Fields} from '../types.js';
import {getView} from '../views.js';
import {readContext} from './page.js';

// For each source by itself, so that a hundred blocked pictures leave room for the one exception that matters.
const MAX_KINDS = 10;

/** What went wrong; addresses as they are. */
export interface Failure {
  type?: string;
  message?: string;
  stacktrace?: string;
  url?: string;
  line?: number;
  column?: number;
  element?: string;
}

/** Returns what is known of a thrown value; anything can be thrown, texts too. */
export const describe = (thrown: unknown): Failure => {
  const {name, message, stack} = (thrown ?? {}) as Error;
  return message !== undefined
    ? {type: name, message: String(message), stacktrace: stack}
    : {type: typeof thrown, message: typeof thrown === 'object' ? JSON.stringify(thrown) : String(thrown)};
};

// A stack is full of addresses, and those may have queries.
const cleanStack = (stack: string): string => stack.replace(/\b[a-z-]+:\/\/[^\s)]+?(?=(:\d+)*(\)|\s|$))/g, stripUrl);

/**
 * Counts an error on the view's row, and sends the first of its kind as an event of its own.
 *
 * @param source Where it was noticed: `error.source`.
 * @param counter The count of the row that it adds to: `error.NAME`.
 * @param own The page's own fields.
 */
export const noteFailure = (source: string, counter: string, failure: Failure, own?: Fields): void => {
  const {type, message, stacktrace = '', url = '', line, column, element} = failure;
  const view = getView();
  const isForeign = /\b(chrome|moz|safari(-web)?)-extension:/.test(stacktrace + url);
  const counts = (view.fields.error ??= {}) as Record<string, number>;
  for (const name of [counter, isForeign && 'extension_count']) if (name) counts[name] = (counts[name] ?? 0) + 1;
  if (counter === 'rejection_count') counts.count = (counts.count ?? 0) + 1;
  touch();

  const kinds = (view.kinds ??= {});
  // Numbers in messages differ from one to the next; the collector makes a fingerprint that lasts.
  const key = [source, type, message?.replace(/\d+/g, '0'), url, line, element].join('\n');
  if (!kinds[key] && Object.keys(kinds).filter((known) => known.startsWith(source + '\n')).length >= MAX_KINDS) return;
  const {id, count: occurrences} = (kinds[key] = {id: kinds[key]?.id ?? randomId(), count: (kinds[key]?.count ?? 0) + 1});
  // The first one says it all; how often it came again is told with the tenth, the hundredth, …
  if (!/^10*$/.test('' + occurrences)) return;
  const from_extension = isForeign || undefined;
  report('error', id, {
    ...own,
    ...toWire({
      ...readContext(view),
      exception: {type, message, stacktrace: cleanStack(stacktrace)},
      error: {source, url: url && stripUrl(url), line, column, element, from_extension, occurrences},
    }),
    revision: occurrences,
  });
};

/** Tells JavaScript errors, unhandled rejections, elements whose resource failed, and violations of the page's policy. */
export const startErrors = (): void => {
  // An element's error does not bubble: only capturing listeners hear of it.
  listen('error', (event: ErrorEvent) => {
    const {target, error, message, filename: url, lineno: line, colno: column} = event;
    if (target instanceof Element) {
      const {src, href} = target as HTMLImageElement & HTMLAnchorElement;
      noteFailure('resource', 'resource_count', {type: target.localName, url: src || href, element: getSelector(target)});
    } else {
      // A script of another origin without `crossorigin` says "Script error." and nothing else.
      noteFailure('exception', 'count', {...(error == null ? {type: 'Error', message} : describe(error)), url, line, column});
    }
  });
  listen('unhandledrejection', (event: PromiseRejectionEvent) =>
    noteFailure('unhandled-rejection', 'rejection_count', describe(event.reason)),
  );
  listen('securitypolicyviolation', (event: SecurityPolicyViolationEvent) =>
    noteFailure('csp-violation', 'csp_count', {
      type: event.effectiveDirective,
      // `inline` and `eval` are no addresses.
      message: event.blockedURI.replace(/^\w+:.*/, stripUrl),
      url: event.sourceFile,
      line: event.lineNumber,
      column: event.columnNumber,
    }),
  );
};
