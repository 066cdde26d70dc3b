/** One vital: p75, its rating, the shares of the three bands, and how many samples that rests on. */

import { filterFor } from '../state';
import { formatCount, formatShares, formatVital } from '../format';
import type { Answer, VitalOptions } from '../types';
import { BigValue, RatingLabel, Shape } from '../ui/rating';
import type { Rating } from '../vitals';
import { RATINGS, RATING_WORDS, VITALS, confidence, describeSamples, rateSampled } from '../vitals';
import { Frame } from './frame';
import type { PanelContext, PanelProps } from './panel';

export function VitalPanel({ data, options, context }: PanelProps<Answer, VitalOptions>) {
  const row = data.results[0]?.data ?? {};
  const value = asNumber(row[options.value]);
  const counts = options.bands.map((key) => asNumber(row[key]) ?? 0);
  const samples = counts.reduce((sum, count) => sum + count, 0);
  const vital = VITALS[options.vital];
  const rating = rateSampled(vital, value, samples);
  const shares = formatShares(counts);
  const text = formatVital(options.vital, value);
  const doubt = describeSamples(samples);

  return (
    <Frame
      id={options.id}
      kind="vital"
      title={<VitalTitle options={options} />}
      note={options.note}
      summary={summarise(vital.name, text, rating, shares, samples)}
    >
      <p class="vital-value" data-confidence={confidence(samples)}>
        <BigValue text={text} />
        {rating ? <RatingLabel rating={rating} /> : <span class="rating">{samples === 0 ? 'nothing measured' : 'not rated'}</span>}
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
        {doubt ? sentence(doubt) : `p75 of ${formatCount(samples)} samples`}
      </p>
    </Frame>
  );
}

export function VitalTitle({ options }: { options: VitalOptions }) {
  return <><abbr>{VITALS[options.vital].short}</abbr> <span class="vital-name">{options.title}</span></>;
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

function summarise(name: string, text: string, rating: Rating | null, shares: string[], samples: number): string {
  if (samples === 0) return `${name}: nothing measured.`;
  const bands = RATINGS.map((band, index) => `${shares[index]} ${RATING_WORDS[band]}`).join(', ');
  const verdict = rating ? RATING_WORDS[rating] : 'not rated';
  return `${name}: p75 ${text}, ${verdict}; ${bands}; ${formatCount(samples)} samples.`;
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}

function asNumber(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
