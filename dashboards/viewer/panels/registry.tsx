/** The kinds of panels. A new kind is a file here and a line below. */

import type { Answer, PanelOptions } from '../types';
import { lazy } from '../ui/lazy';
import { Waiting } from '../ui/states';
import { Frame } from './frame';
import type { PanelProps } from './panel';
import { TablePanel } from './table';
import { TimeseriesPanel } from './timeseries';
import { VitalPanel, VitalTitle } from './vital';

// The Overview has none of these, so it does not wait for them. A map of the world is larger than all others together.
const DetailPanel = lazy(() => import('./detail').then(({ DetailPanel: loaded }) => loaded));
const MapPanel = lazy(() => import('./map').then(({ MapPanel: loaded }) => loaded));

export function Panel({ data, options, context }: PanelProps<Answer, PanelOptions>) {
  switch (options.kind) {
    case 'vital':
      return <VitalPanel data={data} options={options} context={context} />;
    case 'timeseries':
      return <TimeseriesPanel data={data} options={options} context={context} />;
    case 'table':
      // Another question sorts by something else.
      return <TablePanel key={options.sort?.key} data={data} options={options} context={context} />;
    case 'map':
      return <MapPanel data={data} options={options} context={context} fallback={<Placeholder options={options} />} />;
    default:
      return <DetailPanel data={data} options={options} context={context} fallback={<Placeholder options={options} />} />;
  }
}

/** Kinds that look like another one. */
const FRAMES: Partial<Record<PanelOptions['kind'], string>> = { shares: 'timeseries', overlay: 'histogram', impact: 'histogram', delta: 'table' };

/** What stands in the place of a panel that is on its way. */
export function Placeholder({ options }: { options: PanelOptions }) {
  return <Frame id={options.id} kind={FRAMES[options.kind] ?? options.kind} title={<PanelTitle options={options} />} note={'note' in options ? options.note : undefined} busy><Waiting /></Frame>;
}

/** The title of a panel, for its frame while there is no data. */
export function PanelTitle({ options }: { options: PanelOptions }) {
  return options.kind === 'vital' ? <VitalTitle options={options} /> : <>{options.title}</>;
}
