/** What stands in the place of content: waiting, failed, or nothing there. */

import type { ComponentChildren } from 'preact';

import { formatPercent } from '../charts/units';
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

/** Says that some of what is shown is from a sample, until the whole answers are there; it covers nothing that moves. */
export function FirstAnswers({ answers }: { answers: readonly { partial: boolean; data: { meta: { sample_share?: number } } | undefined }[] }) {
  const shares = answers.flatMap(({ partial, data }) => (partial && data ? (data.meta.sample_share ?? 0) : []));
  return (
    <p class="first-answers" role="status">
      {shares.length > 0 && <span>First answers, from {formatPercent(Math.min(...shares))} of the events. The whole ones follow.</span>}
    </p>
  );
}
