/** What the charts of one view share: an axis of time, and moments as lines with labels above. */

import { niceTicks } from '../charts/scale';
import type { Scale } from '../charts/scale';
import { formatAxisDuration, formatDuration } from '../format';
import type { Mark } from './phases';

export const LANE = 16;
/** About the width of a character of a label; a label is its title and a duration. */
const LABEL_CHARACTER = 6.5;

interface AxisProps {
  end: number;
  x: Scale;
  top: number;
  bottom: number;
  count: number;
}

export function TimeAxis({ end, x, top, bottom, count }: AxisProps) {
  return (
    <g class="grid">
      {niceTicks(end, count).map((tick) => (
        <g key={tick}>
          <line x1={x(tick)} x2={x(tick)} y1={top} y2={bottom} class={tick === 0 ? 'base' : undefined} />
          <text x={x(tick)} y={bottom + 16} text-anchor="middle">{formatAxisDuration(tick)}</text>
        </g>
      ))}
    </g>
  );
}

interface MarksProps {
  marks: readonly Mark[];
  lanes: readonly number[];
  x: Scale;
}

export function MarkLines({ marks, lanes, x, bottom }: MarksProps & { bottom: number }) {
  return (
    <g class="mark">
      {marks.map(({ title, at }, index) => (
        <line key={title} x1={x(at)} x2={x(at)} y1={lanes[index]! * LANE + LANE} y2={bottom} />
      ))}
    </g>
  );
}

/** Above all lines, so that none crosses them. */
export function MarkLabels({ marks, lanes, x }: MarksProps) {
  return (
    <g class="mark">
      {marks.map((mark, index) => (
        <text key={mark.title} x={x(mark.at)} y={lanes[index]! * LANE + 11} text-anchor={hasRoomLeft(mark, x) ? 'end' : 'start'}>
          <tspan class="mark-name">{mark.title}</tspan> {formatDuration(mark.at)}
        </text>
      ))}
    </g>
  );
}

/** How high the labels are together. */
export function lanesHeight(lanes: readonly number[]): number {
  return (Math.max(-1, ...lanes) + 1) * LANE + 8;
}

function hasRoomLeft(mark: Mark, x: Scale): boolean {
  return x(mark.at) > LABEL_CHARACTER * (mark.title.length + 9);
}

/** Puts each label into the first lane where it has room; marks come in order of time. */
export function placeLabels(marks: readonly Mark[], x: Scale): number[] {
  const ends: number[] = [];
  return marks.map((mark) => {
    const width = (mark.title.length + 9) * LABEL_CHARACTER;
    const start = hasRoomLeft(mark, x) ? x(mark.at) - width : x(mark.at);
    const free = ends.findIndex((end) => end <= start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = start + width;
    return lane;
  });
}
