/** What the reader chooses for a whole dashboard: its parameters, the percentile, what it is compared with, and the devices. */

import { useApp } from '../context';
import { PERCENTILES, chosenOf } from '../definition';
import type { Compare } from '../state';
import { COMPARISONS, filterFor, withOnlyFilter } from '../state';
import type { Definition, Parameter } from '../types';
import { Segments } from '../ui/segments';

export function Controls({ definition, canCompare }: { definition: Definition; canCompare: boolean }) {
  const { state } = useApp();
  return (
    <div class="controls">
      {(definition.parameters ?? []).map((parameter) => <ParameterSegments key={parameter.name} parameter={parameter} />)}
      {definition.choose_percentile && <PercentileSelect />}
      {canCompare && !state.split && !definition.segments && <CompareSelect />}
      {!definition.dataset && <DeviceSegments canSplit={!definition.segments} />}
    </div>
  );
}

/** Goes to the same with another value; the usual one is not said in the URL. */
function useChoice(name: string, usual: string): (value: string) => void {
  const { state, go } = useApp();
  const { [name]: _, ...others } = state.parameters;
  return (value) => go({ ...state, parameters: value === usual ? others : { ...others, [name]: value } });
}

function ParameterSegments({ parameter }: { parameter: Parameter }) {
  const { state } = useApp();
  const choose = useChoice(parameter.name, parameter.default);
  return <Segments name={parameter.title} options={parameter.values} value={chosenOf(parameter, state.parameters)} onChoose={choose} />;
}

function PercentileSelect() {
  const { state } = useApp();
  const choose = useChoice('percentile', PERCENTILES[0]!);
  const chosen = state.parameters.percentile ?? '';
  return (
    <select
      aria-label="Percentile"
      title="Percentile"
      value={PERCENTILES.includes(chosen) ? chosen : PERCENTILES[0]}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      {[...PERCENTILES].sort().map((value) => <option key={value} value={value}>p{value}</option>)}
    </select>
  );
}

export function CompareSelect() {
  const { state, go } = useApp();
  return (
    <select
      aria-label="Compare with"
      title="Compare with"
      value={state.compare}
      onChange={(event) => go({ ...state, compare: event.currentTarget.value as Compare })}
    >
      {Object.entries(COMPARISONS).map(([value, title]) => <option key={value} value={value}>{value ? `vs ${title.toLowerCase()}` : 'No comparison'}</option>)}
    </select>
  );
}

const DEVICES = [
  { value: '', title: 'All devices' },
  { value: 'desktop', title: 'Desktop' },
  { value: 'mobile', title: 'Mobile' },
  { value: 'split', title: 'Split' },
];

/** Vitals are judged apart for phones and desktops, so this filter is one click away. */
function DeviceSegments({ canSplit }: { canSplit: boolean }) {
  const { state, go, readOnly } = useApp();
  const current = state.filters.find(({ column, op }) => column === 'device.type' && op === '=')?.value ?? '';
  return (
    <Segments
      name="Device"
      options={DEVICES.filter(({ value }) => (value === 'split' ? canSplit : value === '' || !readOnly))}
      value={state.split ? 'split' : String(current)}
      onChoose={(value) => {
        const filter = value === '' || value === 'split' ? null : filterFor('device.type', value);
        go({ ...withOnlyFilter(state, 'device.type', filter), split: value === 'split' });
      }}
    />
  );
}
