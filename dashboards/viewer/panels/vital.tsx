/** One vital: p75, its rating, the shares of the three bands, and how many samples that rests on. */

import type { State } from '../state';
import { filterFor } from '../state';
import { GAP, formatCount, formatShares, formatVital, harmless } from '../format';
import { formatPercent } from '../charts/units';
import type { Answer, VitalName, VitalOptions } from '../types';
import { Link } from '../ui/link';
import { BigValue, RatedValue, RatingLabel, Shape } from '../ui/rating';
import type { Rating } from '../vitals';
import { RATINGS, RATING_WORDS, SURE_FROM, VITALS, confidence, describeSamples, isRated, rateSampled } from '../vitals';
import { Frame } from './frame';
import type { PanelContext, PanelProps } from './panel';
import type { Sheet } from './sheet';
import { numberColumn, textColumn } from './sheet';

export function VitalPanel({ data, options, context }: PanelProps<Answer, VitalOptions>) {
  const row = data.total_by_aggregate?.data ?? data.results[0]?.data ?? {};
  const value = asNumber(row[options.value]);
  const counts = options.bands.map((key) => asNumber(row[key]) ?? 0);
  const samples = counts.reduce((sum, count) => sum + count, 0);
  const vital = VITALS[options.vital];
  const rated = isRated(options.value);
  const rating = rated ? rateSampled(vital, value, samples) : null;
  const shares = formatShares(counts);
  const text = formatVital(options.vital, value);
  const doubt = describeSamples(samples);
  const percentile = options.value.split('(')[0]!.toLowerCase();
  const before = asNumber(data.comparison?.results[0]?.data[options.value]);

  return (
    <Frame
      id={options.id}
      kind="vital"
      title={<VitalTitle options={options} detail={context.detail} />}
      note={options.note}
      summary={summarise(vital.name, percentile, text, rating, shares, samples)}
      menu={{ context, options, data, sheet: () => toSheet(options, value, counts) }}
    >
      <p class="vital-value" data-confidence={confidence(samples)}>
        <BigValue text={text} />
        {rating ? <RatingLabel rating={rating} /> : <span class="rating">{samples === 0 ? 'nothing measured' : rated ? 'not rated' : 'rated at p75 only'}</span>}
      </p>
      <ShareBar counts={counts} />
      <ul class="shares">
        {RATINGS.map((band, index) => (
          <li key={band}>
            <ShareButton band={band} share={shares[index]!} vital={options.vital} context={context} disabled={samples === 0} />
          </li>
        ))}
      </ul>
      <p class="samples" title={samples === 0 ? vital.absent : undefined}>
        {doubt ? sentence(doubt) : `${percentile} of ${formatCount(samples)} samples`}
      </p>
      {data.total_by_aggregate && <Groups data={data} options={options} context={context} />}
      {data.comparison && <Change vital={options.vital} value={value} before={before} />}
    </Frame>
  );
}

export function VitalTitle({ options, detail = null }: { options: VitalOptions; detail?: State | null }) {
  const title = <><abbr>{VITALS[options.vital].short}</abbr> <span class="vital-name">{options.title}</span></>;
  return detail ? <Link class="title-link" to={detail}>{title}</Link> : title;
}

/** The three bands as one bar. It repeats the percentages below it, so only the eye needs it. */
function ShareBar({ counts }: { counts: number[] }) {
  const present = RATINGS.map((rating, index) => ({ rating, count: counts[index]! })).filter(({ count }) => count > 0);
  return (
    <div class="share-bar" aria-hidden="true">
      {present.map(({ rating, count }) => <span key={rating} data-rating={rating} style={{ flexGrow: count }} />)}
    </div>
  );
}

interface ShareButtonProps {
  band: Rating;
  share: string;
  vital: VitalOptions['vital'];
  context: PanelContext;
  disabled: boolean;
}

function ShareButton({ band, share, vital, context, disabled }: ShareButtonProps) {
  if (!context.canFilter(`${vital}.rating`)) {
    return <span class="share" title={RATING_WORDS[band]}><Shape rating={band} /><span class="spoken">{RATING_WORDS[band]} </span>{share}</span>;
  }
  const label = `${RATING_WORDS[band]}: ${share}. Show only these`;
  return (
    <button
      type="button"
      class="quiet share"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={() => context.addFilter(filterFor(`${vital}.rating`, band))}
    >
      <Shape rating={band} />
      {share}
    </button>
  );
}

/** The same of each group, such as each kind of device. */
function Groups({ data, options, context: { breakdowns, addFilters } }: PanelProps<Answer, VitalOptions>) {
  return (
    <ul class="vital-groups">
      {data.results.map(({ data: row }) => {
        const value = asNumber(row[options.value]);
        const samples = options.bands.reduce((sum, key) => sum + (asNumber(row[key]) ?? 0), 0);
        const name = breakdowns.map((breakdown) => String(row[breakdown] ?? '(none)')).join(', ');
        const rating = isRated(options.value) ? rateSampled(VITALS[options.vital], value, samples) : null;
        return (
          <li key={name} title={describeSamples(samples) || undefined} data-doubt={samples < SURE_FROM}>
            <button type="button" class="quiet cell" onClick={() => addFilters(breakdowns.map((column) => filterFor(column, row[column])))}>{harmless(name)}</button>
            <RatedValue text={formatVital(options.vital, value)} rating={rating} />
          </li>
        );
      })}
    </ul>
  );
}

/** Writes how large a change is: to the percent, as more would be noise. */
function formatShare(share: number): string {
  return share < 0.005 ? `<1${GAP}%` : formatPercent(Math.round(share * 100) / 100);
}

/** How the value has changed; smaller is better for every vital. */
function Change({ vital, value, before }: { vital: VitalName; value: number | null; before: number | null }) {
  if (value === null || before === null) return <p class="change">nothing to compare with</p>;
  const change = value - before;
  const share = before > 0 ? ` (${change < 0 ? '−' : '+'}${formatShare(Math.abs(change) / before)})` : '';
  const text = formatVital(vital, Math.abs(change));
  const words = change === 0 ? 'as before' : `${text}${share} ${change > 0 ? 'slower' : 'faster'} than before`;
  return <p class="change" title={`Before: ${formatVital(vital, before)}`}>{vital === 'cls' ? words.replace('slower', 'more').replace('faster', 'less') : words}</p>;
}

function toSheet(options: VitalOptions, value: number | null, counts: number[]): Sheet {
  return {
    columns: [
      textColumn('Vital'), numberColumn(options.value.split('(')[0]!.toLowerCase(), { vital: options.vital }),
      ...RATINGS.map((band) => numberColumn(RATING_WORDS[band])),
    ],
    rows: [[options.title, value, ...counts]],
  };
}

function summarise(name: string, percentile: string, text: string, rating: Rating | null, shares: string[], samples: number): string {
  if (samples === 0) return `${name}: nothing measured.`;
  const bands = RATINGS.map((band, index) => `${shares[index]} ${RATING_WORDS[band]}`).join(', ');
  const verdict = rating ? RATING_WORDS[rating] : 'not rated';
  return `${name}: ${percentile} ${text}, ${verdict}; ${bands}; ${formatCount(samples)} samples.`;
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}

function asNumber(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
