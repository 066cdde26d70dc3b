/** Who A and B are: the filters of each group, which a reader may add, take away and swap. */

import { useApp } from '../context';
import { describeFilter } from '../definition';
import { segmentFilters, withSegment } from '../segments';
import { FilterForm } from '../shell/filterBar';
import { withFilters } from '../state';
import type { Filter, Segment } from '../types';
import { Icon } from '../ui/icons';
import { Link } from '../ui/link';
import { Popover } from '../ui/popover';

export function SegmentPicker({ segments }: { segments: readonly Segment[] }) {
  const { state, go } = useApp();
  const chosen = segments.map((segment) => segmentFilters(segment, state.parameters));
  const swapped = segments.reduce((changed, segment, index) => withSegment(changed, segment, chosen.at(index - 1) ?? []), state);
  const differs = chosen.at(-1)!;
  return (
    <section class="segment-picker" aria-label={segments.length > 1 ? 'Groups to compare' : segments[0]!.title}>
      {segments.map((segment, index) => (
        <SegmentFilters key={segment.name} segment={segment} index={index} filters={chosen[index]!} onChange={(filters) => go(withSegment(state, segment, filters))} />
      ))}
      <div class="segment-actions">
        {segments.length > 1 && <button type="button" onClick={() => go(swapped)}>Swap</button>}
        {segments.length > 1 && differs.length > 0 && (
          <Link
            class="button"
            to={{
              ...withFilters(state, USUAL),
              view: 'explore',
              id: '',
              sort: null,
              question: {
                ...state.question, show: 'heatmap', calculations: [{ op: 'P75', column: `${state.parameters.vital ?? 'lcp'}.value` }], formulas: [], fields: [],
                breakdowns: [], havings: [], orders: [], selection: { filters: [...differs] },
              },
            }}
          >
            What else is different about {segments.at(-1)!.title}?
          </Link>
        )}
      </div>
    </section>
  );
}

const USUAL: readonly Filter[] = [{ column: 'kind', op: '=', value: 'page_view' }, { column: 'user_agent.is_bot', op: '!=', value: true }];

interface FiltersProps {
  segment: Segment;
  index: number;
  filters: readonly Filter[];
  onChange: (filters: Filter[]) => void;
}

function SegmentFilters({ segment: { title }, index, filters, onChange }: FiltersProps) {
  const { fields } = useApp();
  return (
    <div class="segment" data-series={index} role="group" aria-label={`Group ${title}`}>
      <strong>{title}</strong>
      {filters.map((filter, place) => {
        const text = describeFilter(filter);
        return (
          <span class="chip" key={text}>
            <Popover class="quiet" label={text} name={`Change the filter ${text} of ${title}`}>
              {(close) => <FilterForm fields={fields} initial={filter} onDone={(changed) => { close(); onChange(filters.toSpliced(place, 1, changed)); }} />}
            </Popover>
            <button type="button" class="quiet icon-button" aria-label={`Remove the filter ${text} of ${title}`} onClick={() => onChange(filters.toSpliced(place, 1))}>
              <Icon name="cross" />
            </button>
          </span>
        );
      })}
      {filters.length === 0 && <span class="segment-all">all</span>}
      <Popover class="add-filter" name={`Add filter to ${title}`} label={<><Icon name="filter" />Add filter</>}>
        {(close) => <FilterForm fields={fields} onDone={(filter) => { close(); onChange([...filters, filter]); }} />}
      </Popover>
    </div>
  );
}
