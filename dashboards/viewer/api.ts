/** The only place that talks to the collector. Everything else gets an `Api`. */

import { LINES, createAsker } from './asker';
import type { Alerts, FoundIncident, Incident } from './alerting';
import { ApiError } from './apiError';
import type { Show } from './question';
import type {
  Answer, Baseline, BubbleUp, BubbleUpRequest, CheckRun, Checks, DashboardEntry, Dataset, Definition, Events, EventsRequest, Field,
  FoundEvent, Marker, Me, NamedRequest, QueryRequest, Row, SavedQuery, Share, ShareRequest, SharedDashboard, TimeFields,
} from './types';

export interface Api {
  me(signal?: AbortSignal): Promise<Me>;
  datasets(signal?: AbortSignal): Promise<Dataset[]>;
  fields(dataset: string, signal?: AbortSignal): Promise<Field[]>;
  /** Values of a field for what somebody types, the most frequent first. */
  values(dataset: string, field: string, typed: string, signal?: AbortSignal): Promise<string[]>;
  dashboards(signal?: AbortSignal): Promise<DashboardEntry[]>;
  /** A definition; of an own one also its version. */
  dashboard(id: string, signal?: AbortSignal): Promise<Definition>;
  addDashboard(definition: Omit<Definition, 'id'>): Promise<DashboardEntry>;
  /** Replaces a dashboard, unless it is not any more of the version that was changed: then the error's status is 412. */
  changeDashboard(definition: Definition, version: number): Promise<DashboardEntry>;
  deleteDashboard(id: string): Promise<void>;
  /** The questions of a dataset that have a name, by it. */
  savedQueries(dataset: string, signal?: AbortSignal): Promise<SavedQuery[]>;
  /** Keeps a question under a name; one that had the name before has it no more. */
  saveQuery(query: SavedQuery['query'], name: string, show: Show): Promise<void>;
  forgetQuery(id: string): Promise<void>;
  /** The links to a dashboard, and for how many days one may be made. */
  shares(id: string, signal?: AbortSignal): Promise<{ shares: Share[]; max_days: number }>;
  share(id: string, wanted: ShareRequest): Promise<Share & { url: string }>;
  unshare(id: string, share: string): Promise<void>;
  /** Asks a question; `onFirst` gets an answer from a sample, where the whole one takes its time. */
  query(request: QueryRequest, signal?: AbortSignal, onFirst?: (answer: Answer) => void): Promise<Answer>;
  /** Runs a query of a dashboard by its name; there where nothing else may be asked. */
  named?: (name: string, request: NamedRequest, signal?: AbortSignal) => Promise<Answer>;
  /** What happened from one moment to another, epoch seconds. */
  markers(dataset: string, start: number, end: number, signal?: AbortSignal): Promise<Marker[]>;
  /** The rules of a dataset. */
  alerts(dataset: string, signal?: AbortSignal): Promise<Alerts>;
  /** Its incidents, the newest first. */
  incidents(dataset: string, signal?: AbortSignal): Promise<Incident[]>;
  incident(id: string, signal?: AbortSignal): Promise<FoundIncident>;
  acknowledge(id: string, note: string): Promise<void>;
  /** Tells nobody of a rule, or of one subject, for so many seconds. */
  silence(wanted: { rule: string; subject?: string; seconds: number }): Promise<void>;
  endSilence(id: string): Promise<void>;
  bubbleUp(request: BubbleUpRequest, signal?: AbortSignal): Promise<BubbleUp>;
  events(request: EventsRequest, signal?: AbortSignal): Promise<Events>;
  /** How the checks of a dataset are. */
  checks(dataset: string, time: TimeFields, points: number, signal?: AbortSignal): Promise<Checks>;
  /** Runs, the newest first; of one check, where it is named. */
  checkRuns(dataset: string, time: TimeFields, wanted: { name?: string; status?: string; limit: number }, signal?: AbortSignal): Promise<{ runs: Row[]; next_cursor: string | null }>;
  checkRun(id: string, dataset: string, signal?: AbortSignal): Promise<CheckRun>;
  /** Pictures of steps of checks, those that wait for a decision first. */
  baselines(dataset: string, signal?: AbortSignal): Promise<{ baselines: Baseline[]; waiting: number }>;
  /** Accepts or rejects the picture that waits; another one that has come since is not meant, and the error's status is 409. */
  decide(baseline: Baseline, what: 'accept' | 'reject', dataset: string): Promise<void>;
  /** A piece of evidence that is JSON. */
  evidence<T>(sha256: string, dataset: string, signal?: AbortSignal): Promise<T>;
  /** One event with the events of its session. */
  event(id: string, dataset: string, signal?: AbortSignal): Promise<FoundEvent>;
  /** Ends the session, or all sessions of who is signed in. */
  logout(everywhere?: boolean): Promise<void>;
  /** Ends all sessions but this one. */
  changePassword(current: string, next: string): Promise<void>;
}

