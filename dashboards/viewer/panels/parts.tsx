/** Where the time goes: parts that add up, of all events or of each group, as bars of one scale. */

import { formatCount, formatDuration, formatField, formatShares, quoted } from '../format';
import { filterFor } from '../state';
import type { Answer, PartsOptions, Row } from '../types';
import { Frame } from './frame';
import type { PanelContext, PanelProps } from './panel';
import type { Sheet } from './sheet';
import { numberColumn, textColumn } from './sheet';

interface Bar {
  row: Row;
  values: number[];
  total: number;
}

export function PartsPanel({ data, options, context }: PanelProps<Answer, PartsOptions>) {
  const bars = data.results.map(({ data: row }): Bar => {
    const values = options.parts.map(({ key }) => Math.max(0, Number(row[key] ?? 0)));
    return { row, values, total: values.reduce((sum, value) => sum + value, 0) };
  });
  const measured = bars.filter(({ total }) => total > 0);
  const samples = bars.reduce((sum, { row }) => sum + Number(row[options.count] ?? 0), 0);
  const isWhole = context.breakdowns.length === 0;
  return (
    <Frame
      id={options.id}
      kind="parts"
      title={options.title}
      note={options.note}
      aside={<p class="readout">{samples > 0 && `${formatCount(samples)} samples`}</p>}
      summary={summarise(options, context, measured)}
      menu={{ context, options, data, sheet: () => toSheet(options, context, bars) }}
    >
      {measured.length === 0 ? (
        <p class="panel-empty">Nothing was measured.</p>
      ) : isWhole ? (
        <Whole options={options} bar={measured[0]!} />
      ) : (
        <Groups options={options} context={context} bars={measured} />
      )}
    </Frame>
  );
}

/** One bar, with each part named below it. */
function Whole({ options, bar: { values, total } }: { options: PartsOptions; bar: Bar }) {
  const shares = formatShares(values);
  return (
    <>
      <p class="parts-total"><strong>{formatDuration(total)}</strong> together</p>
      <div class="part-bar" aria-hidden="true">
        {values.map((value, index) => value > 0 && <span key={index} data-part={index} style={{ flexGrow: value }} />)}
      </div>
      <dl class="parts">
        {options.parts.map(({ key, title }, index) => (
          <div key={key} data-part={index}><dt>{title}</dt><dd>{formatDuration(values[index]!)} <small>{shares[index]}</small></dd></div>
        ))}
      </dl>
    </>
  );
}

/** One bar for each group; a click keeps only the group. */
function Groups({ options, context, bars }: { options: PartsOptions; context: PanelContext; bars: readonly Bar[] }) {
  const most = Math.max(...bars.map(({ total }) => total));
  return (
    <>
      <ul class="part-groups">
        {bars.map((bar) => {
          const name = nameOf(bar.row, context);
          return (
            <li key={name}>
              <button
                type="button"
                class="quiet"
                disabled={!context.breakdowns.every(context.canFilter)}
                title={options.parts.map(({ title }, index) => `${title} ${formatDuration(bar.values[index]!)}`).join(', ')}
                onClick={() => context.addFilters(context.breakdowns.map((column) => filterFor(column, bar.row[column])))}
              >
                <span class="pair-name">{name}</span>
                <span class="part-track" aria-hidden="true">
                  <span class="part-bar" style={{ width: `${(bar.total / most) * 100}%` }}>
                    {bar.values.map((value, index) => value > 0 && <span key={index} data-part={index} style={{ flexGrow: value }} />)}
                  </span>
                </span>
                <span class="part-total">{formatDuration(bar.total)}</span>
              </button>
            </li>
          );
        })}
      </ul>
      <ul class="legend">
        {options.parts.map(({ key, title }, index) => <li key={key} data-part={index}>{title}</li>)}
      </ul>
    </>
  );
}

function nameOf(row: Row, { breakdowns, field }: PanelContext): string {
  return breakdowns.map((name) => (row[name] == null ? '(none)' : formatField(row[name], field(name) ?? { type: '', unit: '' }))).join(', ');
}

function summarise(options: PartsOptions, context: PanelContext, bars: readonly Bar[]): string {
  if (bars.length === 0) return `${options.title}: nothing measured.`;
  const said = bars.map(({ row, values, total }) => {
    const parts = options.parts.map(({ title }, index) => `${title} ${formatDuration(values[index]!)}`).join(', ');
    const name = context.breakdowns.length > 0 ? `${quoted(nameOf(row, context))}: ` : '';
    return `${name}${formatDuration(total)}, of it ${parts}`;
  });
  return `${options.title}: ${said.join('; ')}.`;
}

function toSheet(options: PartsOptions, context: PanelContext, bars: readonly Bar[]): Sheet {
  return {
    columns: [
      ...context.breakdowns.map(textColumn), ...options.parts.map(({ title }) => numberColumn(title, { unit: 'ms' })), numberColumn('Samples'),
    ],
    rows: bars.map(({ row, values }) => [...context.breakdowns.map((name) => row[name]), ...values, row[options.count]]),
  };
}
