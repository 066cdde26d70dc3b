/** What stands in the place of content: waiting, failed, or nothing there. */

import type { ComponentChildren } from 'preact';

import { harmless } from '../format';

/** The sentence of what went wrong and a way to try again. */
export function Failure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <div class="failure" role="alert">
      <p>{harmless(error.message)}</p>
      <button type="button" onClick={onRetry}>Try again</button>
    </div>
  );
}

/** Says that what is shown is the last answer, because the newer one did not come. */
export function Outdated({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <div class="outdated" role="alert">
      <p>Not up to date: {harmless(error.message)}</p>
      <button type="button" onClick={onRetry}>Try again</button>
    </div>
  );
}

/** A place that is kept while its content is on the way. */
export function Waiting({ label = 'Loading' }: { label?: string }) {
  return <div class="waiting" role="status"><span class="spoken">{label}…</span></div>;
}

export function Notice({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="notice">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
