/** The kinds of panels that look closer, in a bundle of their own. */

import type { Answer, DeltaOptions, HeatmapOptions, HistogramOptions, ImpactOptions, OverlayOptions, PartsOptions, SharesOptions } from '../types';
import { DeltaPanel } from './delta';
import { HeatmapPanel } from './heatmap';
import { HistogramPanel } from './histogram';
import { ImpactPanel } from './impact';
import { OverlayPanel } from './overlay';
import type { PanelProps } from './panel';
import { PartsPanel } from './parts';
import { SharesPanel } from './shares';

export type DetailOptions = ImpactOptions | DeltaOptions | OverlayOptions | HeatmapOptions | HistogramOptions | PartsOptions | SharesOptions;

export function DetailPanel({ data, options, context }: PanelProps<Answer, DetailOptions>) {
  switch (options.kind) {
    case 'delta':
      return <DeltaPanel data={data} options={options} context={context} />;
    case 'impact':
      return <ImpactPanel data={data} options={options} context={context} />;
    case 'overlay':
      return <OverlayPanel data={data} options={options} context={context} />;
    case 'heatmap':
      return <HeatmapPanel data={data} options={options} context={context} />;
    case 'histogram':
      return <HistogramPanel data={data} options={options} context={context} />;
    case 'parts':
      return <PartsPanel data={data} options={options} context={context} />;
    case 'shares':
      return <SharesPanel data={data} options={options} context={context} />;
  }
}
