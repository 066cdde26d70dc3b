/** What the reader chooses for a whole dashboard: its parameters, the percentile, what it is compared with, and the devices. */

import { useApp } from '../context';
import type { Compare } from '../state';
import { COMPARISONS, filterFor, withOnlyFilter } from '../state';
import type { Definition, Parameter } from '../types';
import { Segments } from '../ui/segments';

/** The parameter that stands beside comparison and devices, as it does on most dashboards. */
const PERCENTILE = 'percentile';

export function Controls({ definition }: { definition: Definition }) {
  const { parameters = [] } = definition;
  return (
    <div class="controls">
      {parameters.filter(({ name }) => name !== PERCENTILE).map((parameter) => <ParameterSegments key={parameter.name} parameter={parameter} />)}
      {parameters.filter(({ name }) => name === PERCENTILE).map((parameter) => <ParameterSelect key={parameter.name} parameter={parameter} />)}
      <CompareSelect />
      {!definition.dataset && <DeviceSegments />}
    </div>
  );
}

function useParameter({ name, default: usual, values }: Parameter): [string, (value: string) => void] {
  const { state, go } = useApp();
  const chosen = values.find(({ value }) => value === state.parameters[name])?.value ?? usual;
  const { [name]: _, ...others } = state.parameters;
  return [chosen, (value) => go({ ...state, parameters: value === usual ? others : { ...others, [name]: value } })];
}

function ParameterSegments({ parameter }: { parameter: Parameter }) {
  const [chosen, choose] = useParameter(parameter);
  return <Segments name={parameter.title} options={parameter.values} value={chosen} onChoose={choose} />;
}

function ParameterSelect({ parameter }: { parameter: Parameter }) {
  const [chosen, choose] = useParameter(parameter);
  return (
    <select aria-label={parameter.title} title={parameter.title} value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
      {parameter.values.map(({ value, title }) => <option key={value} value={value}>{title}</option>)}
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
];

/** Vitals are judged apart for phones and desktops, so this filter is one click away. */
function DeviceSegments() {
  const { state, go } = useApp();
  const current = state.filters.find(({ column, op }) => column === 'device.type' && op === '=')?.value ?? '';
  return (
    <Segments
      name="Device"
      options={DEVICES}
      value={String(current)}
      onChoose={(value) => go(withOnlyFilter(state, 'device.type', value === '' ? null : filterFor('device.type', value)))}
    />
  );
}
