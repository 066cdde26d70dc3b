/** Values by country on a map of the world; the menu, the keys and the list below it serve those who cannot point at a country. */

import { useMemo, useState } from 'preact/hooks';
import { COUNTRIES, HEIGHT, LAND, WIDTH } from 'world';

import { formatMeasured } from '../charts/units';
import { countryName, formatCount } from '../format';
import { filterFor } from '../state';
import type { Answer, ColumnOptions, MapOptions, Row } from '../types';
import { RatedValue, Shape } from '../ui/rating';
import { Segments } from '../ui/segments';
import type { Rating } from '../vitals';
import { RATINGS, RATING_WORDS, VITALS, describeSamples, isRated, rateSampled } from '../vitals';
import { Frame } from './frame';
import type { PanelContext, PanelProps } from './panel';
import type { Sheet } from './sheet';
import { SheetTable, numberColumn, textColumn } from './sheet';

/** One country. */
interface Place {
  code: string;
  value: number | null;
  samples: number;
  rating: Rating | null;
}

export function MapPanel({ data, options, context }: PanelProps<Answer, MapOptions>) {
  const [table, setTable] = useState(false);
  const [chosen, setChosen] = useState(0);
  const [read, setRead] = useState<string | null>(null);
  const shown = options.values[chosen] ?? options.values[0]!;
  const places = useMemo(() => toPlaces(data, options, shown), [data, options, shown]);
  const known = places.find(({ code }) => code === read);
  return (
    <Frame
      id={options.id}
      kind="map"
      title={options.title}
      note={options.note}
      aside={<p class="readout">{known ? <Reading place={known} shown={shown} /> : places.length > 0 && `${formatCount(places.length)} ${places.length === 1 ? 'country' : 'countries'}`}</p>}
      summary={summarise(options, shown, places)}
      menu={{ context, options, data, sheet: () => toSheet(data, options) }}
      table={{ shown: table, onToggle: () => setTable(!table) }}
    >
      {places.length === 0 ? (
        <p class="panel-empty">No country is known. The collector learns it from the visitor’s address, if it has a file to look that up in: the setting <code>country_database</code>.</p>
      ) : table ? (
        <SheetTable name={options.title} sheet={toSheet(data, options)} />
      ) : (
        <>
          <div class="map-head">
            <Segments
              name="Colour by"
              options={options.values.map(({ title }, index) => ({ value: String(index), title }))}
              value={String(options.values.indexOf(shown))}
              onChoose={(value) => setChosen(Number(value))}
            />
            <Legend shown={shown} places={places} />
          </div>
          <World options={options} context={context} shown={shown} places={places} read={read} onRead={setRead} />
          <Elsewhere options={options} context={context} shown={shown} places={places} />
        </>
      )}
    </Frame>
  );
}

interface Shown {
  options: MapOptions;
  context: PanelContext;
  shown: ColumnOptions;
  places: readonly Place[];
}

function World({ options, context, shown, places, read, onRead }: Shown & { read: string | null; onRead: (code: string | null) => void }) {
  const [spoken, setSpoken] = useState('');
  const byCode = new Map(places.map((place) => [place.code, place]));
  const drawn = places.filter(({ code }) => COUNTRIES[code] !== undefined);
  const most = Math.max(...places.map(({ value }) => value ?? 0), 0);
  const filter = (code: string | null) => {
    if (code !== null && byCode.has(code) && context.canFilter(options.key)) context.addFilter(filterFor(options.key, code));
  };
  const codeOf = (event: Event) => (event.target as Element).getAttribute('data-code');
  const press = (event: KeyboardEvent) => {
    const now = drawn.findIndex(({ code }) => code === read);
    const last = drawn.length - 1;
    const next = { ArrowLeft: now < 0 ? last : now - 1, ArrowUp: now < 0 ? last : now - 1, ArrowRight: now + 1, ArrowDown: now + 1, Home: 0, End: last }[event.key];
    if (event.key === 'Escape') onRead(null);
    if (event.key === 'Enter') filter(read);
    if (next === undefined || drawn.length === 0) return;
    event.preventDefault();
    const place = drawn[Math.max(0, Math.min(last, next))]!;
    onRead(place.code);
    setSpoken(describe(place, shown));
  };
  return (
    <div
      class="chart map"
      role="group"
      tabIndex={0}
      aria-label={`${options.title}: map. The arrow keys read the countries, those with most views first${context.readOnly ? '' : '; Enter keeps only one'}.`}
      data-can-filter={context.canFilter(options.key)}
      onPointerOver={(event) => onRead(codeOf(event))}
      onPointerLeave={() => onRead(null)}
      onBlur={() => onRead(null)}
      onClick={(event) => filter(codeOf(event))}
      onKeyDown={press}
    >
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        <path class="land" d={LAND} />
        {Object.entries(COUNTRIES).map(([code, path]) => {
          const place = byCode.get(code);
          return <path key={code} class="land" d={path} data-code={place && code} {...(place && paint(place, shown, most))} />;
        })}
        {/* Drawn last, so that no neighbour covers its edge. */}
        {read !== null && byCode.has(read) && COUNTRIES[read] && <path class="read" d={COUNTRIES[read]} />}
      </svg>
      <span class="spoken" role="status">{spoken}</span>
    </div>
  );
}

