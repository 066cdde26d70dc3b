/** The kinds of panels. A new kind is a file here and a line below. */

import type { Answer, PanelOptions } from '../types';
import type { PanelProps } from './panel';
import { TablePanel } from './table';
import { TimeseriesPanel } from './timeseries';
import { VitalPanel, VitalTitle } from './vital';

export function Panel({ data, options, context }: PanelProps<Answer, PanelOptions>) {
  switch (options.kind) {
    case 'vital':
      return <VitalPanel data={data} options={options} context={context} />;
    case 'timeseries':
      return <TimeseriesPanel data={data} options={options} context={context} />;
    case 'table':
      return <TablePanel data={data} options={options} context={context} />;
  }
}

/** The title of a panel, for its frame while there is no data. */
export function PanelTitle({ options }: { options: PanelOptions }) {
  return options.kind === 'vital' ? <VitalTitle options={options} /> : <>{options.title}</>;
}
