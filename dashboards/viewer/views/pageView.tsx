/** One page view: who and where, its vitals and their parts, where the time went, and everything that was recorded. */

import { useApp } from '../context';
import { formatDuration, formatMoment } from '../format';
import { splitEvent } from '../items';
import { ResourcesPanel } from '../panels/resources';
import { WaterfallPanel } from '../panels/waterfall';
import { useResource } from '../resource';
import type { FoundEvent, Row, Value } from '../types';
import { Icon } from '../ui/icons';
import { Link } from '../ui/link';
import { Failure, Waiting } from '../ui/states';
import { Stored, StoredList } from '../ui/stored';
import { VITAL_NAMES } from '../vitals';
import { EventFields } from './eventFields';
import { SessionViews } from './sessionViews';
import { LongFrames, ResourceTotals } from './totals';
import { ViewErrors } from './viewErrors';
import { Visibility } from './visibility';
import { VitalCard } from './vitalCard';

export function PageViewView() {
  const { api, cache, state, dataset } = useApp();
  const { data, error, stale, retry } = useResource(
    `event ${dataset} ${state.id}`, 0, (signal) => api.event(state.id, dataset, signal), cache,
  );
  return (
    <main id="main" tabIndex={-1} aria-busy={!data && !error}>
      <p class="back"><Link to={{ ...state, view: 'page-views', id: '' }}><Icon name="back" />Page views</Link></p>
      {error ? <Failure error={error} onRetry={retry} /> : data && !stale ? <PageView found={data} /> : <Waiting label="Loading the page view" />}
    </main>
  );
}

function PageView({ found: { event: whole, session } }: { found: FoundEvent }) {
  const { state } = useApp();
  const { facts: event, lists } = splitEvent(whole);
  const previous = text(event['view.previous_id']);
  return (
    <>
      <header class="view-head">
        <div>
          <h1 class="page-title">
            <span class="page-host"><Stored text={text(event['page.host'])} /></span><Stored text={text(event['page.path']) || 'Page view'} />
          </h1>
          <p class="view-note">
            {formatMoment(Date.parse(text(event.ts)))}
            {previous && <> · <Link to={{ ...state, id: previous }}>The view before</Link></>}
          </p>
        </div>
      </header>
      <section class="panel facts-panel" aria-label="Facts">
        <dl class="facts">
          {toFacts(event).map(({ title, texts }) => (
            <div key={title}><dt>{title}</dt><dd><StoredList texts={texts} between=" " /></dd></div>
          ))}
        </dl>
        <Visibility facts={event} lists={lists} />
      </section>
      <div class="vital-cards">
        {VITAL_NAMES.map((name) => <VitalCard key={name} name={name} event={event} />)}
      </div>
      <WaterfallPanel data={event} options={{ id: 'waterfall', title: 'Navigation' }} />
      <ResourcesPanel facts={event} lists={lists} />
      <ResourceTotals lists={lists} />
      <LongFrames facts={event} lists={lists} />
      <ViewErrors view={event} />
      <SessionViews state={state} session={session} id={text(event.id)} />
      <EventFields event={event} lists={lists} />
    </>
  );
}

/** The facts of the header; those that are not known are left out. */
function toFacts(event: Row): { title: string; texts: string[] }[] {
  const facts = [
    { title: 'Country', texts: words(event['geo.country.iso_code']) },
    { title: 'Browser', texts: words(event['browser.name'], event['browser.version']) },
    { title: 'System', texts: words(event['os.name'], event['os.version']) },
    { title: 'Device', texts: words(event['device.type'], event['device.manufacturer'], event['device.model.name']) },
    { title: 'Viewport', texts: words(size(event['browser.width'], event['browser.height'])) },
    { title: 'Network', texts: words(event['network.effective_type'], event['network.type']) },
    { title: 'Navigation', texts: words(event['navigation.type'], event['navigation.next_hop_protocol']) },
    { title: 'Seen', texts: words(seen(event['page.visible_time'], event['page.age'])) },
    { title: 'Release', texts: words(event['service.name'], event['service.version'], event['service.build']) },
    { title: 'Came from', texts: words(event['page.referrer_host']) },
    { title: 'Robot', texts: words(event['user_agent.is_bot'] === true ? 'yes' : '') },
  ];
  return facts.filter(({ texts }) => texts.length > 0);
}

function text(value: Value): string {
  return value === null || value === undefined ? '' : String(value);
}

function words(...values: Value[]): string[] {
  return values.map(text).filter(Boolean);
}

function seen(visible: Value, age: Value): string {
  if (typeof visible !== 'number') return '';
  return typeof age === 'number' ? `${formatDuration(visible)} of ${formatDuration(age)}` : formatDuration(visible);
}

function size(width: Value, height: Value): string {
  return width && height ? `${width} × ${height}` : '';
}
