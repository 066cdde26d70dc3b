/** When the page was looked at, as a thin strip. */

import { formatDuration, quoted } from '../format';
import type { Lists, Span } from '../items';
import { toSpans } from '../items';
import type { Row } from '../types';

/** Says nothing where the page was visible all the time. */
export function Visibility({ facts, lists }: { facts: Row; lists: Lists }) {
  const spans = toSpans(lists, facts['page.age']);
  if (!spans.some(({ state }) => state === 'hidden')) return null;
  const text = spans.map(describe).join(', ');
  return (
    <div class="visibility" role="img" aria-label={`The page was ${text}.`}>
      <div class="visibility-strip">
        {spans.map((span) => (
          <span key={span.start} data-state={span.state} style={{ flexGrow: span.end - span.start }} title={describe(span)} />
        ))}
      </div>
      <p>{text}</p>
    </div>
  );
}

function describe({ state, start, end }: Span): string {
  return `${quoted(state)} ${start === 0 ? '' : `from ${formatDuration(start)} `}for ${formatDuration(end - start)}`;
}
