/** The page views of one session in the order of time; each but the one that is shown is a link. */

import { formatCount, formatDuration, formatSecond } from '../format';
import { isSoft } from '../items';
import { Frame } from '../panels/frame';
import type { State } from '../state';
import type { Row, Session } from '../types';
import type { Column } from '../ui/dataTable';
import { DataTable } from '../ui/dataTable';
import { Link } from '../ui/link';
import { Stored } from '../ui/stored';
import { vitalColumn } from '../ui/vitalColumn';

interface Props {
  state: State;
  session: Session | null;
  /** The view that is shown. */
  id: string;
}

export function SessionViews({ state, session, id }: Props) {
  const views = session?.events.filter(({ kind }) => kind === 'page_view') ?? [];
  return (
    <Frame id="session" kind="table" title="Session" aside={views.length > 1 && <p class="readout">{describe(views, id, session!.limited)}</p>}>
      {views.length > 1 ? (
        <DataTable name="Page views of the session" columns={toColumns(state, id)} rows={views} rowKey={(row) => String(row.id)} />
      ) : (
        <p class="panel-empty">{session ? 'This is the only page view of its session.' : 'The beacon told no session of this view.'}</p>
      )}
    </Frame>
  );
}

function describe(views: readonly Row[], id: string, limited: boolean): string {
  const place = views.findIndex((view) => view.id === id) + 1;
  const count = `${formatCount(views.length)} page views`;
  if (limited) return `the last ${count}`;
  return place > 0 ? `${count}, this is number ${formatCount(place)}` : count;
}

function toColumns(state: State, id: string): Column<Row>[] {
  return [
    {
      key: 'ts',
      title: 'Time',
      render: (row) => {
        const moment = formatSecond(Date.parse(String(row.ts)));
        return row.id === id ? <strong aria-current="page">{moment}</strong> : <Link to={{ ...state, id: String(row.id) }}>{moment}</Link>;
      },
    },
    { key: 'page.path', title: 'Page', main: true, render: (row) => <Stored text={String(row['page.path'] ?? '(unknown)')} /> },
    { key: 'navigation.type', title: 'Navigation', render: (row) => <Stored text={isSoft(row) ? 'soft' : String(row['navigation.type'] ?? '–')} /> },
    { key: 'page.visible_time', title: 'Seen', number: true, render: (row) => <Seen time={row['page.visible_time']} /> },
    vitalColumn('lcp'),
    vitalColumn('inp'),
    vitalColumn('cls'),
  ];
}

function Seen({ time }: { time: Row[string] }) {
  return typeof time === 'number' ? <>{formatDuration(time)}</> : <span class="unrated">–</span>;
}