/** The colour of a country: of its band, or the deeper the larger its value is. */
function paint({ value, samples, rating }: Place, shown: ColumnOptions, most: number) {
  if (value === null) return {};
  if (shown.vital && isRated(shown.key)) return { 'data-rating': rating ?? 'none', 'data-few': describeSamples(samples) !== '' };
  return { 'data-depth': '', 'fill-opacity': 0.15 + 0.85 * Math.sqrt(most > 0 ? value / most : 0) };
}

function Legend({ shown, places }: Pick<Shown, 'shown' | 'places'>) {
  if (shown.vital && isRated(shown.key)) {
    return (
      <ul class="map-legend">
        {RATINGS.map((rating) => <li key={rating}><Shape rating={rating} />{RATING_WORDS[rating]}</li>)}
        {places.some(({ value, rating }) => value !== null && !rating) && <li data-rating="none">not rated</li>}
      </ul>
    );
  }
  const values = places.flatMap(({ value }) => value ?? []);
  if (values.length === 0) return null;
  return (
    <p class="map-legend">
      {formatMeasured(shown, Math.min(...values))}<span class="map-scale" aria-hidden="true" />{formatMeasured(shown, Math.max(...values))}
    </p>
  );
}

/** What is too small for a map of the world, or in no place at all. */
function Elsewhere({ options, context, shown, places }: Shown) {
  const missing = places.filter(({ code }) => COUNTRIES[code] === undefined);
  if (missing.length === 0) return null;
  return (
    <p class="map-elsewhere">
      <span>Not on the map:</span>
      {missing.map((place) => (
        <button key={place.code} type="button" class="quiet" disabled={!context.canFilter(options.key)} onClick={() => context.addFilter(filterFor(options.key, place.code))}>
          {countryName(place.code)} {formatMeasured(shown, place.value)}
        </button>
      ))}
    </p>
  );
}

function Reading({ place, shown }: { place: Place; shown: ColumnOptions }) {
  return (
    <>
      <span>{countryName(place.code)}</span>
      {shown.count && <span class="readout-samples">n&nbsp;{formatCount(place.samples)}</span>}
      <strong><RatedValue text={formatMeasured(shown, place.value)} rating={place.rating} /></strong>
    </>
  );
}

function describe(place: Place, shown: ColumnOptions): string {
  const verdict = place.rating ? RATING_WORDS[place.rating] : shown.count ? describeSamples(place.samples) : '';
  return [`${countryName(place.code)}: ${shown.title} ${formatMeasured(shown, place.value)}`, verdict].filter(Boolean).join(', ');
}

/** The countries that are known, as the query sorts them. */
export function toPlaces({ results }: Pick<Answer, 'results'>, { key }: Pick<MapOptions, 'key'>, shown: ColumnOptions): Place[] {
  return results.flatMap(({ data }) => {
    const code = data[key];
    if (typeof code !== 'string' || code === '') return [];
    const value = numberOf(data, shown.key);
    const samples = shown.count === undefined ? Infinity : (numberOf(data, shown.count) ?? 0);
    const rating = shown.vital && isRated(shown.key) ? rateSampled(VITALS[shown.vital], value, samples) : null;
    return { code, value, samples, rating };
  });
}

function numberOf(row: Row, key: string): number | null {
  const value = row[key];
  return typeof value === 'number' ? value : null;
}

function summarise(options: MapOptions, shown: ColumnOptions, places: readonly Place[]): string {
  if (places.length === 0) return `${options.title}: no country is known.`;
  return `${options.title}: ${shown.title} of ${formatCount(places.length)} ${places.length === 1 ? 'country' : 'countries'}. ${places.slice(0, 3).map((place) => describe(place, shown)).join('; ')}.`;
}

function toSheet({ results }: Answer, { key, values }: MapOptions): Sheet {
  return {
    columns: [textColumn('Country'), textColumn('Code'), ...values.map(({ title, vital, unit }) => numberColumn(title, { vital, unit }))],
    rows: results.map(({ data }) => {
      const code = data[key];
      return [typeof code === 'string' ? countryName(code) : '(none)', code, ...values.map((value) => data[value.key])];
    }),
  };
}
