/** A rating is a word, a shape and a colour: circle good, square needs improvement, triangle poor. */

import { GAP } from '../format';
import type { Rating } from '../vitals';
import { RATING_WORDS } from '../vitals';

const SHAPES: Record<Rating, string> = {
  good: 'M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Z',
  'needs-improvement': 'M1.6 1.6h8.8v8.8H1.6Z',
  poor: 'M6 .9 11.6 11H.4Z',
};

/** The shape alone, for the eye; say the word beside it. */
export function Shape({ rating }: { rating: Rating }) {
  return (
    <svg class="shape" data-rating={rating} viewBox="0 0 12 12" aria-hidden="true">
      <path d={SHAPES[rating]} />
    </svg>
  );
}

/** Shape and word. */
export function RatingLabel({ rating }: { rating: Rating }) {
  return (
    <span class="rating" data-rating={rating}>
      <Shape rating={rating} />
      {RATING_WORDS[rating]}
    </span>
  );
}

/** A value with its shape; the word is spoken and shown on hover. */
export function RatedValue({ text, rating }: { text: string; rating: Rating | null }) {
  if (!rating) return <span class="unrated">{text}</span>;
  return (
    <span class="rated" data-rating={rating} title={RATING_WORDS[rating]}>
      <Shape rating={rating} />
      {text}
      <span class="spoken">, {RATING_WORDS[rating]}</span>
    </span>
  );
}

/** A value in large figures, its unit small beside it. */
export function BigValue({ text }: { text: string }) {
  const [number, ...units] = text.split(GAP);
  return <strong class="big-value">{number}{units.length > 0 && <small>{GAP}{units.join(GAP)}</small>}</strong>;
}
