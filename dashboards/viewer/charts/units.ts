/** How a panel writes its values and the ticks of its axis: as those of a vital, in a unit, or as numbers. */

import { formatAxisDuration, formatBytes, formatCompact, formatCount, formatDuration, formatNumber, formatVital } from '../format';
import type { Unit, VitalName } from '../types';
import { VITALS } from '../vitals';

export interface Measured {
  vital?: VitalName | undefined;
  unit?: Unit | undefined;
}

/** Writes a value in full. */
export function formatMeasured({ vital, unit }: Measured, value: number | null): string {
  if (vital || value === null) return formatVital(vital ?? 'lcp', value);
  if (unit === 'ms') return formatDuration(value);
  if (unit === 'bytes') return formatBytes(value);
  if (unit === 'count') return formatCount(value);
  return unit === 'share' ? formatPercent(value) : formatNumber(value);
}

/** Writes a tick of an axis, where the steps are round. */
export function formatTick({ vital, unit }: Measured, tick: number): string {
  if (unit === 'bytes') return formatBytes(tick);
  if (unit === 'share') return formatPercent(tick);
  if (unit === 'ms' || (vital && VITALS[vital].unit === 'ms')) return formatAxisDuration(tick);
  return vital ? String(tick) : formatCompact(tick);
}

/** Writes a share of 1 as people say it: `12 %`, `0.4 %`. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  return `${formatNumber(Number(percent.toPrecision(percent >= 10 ? 3 : 2)))}\u00a0%`;
}
