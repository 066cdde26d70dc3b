/** The lines of an axis of values, with their labels on the left. */

import type { Scale } from './scale';

interface Props {
  ticks: readonly number[];
  y: Scale;
  left: number;
  right: number;
  format: (tick: number) => string;
}

export function ValueGrid({ ticks, y, left, right, format }: Props) {
  return (
    <>
      {ticks.map((tick) => (
        <g key={tick}>
          <line x1={left} x2={right} y1={y(tick)} y2={y(tick)} class={tick === 0 ? 'base' : undefined} />
          <text x={left - 8} y={y(tick)} dy="0.32em" text-anchor="end">{format(tick)}</text>
        </g>
      ))}
    </>
  );
}
