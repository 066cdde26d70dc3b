/** What an event's lists add up to: resources by type and by third-party host, and the scripts of long animation frames. */

import { formatCount, formatDuration } from '../format';
import type { Lists } from '../items';
import { toRows } from '../items';
import { Frame } from '../panels/frame';
import type { Row } from '../types';
import type { ItemColumn } from '../ui/itemsTable';
import { ItemsTable } from '../ui/itemsTable';

const TOTALS: readonly ItemColumn[] = [
  { key: 'count', title: 'Number', unit: '' },
  { key: 'duration', title: 'Time', unit: 'ms' },
  { key: 'transfer_size', title: 'Size', unit: 'bytes' },
  { key: 'cached_count', title: 'Cached', unit: '' },
  { key: 'blocking_count', title: 'Blocking', unit: '' },
  { key: 'failed_count', title: 'Failed', unit: '' },
];

const SCRIPTS: readonly ItemColumn[] = [
  { key: 'url', title: 'Script', main: true },
  { key: 'function', title: 'Function' },
  { key: 'invoker', title: 'Called by' },
  { key: 'invoker_type', title: 'As' },
  { key: 'count', title: 'Calls', unit: '' },
  { key: 'duration', title: 'Time', unit: 'ms' },
  { key: 'forced_layout_duration', title: 'Forced layout', unit: 'ms' },
];

export function ResourceTotals({ lists }: { lists: Lists }) {
  const types = toRows(lists, 'resource_types');
  const hosts = toRows(lists, 'resource_hosts');
  if (types.length + hosts.length === 0) return null;
  return (
    <div class="row" data-kind="table">
      <Totals id="resource-types" title="By type" first="Type" rows={types} />
      <Totals id="resource-hosts" title="By third-party host" first="Host" rows={hosts} />
    </div>
  );
}

function Totals({ id, title, first, rows }: { id: string; title: string; first: string; rows: Row[] }) {
  return (
    <div class="slot">
      <Frame id={id} kind="table" title={title}>
        {rows.length === 0 ? (
          <p class="panel-empty">Nothing came from another host.</p>
        ) : (
          <ItemsTable name={title} columns={[{ key: 'name', title: first, main: true }, ...TOTALS]} rows={rows} />
        )}
      </Frame>
    </div>
  );
}

export function LongFrames({ facts, lists }: { facts: Row; lists: Lists }) {
  const rows = toRows(lists, 'loaf_scripts');
  const text = describe(facts);
  return (
    <Frame id="long-frames" kind="table" title="Long animation frames" aside={text && <p class="readout">{text}</p>}>
      {rows.length > 0 ? (
        <ItemsTable name="Scripts of long animation frames" columns={SCRIPTS} rows={rows} />
      ) : (
        <p class="panel-empty">{explainEmpty(facts)}</p>
      )}
    </Frame>
  );
}

function describe(facts: Row): string {
  const parts = [
    { name: 'loaf.duration', words: 'together' },
    { name: 'loaf.blocking_duration', words: 'blocked' },
    { name: 'loaf.longest_duration', words: 'the longest' },
  ].flatMap(({ name, words }) => {
    const value = facts[name];
    return typeof value === 'number' ? `${formatDuration(value)} ${words}` : [];
  });
  const count = facts['loaf.count'];
  return typeof count === 'number' && count > 0 ? [formatCount(count), ...parts].join(', ') : '';
}

function explainEmpty(facts: Row): string {
  const count = facts['loaf.count'];
  if (typeof count !== 'number') return 'The browser does not tell of long animation frames.';
  return count === 0 ? 'No frame took longer than 50 ms.' : 'The browser told no scripts of these frames.';
}
