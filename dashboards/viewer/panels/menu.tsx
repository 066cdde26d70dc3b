/** What can be done with a panel: ask on in Explore, and take what it shows along. */

import { useRef } from 'preact/hooks';

import type { State } from '../state';
import type { Answer, Filter, PanelOptions } from '../types';
import { Icon } from '../ui/icons';
import { Link } from '../ui/link';
import { Popover } from '../ui/popover';
import type { PanelContext } from './panel';
import type { Sheet } from './sheet';

export interface MenuProps {
  context: PanelContext;
  options: Pick<PanelOptions, 'id' | 'title'>;
  data: Answer;
  sheet: () => Sheet;
}

export function PanelMenu({ context, options, data, sheet }: MenuProps) {
  const root = useRef<HTMLDivElement>(null);
  const list = context.explore && pageViewsOf(context.explore);
  const save = async (format: 'csv' | 'json' | 'svg' | 'png') => {
    const { savePanel } = await import('./export');
    const panel = root.current!.closest<HTMLElement>('.panel')!;
    await savePanel(format, { panel, name: options.id, sheet: sheet(), answer: data, request: context.request });
  };
  return (
    <div class="panel-menu" ref={root}>
      <Popover class="quiet icon-button" align="end" name={`Do more with ${options.title}`} label={<Icon name="more" />}>
        {(close) => (
          <ul class="menu">
            {context.explore && <li><Link class="menu-item" to={context.explore}>Open in Explore</Link></li>}
            {list && <li><Link class="menu-item" to={list}>List the page views</Link></li>}
            {(['csv', 'json', 'svg', 'png'] as const).map((format) => (
              <li key={format}>
                <button type="button" class="menu-item" onClick={() => { close(); save(format); }}>Save as {format.toUpperCase()}</button>
              </li>
            ))}
          </ul>
        )}
      </Popover>
    </div>
  );
}

/** The list of what a panel is about; null where that is not page views. */
function pageViewsOf(explore: State): State | null {
  const isKind = ({ column, op, value }: Filter) => column === 'kind' && op === '=' && value === 'page_view';
  return explore.filters.some(isKind) ? { ...explore, view: 'page-views', filters: explore.filters.filter((filter) => !isKind(filter)) } : null;
}
