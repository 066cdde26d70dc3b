/** The errors of one page view: each kind once, with how often it happened. */

import { useApp } from '../context';
import { formatCount, harmless } from '../format';
import { Frame } from '../panels/frame';
import { useResource } from '../resource';
import type { EventsRequest, Row } from '../types';
import { Failure, Waiting } from '../ui/states';
import { Stored, StoredList } from '../ui/stored';

const MOST = 100;
/** An error comes after its view began, by the same clock; a beacon waits for a day at most. */
const BEFORE_SECONDS = 600;
const AFTER_SECONDS = 86_400;
const COLUMNS = [
  'id', 'error.source', 'exception.type', 'exception.message', 'exception.stacktrace', 'error.url', 'error.line', 'error.column',
  'error.element', 'error.from_extension', 'error.occurrences',
];

export function ViewErrors({ view }: { view: Row }) {
  const { api, cache, dataset } = useApp();
  const request = toRequest(view, dataset);
  const { data, error, stale, retry } = useResource(JSON.stringify(request), 0, (signal) => api.events(request, signal), cache);
  const events = stale ? undefined : data?.events;
  return (
    <Frame id="errors" kind="errors" title="Errors" aside={events && <p class="readout">{countErrors(events)}</p>} busy={!events && !error}>
      {error ? (
        <Failure error={error} onRetry={retry} />
      ) : !events ? (
        <Waiting label="Loading the errors" />
      ) : events.length === 0 ? (
        <p class="panel-empty">{explainEmpty(view)}</p>
      ) : (
        <ul class="errors">{events.map((one) => <ErrorItem key={String(one.id)} error={one} />)}</ul>
      )}
    </Frame>
  );
}

export function ErrorItem({ error }: { error: Row }) {
  const stack = text(error['exception.stacktrace']);
  const times = typeof error['error.occurrences'] === 'number' ? error['error.occurrences'] : 1;
  const source = text(error['error.source']);
  const title = text(error['exception.type']) || source || 'Error';
  const facts = [title === source ? '' : source, place(error), error['error.from_extension'] === true ? 'from a browser extension' : ''];
  return (
    <li>
      <p class="error-head">
        <strong><Stored text={title} /></strong>
        <span><Stored text={text(error['exception.message']) || text(error['error.element'])} /></span>
        {times > 1 && <span class="times">{formatCount(times)} times</span>}
      </p>
      <p class="error-facts"><StoredList texts={facts.filter(Boolean)} between=" · " /></p>
      {stack && <details><summary>Stack</summary><pre tabIndex={0}>{harmless(stack)}</pre></details>}
    </li>
  );
}

function toRequest(view: Row, dataset: string): EventsRequest {
  const began = Date.parse(String(view.ts)) / 1000;
  return {
    dataset,
    start_time: Math.floor(began - BEFORE_SECONDS),
    end_time: Math.ceil(began + AFTER_SECONDS),
    filters: [{ column: 'kind', op: '=', value: 'error' }, { column: 'view.id', op: '=', value: String(view.id) }],
    columns: COLUMNS,
    orders: [{ column: 'ts', order: 'ascending' }],
    limit: MOST,
  };
}

function place(error: Row): string {
  const position = [error['error.line'], error['error.column']].filter((part) => typeof part === 'number').join(':');
  return [text(error['error.url']), position].filter(Boolean).join(':');
}

function countErrors(events: readonly Row[]): string {
  const times = events.reduce((sum, event) => sum + (typeof event['error.occurrences'] === 'number' ? event['error.occurrences'] : 1), 0);
  if (events.length === 0) return '';
  const kinds = `${formatCount(events.length)} ${events.length === 1 ? 'kind' : 'kinds'}`;
  return `${kinds}, ${formatCount(times)} ${times === 1 ? 'time' : 'times'}`;
}

/** The row counts errors even where those themselves did not arrive, or went with their own retention. */
function explainEmpty(view: Row): string {
  const names = ['error.count', 'error.resource_count', 'error.csp_count', 'error.report_count', 'error.extension_count'];
  const counts = names.map((name) => view[name]).filter((count): count is number => typeof count === 'number');
  const sum = counts.reduce((total, count) => total + count, 0);
  if (counts.length === 0) return 'No errors were recorded.';
  return sum === 0 ? 'No errors happened.' : `The page counted ${formatCount(sum)} errors, but none of them arrived.`;
}

function text(value: Row[string]): string {
  return value === null || value === undefined ? '' : String(value);
}
