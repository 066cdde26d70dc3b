/** One vital of one page view: value, rating, the parts that add up to it, and the facts that explain it. */

import { useApp } from '../context';
import { formatDuration, formatField, formatVital } from '../format';
import type { Row, VitalName } from '../types';
import type { Vital } from '../vitals';
import { VITALS, rate } from '../vitals';
import { BigValue, RatingLabel } from '../ui/rating';

export function VitalCard({ name, event }: { name: VitalName; event: Row }) {
  const vital = VITALS[name];
  const value = asNumber(event[`${name}.value`]);
  return (
    <section class="panel vital-card" data-vital={name} aria-label={vital.name}>
      <h2><abbr>{vital.short}</abbr> <span class="vital-name">{vital.name}</span></h2>
      {value === null ? (
        <>
          <p class="vital-value" data-confidence="none"><BigValue text="–" /><span class="rating">not measured</span></p>
          <p class="vital-absent">{vital.absent}</p>
        </>
      ) : (
        <>
          <p class="vital-value"><BigValue text={formatVital(name, value)} /><RatingLabel rating={rate(vital, value)} /></p>
          <Parts vital={vital} event={event} />
          <Facts vital={vital} event={event} />
        </>
      )}
    </section>
  );
}

function Parts({ vital, event }: { vital: Vital; event: Row }) {
  const parts = vital.parts.flatMap(({ field, title }) => {
    const value = asNumber(event[field]);
    return value === null ? [] : [{ field, title, value }];
  });
  if (parts.length === 0) return null;
  return (
    <>
      <div class="part-bar" aria-hidden="true">
        {parts.map(({ field, value }, index) => value > 0 && <span key={field} data-part={index} style={{ flexGrow: value }} />)}
      </div>
      <dl class="parts">
        {parts.map(({ field, title, value }, index) => (
          <div key={field} data-part={index}><dt>{title}</dt><dd>{formatDuration(value)}</dd></div>
        ))}
      </dl>
    </>
  );
}

function Facts({ vital, event }: { vital: Vital; event: Row }) {
  const { fields } = useApp();
  const facts = vital.facts.filter(({ field }) => event[field] !== undefined && event[field] !== null);
  if (facts.length === 0) return null;
  return (
    <dl class="vital-facts">
      {facts.map(({ field, title }) => {
        const text = formatField(event[field], fields.get(field) ?? { type: '', unit: '' });
        return <div key={field}><dt>{title}</dt><dd title={text}>{text}</dd></div>;
      })}
    </dl>
  );
}

function asNumber(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
