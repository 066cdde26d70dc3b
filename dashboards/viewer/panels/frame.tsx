/** The card around a panel: title, what stands beside it, the body, and the sentence that says what it shows. */

import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

import { Icon } from '../ui/icons';
import type { MenuProps } from './menu';
import { PanelMenu } from './menu';

interface Props {
  id: string;
  kind: string;
  title: ComponentChildren;
  note?: string | undefined;
  aside?: ComponentChildren;
  summary?: string;
  busy?: boolean;
  /** What can be done with the panel. */
  menu?: MenuProps;
  /** Switches between a chart and the table of its values. */
  table?: { shown: boolean; onToggle: () => void };
  children: ComponentChildren;
}

export function Frame({ id, kind, title, note, aside, summary, busy, menu, table, children }: Props) {
  const titleId = useId();
  return (
    <figure class={`panel panel-${kind}`} data-panel={id} aria-labelledby={titleId} aria-busy={busy}>
      <header class="panel-head">
        <h2 id={titleId}>{title}</h2>
        {aside}
        {table && menu && <TableToggle title={menu.options.title} table={table.shown} onToggle={table.onToggle} />}
        {menu && <PanelMenu {...menu} />}
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
