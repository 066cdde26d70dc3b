/** The card around a panel: title, what stands beside it, the body, and the sentence that says what it shows. */

import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

import { Icon } from '../ui/icons';

interface Props {
  id: string;
  kind: string;
  title: ComponentChildren;
  note?: string | undefined;
  aside?: ComponentChildren;
  summary?: string;
  busy?: boolean;
  children: ComponentChildren;
}

export function Frame({ id, kind, title, note, aside, summary, busy, children }: Props) {
  const titleId = useId();
  return (
    <figure class={`panel panel-${kind}`} data-panel={id} aria-labelledby={titleId} aria-busy={busy}>
      <header class="panel-head">
        <h2 id={titleId}>{title}</h2>
        {aside}
      </header>
      {note && <p class="panel-note">{note}</p>}
      <div class="panel-body">{children}</div>
      {summary && <figcaption class="spoken">{summary}</figcaption>}
    </figure>
  );
}

/** Switches a chart to the table of its values and back. */
export function TableToggle({ title, table, onToggle }: { title: string; table: boolean; onToggle: () => void }) {
  const label = table ? `Show ${title} as a chart` : `Show ${title} as a table`;
  return (
    <button type="button" class="quiet icon-button" aria-label={label} title={label} onClick={onToggle}>
      <Icon name={table ? 'chart' : 'table'} />
    </button>
  );
}
