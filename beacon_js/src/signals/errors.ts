import {report} from '../delivery.js';
import {count} from '../lib/count.js';
import {getSelector} from '../lib/getSelector.js';
import {listen} from '../lib/listen.js';
import {randomId} from '../lib/randomId.js';
import {toWire} from '../lib/toWire.js';
import type {Fields} from '../types.js';
import {getView} from '../views.js';
import {readContext} from './page.js';

// For each source by itself, so that a hundred blocked pictures leave room for the one exception that matters.
const MAX_KINDS = 10;

/** What went wrong: `exception.*`. */
interface Exception extends Fields {
  type?: string;
  message?: string;
  stacktrace?: string;
}

/** Returns what is known of a thrown value; anything can be thrown, texts too. */
export const describe = (thrown: unknown): Exception => {
  const {name, message, stack} = (thrown ?? {}) as Error;
  return message !== undefined
    ? {type: name, message: String(message), stacktrace: stack}
    : {type: typeof thrown, message: typeof thrown === 'object' ? JSON.stringify(thrown) : String(thrown)};
};

/** Returns where the browser says that something went wrong: `error.*`. */
export const getPlace = (body: {sourceFile?: string | null; lineNumber?: number | null; columnNumber?: number | null}): Fields => ({
  url: body.sourceFile ?? undefined,
  line: body.lineNumber ?? undefined,
  column: body.columnNumber ?? undefined,
});

/**
 * Counts an error on the view's row, and sends the first of its kind as an event of its own.
 *
 * @param source Where it was noticed: `error.source`.
 * @param counter The count of the row that it adds to: `error.NAME`.
 * @param own The page's own fields.
 */
export const noteFailure = (source: string, counter: string, exception: Exception, place: Fields = {}, own?: Fields): void => {
  const view = getView();
  const from_extension = /-extension:/.test(exception.stacktrace + '' + place.url) || undefined;
  count('error', counter);
  if (from_extension) count('error', 'extension_count');

  const kinds = ((view.kinds ??= {})[source] ??= {});
  // Numbers in messages differ from one to the next; the collector makes a fingerprint that lasts.
  const key = JSON.stringify([exception.type, exception.message?.replace(/\d+/g, '0'), place]);
  if (!kinds[key] && Object.keys(kinds).length >= MAX_KINDS) return;
  const kind = (kinds[key] ??= {id: randomId(), occurrences: 0});
  const occurrences = ++kind.occurrences;
  // The first one says it all; how often it came again is told with the tenth, the hundredth, …
  if (!/^10*$/.test(`${occurrences}`)) return;
  report('error', kind.id, {
    ...own,
    ...toWire({...readContext(view), exception, error: {...place, source, from_extension, occurrences}}),
    revision: occurrences,
  });
};

/** Tells JavaScript errors, unhandled rejections, elements whose resource failed, and violations of the page's policy. */
export const startErrors = (): void => {
  // An element's error does not bubble: only capturing listeners hear of it.
  listen('error', (event: ErrorEvent) => {
    const {target, error, message, filename, lineno, colno} = event;
    if (target instanceof Element) {
      const {src, href} = target as HTMLImageElement & HTMLAnchorElement;
      noteFailure('resource', 'resource_count', {type: target.localName}, {url: src || href, element: getSelector(target)});
    } else {
      // A script of another origin without `crossorigin` says "Script error." and nothing else.
      const thrown: unknown = error ?? {name: 'Error', message};
      noteFailure('exception', 'count', describe(thrown), {url: filename, line: lineno, column: colno});
    }
  });
  listen('unhandledrejection', (event: PromiseRejectionEvent) => {
    count('error', 'count');
    noteFailure('unhandled-rejection', 'rejection_count', describe(event.reason));
  });
  listen('securitypolicyviolation', (event: SecurityPolicyViolationEvent) =>
    noteFailure('csp-violation', 'csp_count', {type: event.effectiveDirective, message: event.blockedURI}, getPlace(event)),
  );
};