/** What the holder of a link to a dashboard may ask. */
export interface SharedApi {
  about(signal?: AbortSignal): Promise<SharedDashboard>;
  named: NonNullable<Api['named']>;
}

interface Options {
  fetch: typeof fetch;
  /** Called when the session is over. */
  onUnauthenticated: () => void;
}

function createClient({ fetch, onUnauthenticated }: Options) {
  async function respond(path: string, init: RequestInit): Promise<Response> {
    const response = await send(fetch, path, init);
    if (response.status === 401) onUnauthenticated();
    if (!response.ok) throw await toError(response);
    return response;
  }
  async function request<T>(path: string, init: RequestInit): Promise<T> {
    const response = await respond(path, init);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }
  function write<T>(method: string, path: string, body: object, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<T> {
    const init = { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
    return request<T>(path, { ...init, signal: signal ?? null });
  }
  return {
    respond,
    write,
    remove: (path: string) => request<void>(path, { method: 'DELETE' }),
    get: <T>(path: string, signal?: AbortSignal) => request<T>(path, { signal: signal ?? null }),
    post: <T>(path: string, body: object, signal?: AbortSignal) => write<T>('POST', path, body, {}, signal),
  };
}

/** The API of a link to a dashboard, `/share/…`. */
export function createSharedApi({ fetch }: Pick<Options, 'fetch'>, path: string): SharedApi {
  const { get, post } = createClient({ fetch, onUnauthenticated: () => undefined });
  return {
    about: (signal) => get(`${path}/dashboard`, signal),
    named: (name, body, signal) => post(`${path}/query/${name}`, body, signal),
  };
}

export function createApi({ fetch, onUnauthenticated }: Options): Api {
  const { respond, write, get, post, remove } = createClient({ fetch, onUnauthenticated });
  const headers = { 'content-type': 'application/json', accept: LINES };
  const ask = createAsker((path, body, signal) => respond(path, { method: 'POST', headers, body: JSON.stringify(body), signal }));
  return {
    me: (signal) => get('/api/me', signal),
    datasets: async (signal) => (await get<{ datasets: Dataset[] }>('/api/datasets', signal)).datasets,
    fields: async (dataset, signal) => (await get<{ fields: Field[] }>(`/api/fields?${params({ dataset })}`, signal)).fields,
    values: async (dataset, field, typed, signal) => {
      const path = `/api/fields/${encodeURIComponent(field)}/values?${params({ dataset, q: typed })}`;
      return (await get<{ values: { value: string }[] }>(path, signal)).values.map(({ value }) => value);
    },
    dashboards: async (signal) => (await get<{ dashboards: DashboardEntry[] }>('/api/dashboards', signal)).dashboards,
    dashboard: async (id, signal) => {
      const response = await respond(`/api/dashboards/${encodeURIComponent(id)}`, { signal: signal ?? null });
      const version = /\d+/.exec(response.headers.get('etag') ?? '');
      return { ...(await response.json()), ...(version && { version: Number(version[0]) }) };
    },
    addDashboard: (definition) => post('/api/dashboards', toDocument(definition)),
    changeDashboard: (definition, version) =>
      write('PUT', `/api/dashboards/${encodeURIComponent(definition.id)}`, toDocument(definition), { 'if-match': `"${version}"` }),
    deleteDashboard: (id) => remove(`/api/dashboards/${encodeURIComponent(id)}`),
    savedQueries: async (dataset, signal) => (await get<{ queries: SavedQuery[] }>(`/api/queries?${params({ dataset })}`, signal)).queries,
    saveQuery: async (query, name, show) => {
      const { id } = await post<{ id: string }>('/api/queries', query);
      await write('PUT', `/api/queries/${id}/name`, { name, show });
    },
    forgetQuery: (id) => remove(`/api/queries/${id}/name`),
    shares: (id, signal) => get(`/api/dashboards/${encodeURIComponent(id)}/shares`, signal),
    share: (id, wanted) => post(`/api/dashboards/${encodeURIComponent(id)}/shares`, wanted),
    unshare: (id, share) => remove(`/api/dashboards/${encodeURIComponent(id)}/shares/${share}`),
    query: (body, signal, onFirst) => (onFirst ? ask(body, signal, onFirst) : post('/api/query', body, signal)),
    markers: async (dataset, start, end, signal) => {
      const range = params({ dataset, start_time: String(Math.floor(start)), end_time: String(Math.ceil(end)) });
      return (await get<{ markers: Marker[] }>(`/api/markers?${range}`, signal)).markers;
    },
    alerts: (dataset, signal) => get(`/api/alerts?${params({ dataset })}`, signal),
    incidents: async (dataset, signal) => (await get<{ incidents: Incident[] }>(`/api/incidents?${params({ dataset })}`, signal)).incidents,
    incident: (id, signal) => get(`/api/incidents/${encodeURIComponent(id)}`, signal),
    acknowledge: (id, note) => post(`/api/incidents/${encodeURIComponent(id)}/acknowledge`, note ? { note } : {}),
    silence: (wanted) => post('/api/silences', wanted),
    endSilence: (id) => remove(`/api/silences/${encodeURIComponent(id)}`),
    bubbleUp: (body, signal) => post('/api/bubbleup', body, signal),
    events: (body, signal) => post('/api/events', body, signal),
    event: (id, dataset, signal) => get(`/api/events/${encodeURIComponent(id)}?${params({ dataset, include: 'session' })}`, signal),
    checks: (dataset, time, points, signal) => get(`/api/checks?${params({ dataset, ...texts(time), points: String(points) })}`, signal),
    checkRuns: (dataset, time, wanted, signal) => get(`/api/checks/runs?${params({ dataset, ...texts(time), ...texts(wanted) })}`, signal),
    checkRun: (id, dataset, signal) => get(`/api/checks/runs/${encodeURIComponent(id)}?${params({ dataset })}`, signal),
    baselines: (dataset, signal) => get(`/api/checks/baselines?${params({ dataset })}`, signal),
    decide: ({ id, pending }, what, dataset) => post(`/api/checks/baselines/${encodeURIComponent(id)}/${what}?${params({ dataset })}`, { picture: pending }),
    evidence: (sha256, dataset, signal) => get(evidencePath(sha256, dataset), signal),
    changePassword: (current, next) => post('/api/me/password', { current, new: next }),
    logout: async (everywhere = false) => {
      await send(fetch, everywhere ? '/logout?everywhere' : '/logout', { method: 'POST' });
      onUnauthenticated();
    },
  };
}

/** A definition as it is written down: its version is not a part of it. */
export function toDocument<D extends { version?: number }>({ version: _, ...document }: D): Omit<D, 'version'> {
  return document;
}

/** Where a piece of evidence is. */
export function evidencePath(sha256: string, dataset: string): string {
  return `/api/checks/evidence/${encodeURIComponent(sha256)}?${params({ dataset })}`;
}

/** Where a picture of a step is. */
export function picturePath(id: string, sha256: string, dataset: string): string {
  return `/api/checks/baselines/${encodeURIComponent(id)}/pictures/${encodeURIComponent(sha256)}?${params({ dataset })}`;
}

function texts(values: object): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

function params(values: Record<string, string>): string {
  return new URLSearchParams(values).toString();
}

async function send(fetch: Options['fetch'], path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError('The collector does not answer. Check that it is running and that you are online.', 0, 'unreachable');
  }
}

async function toError(response: Response): Promise<ApiError> {
  const fallback = `The collector answered with status ${response.status} and gave no reason.`;
  try {
    const { error } = (await response.json()) as { error?: { message?: string; reason?: string; path?: string } };
    return new ApiError(error?.message || fallback, response.status, error?.reason ?? '', error?.path ?? '');
  } catch {
    return new ApiError(fallback, response.status, '');
  }
}
