/** Rules and incidents: what the collector says of them, and how that is written. Pure. */

import { formatCount, formatDuration, formatField, GAP, harmless, MISSING } from './format';
import type { Field, Value } from './types';
import type { Rating } from './vitals';

export type Severity = 'info' | 'warning' | 'critical';
export type Status = 'unknown' | 'ok' | 'pending' | 'failing' | 'no_data';

export interface Subject {
  /** A check or a group; empty for the whole. */
  subject: string;
  status: Status;
  /** Epoch seconds, as all times here. */
  since: number;
  is_open: boolean;
  reason: string;
  value: number | null;
  samples: number | null;
}

export interface Alert {
  rule: string;
  kind: 'check' | 'query';
  title: string;
  severity: Severity;
  dataset: string;
  status: Status;
  subjects: Subject[];
  /** Why nothing is decided; empty where that is so, in maintenance and out of it. */
  held: string;
  maintenance: string;
  looked_at: number | null;
  channels: string[];
}

export interface Silence {
  id: string;
  rule: string;
  subject: string;
  until: number;
  reason: string;
  created_by: string;
}

export interface Alerts {
  on: boolean;
  alerts: Alert[];
  silences: Silence[];
  problems: string[];
  lag_seconds: number;
}

/** A run of a check. */
export interface RunFacts {
  check: string;
  location: string;
  run_id: string;
  at: number;
  status: string;
  reason: string;
  message: string;
}

export interface Difference {
  field: string;
  before: Value;
  after: Value;
}

export interface Impact {
  start: number;
  end: number;
  paths: string[];
  /** Null where the site has no sessions. */
  sessions: number | null;
  page_views: number;
  errors: number;
  lcp_p75: number | null;
}

export interface Incident {
  id: string;
  rule: string;
  kind: 'check' | 'query';
  title: string;
  description: string;
  runbook: string;
  severity: Severity;
  dataset: string;
  subject: string;
  subjects: string[];
  cause: 'failing' | 'no_data';
  reason: string;
  started_at: number;
  opened_at: number;
  resolved_at: number | null;
  resolution: string;
  value: number | null;
  threshold: string;
  samples: number | null;
  first_failing: RunFacts | null;
  last_passing: RunFacts | null;
  differences: Difference[];
  impact: Impact | null;
  acknowledged_by: string;
  acknowledged_at: number | null;
  note: string;
}

export interface AlertMessage {
  event: string;
  channel: string;
  created_at: number;
  sent_at: number | null;
  tries: number;
  error: string;
}

export interface FoundIncident {
  incident: Incident;
  messages: AlertMessage[];
}

export const STATUS_WORDS: Record<Status, string> = {
  unknown: 'Not looked at yet', ok: 'OK', pending: 'Pending', failing: 'Failing', no_data: 'No data',
};

export const SEVERITY_WORDS: Record<Severity, string> = { info: 'Info', warning: 'Warning', critical: 'Critical' };

/** The shape and colour of a state; null where there is nothing to judge. */
export function statusRating(status: Status): Rating | null {
  if (status === 'ok') return 'good';
  if (status === 'pending') return 'needs-improvement';
  return status === 'failing' ? 'poor' : null;
}

export function severityRating(severity: Severity): Rating | null {
  if (severity === 'critical') return 'poor';
  return severity === 'warning' ? 'needs-improvement' : null;
}

/** Writes what an incident is about: the rule and the subject, where that says more. */
export function incidentTitle({ title, subject }: Pick<Incident, 'title' | 'subject'>): string {
  return subject && subject !== title ? `${title}: ${subject}` : title;
}

/** Writes how long something has lasted or lasts: `3 min`, `2 h 5 min`, `4 d`. */
export function formatSpan(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))}${GAP}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}${GAP}min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours}${GAP}h ${minutes % 60}${GAP}min` : `${hours}${GAP}h`;
  return `${Math.floor(hours / 24)}${GAP}d`;
}

/** Says in a sentence who was there meanwhile. */
export function describeImpact({ sessions, page_views: views, errors, lcp_p75: lcp }: Impact): string {
  const who = sessions === null ? '' : `${formatCount(sessions)} ${sessions === 1 ? 'session' : 'sessions'}, `;
  const slow = lcp === null ? '' : `; LCP p75 ${formatDuration(lcp)}`;
  return `${who}${formatCount(views)} page ${views === 1 ? 'view' : 'views'}, ${formatCount(errors)} ${errors === 1 ? 'error' : 'errors'}${slow}`;
}

/** Counts subjects by their states, the worst first: `1 failing, 4 OK`. */
export function countStatuses(subjects: readonly Subject[]): string {
  const order: Status[] = ['failing', 'pending', 'no_data', 'unknown', 'ok'];
  const counts = order.map((status) => [subjects.filter((one) => one.status === status).length, status] as const);
  return counts.filter(([count]) => count > 0)
    .map(([count, status]) => `${formatCount(count)} ${status === 'ok' ? 'OK' : STATUS_WORDS[status].toLowerCase()}`).join(', ');
}

/** Writes one side of a difference with its field's unit. */
export function formatSide(value: Value, field: Field | undefined): string {
  if (value === null || value === undefined || value === '') return MISSING;
  return harmless(field && typeof value === 'number' ? formatField(value, field) : String(value));
}
