/** Pictures of steps that differ from the accepted ones: before, after and difference, for somebody to decide. */

import { useRef, useState } from 'preact/hooks';

import { picturePath } from '../api';
import { useApp } from '../context';
import { formatMoment, harmless } from '../format';
import { mayEdit } from '../own';
import type { Decision } from '../pictures';
import { countWaiting, formatDifference, lastDecisions } from '../pictures';
import { useResource } from '../resource';
import styles from '../styles/later/pictures.css';
import type { Baseline } from '../types';
import { adopt } from '../ui/adopt';
import type { Column } from '../ui/dataTable';
import { DataTable } from '../ui/dataTable';
import { Icon } from '../ui/icons';
import { Link } from '../ui/link';
import { Failure, Notice, Outdated, Waiting } from '../ui/states';
import { Stored } from '../ui/stored';
import { PictureSet } from './pictureSet';

adopt(styles);

/** Says what came of a decision, and on which picture it was made. */
type Told = (text: string, done?: Baseline) => void;

/** Names a picture that waits; the next one of the same step has another name. */
const keyOf = ({ id, pending, pending_at: at }: Baseline) => `${id} ${pending} ${at}`;

export function CheckPicturesView() {
  const { api, cache, state, dataset, tick } = useApp();
  const { data, error, stale, retry } = useResource(`pictures ${dataset}`, tick, (signal) => api.baselines(dataset, signal), cache);
  const [said, setSaid] = useState('');
  const status = useRef<HTMLParagraphElement>(null);
  // What was decided on is gone at once, though the next answer may take a while.
  const [decided, setDecided] = useState<readonly string[]>([]);
  const waiting = data?.baselines.filter((one) => one.pending && !decided.includes(keyOf(one))) ?? [];
  const tell = (text: string, done?: Baseline) => {
    setSaid(text);
    if (done) setDecided((before) => [...before, keyOf(done)]);
    // What was decided on goes away, and the focus with it: the next picture follows here.
    status.current?.focus();
    retry();
  };
  return (
    <main id="main" tabIndex={-1} aria-busy={stale || (!data && !error)}>
      <p class="back"><Link to={{ ...state, view: 'checks', id: '' }}><Icon name="back" />Checks</Link></p>
      <header class="view-head">
        <div>
          <h1>Pictures</h1>
          {data && data.baselines.length > 0 && <p class="view-note">{waiting.length > 0 ? `${countWaiting(waiting.length)}.` : 'No picture awaits a look.'}</p>}
        </div>
      </header>
      <p ref={status} class="picture-said" role="status" tabIndex={-1}>{harmless(said)}</p>
      {error && data && <Outdated error={error} onRetry={retry} />}
      {error && !data ? <Failure error={error} onRetry={retry} />
        : !data ? <div class="panel"><Waiting label="Loading the pictures" /></div>
          : <Found baselines={data.baselines} waiting={waiting} onDecided={tell} />}
    </main>
  );
}

function Found({ baselines, waiting, onDecided }: { baselines: readonly Baseline[]; waiting: readonly Baseline[]; onDecided: Told }) {
  const decisions = lastDecisions(baselines);
  if (baselines.length === 0) return <HowTo />;
  return (
    <>
      {waiting.map((one) => <Review key={keyOf(one)} baseline={one} onDecided={onDecided} />)}
      {decisions.length > 0 && <Decisions decisions={decisions} />}
    </>
  );
}

function HowTo() {
  return (
    <Notice title="No pictures yet">
      <p>A journey may compare what it sees with the picture that somebody has accepted last. Give it a step such as</p>
      <div class="snippet"><pre>{'- screenshot: cart\n  compare: true\n  mask: [.advert]'}</pre></div>
      <p>The first picture, and each one that differs, then awaits a look here.</p>
    </Notice>
  );
}

function Review({ baseline, onDecided }: { baseline: Baseline; onDecided: Told }) {
  const { state, dataset } = useApp();
  const titleId = `picture-${baseline.id}`;
  return (
    <article class="panel picture-review" aria-labelledby={titleId}>
      <header class="panel-head">
        <h2 id={titleId}><Stored text={baseline.step} /></h2>
        <span class="soft">{baseline.accepted ? `differs by ${formatDifference(baseline.percent)}` : 'new'}</span>
      </header>
      <dl class="facts">
        <div><dt>Check</dt><dd><Link to={{ ...state, view: 'check', id: baseline.check }}>{harmless(baseline.check)}</Link></dd></div>
        <div><dt>Taken</dt><dd><Link to={{ ...state, view: 'check-run', id: baseline.run_id }}>{formatMoment(Date.parse(baseline.pending_at))}</Link></dd></div>
        <div><dt>Browser</dt><dd><Stored text={`${baseline.browser}, ${baseline.viewport.replace('x', ' × ')}`} /></dd></div>
        {baseline.accepted_by && <div><dt>Accepted before</dt><dd>{formatMoment(Date.parse(baseline.accepted_at))} by <Stored text={baseline.accepted_by} /></dd></div>}
      </dl>
      {!baseline.accepted && <p class="view-note">No picture of this step is accepted yet. This would be the first one.</p>}
      <PictureSet baseline={baseline} pathOf={(sha256) => picturePath(baseline.id, sha256, dataset)} />
      <Decide baseline={baseline} titleId={titleId} onDecided={onDecided} />
    </article>
  );
}

function Decide({ baseline, titleId, onDecided }: { baseline: Baseline; titleId: string; onDecided: Told }) {
  const { api, me, dataset } = useApp();
  const [isBusy, setBusy] = useState(false);
  const decide = (what: 'accept' | 'reject') => {
    setBusy(true);
    api.decide(baseline, what, dataset).then(
      () => onDecided(`${what === 'accept' ? 'Accepted' : 'Rejected'}: ${baseline.check}, ${baseline.step}.`, baseline),
      (error: Error) => {
        setBusy(false);
        onDecided(error.message);
      },
    );
  };
  if (!mayEdit(me.user, dataset)) return <p class="view-note">Editors of this dataset accept or reject it.</p>;
  return (
    <div class="picture-decide">
      <button type="button" class="primary" aria-describedby={titleId} disabled={isBusy} onClick={() => decide('accept')}>Accept</button>
      <button type="button" aria-describedby={titleId} disabled={isBusy} onClick={() => decide('reject')}>Reject</button>
      <span class="soft">Accepted, it is what later runs are compared with.</span>
    </div>
  );
}

function Decisions({ decisions }: { decisions: readonly Decision[] }) {
  const columns: Column<Decision>[] = [
    { key: 'at', title: 'Time', render: ({ at }) => formatMoment(Date.parse(at)) },
    { key: 'step', title: 'Picture', main: true, render: ({ baseline }) => <span class="wrapped"><Stored text={`${baseline.check}, ${baseline.step}`} /></span> },
    { key: 'viewport', title: 'Size', render: ({ baseline }) => <Stored text={baseline.viewport.replace('x', ' × ')} /> },
    { key: 'what', title: 'Decision', render: ({ what }) => harmless(what) },
    { key: 'by', title: 'By', render: ({ by }) => <Stored text={by} /> },
  ];
  return (
    <figure class="panel panel-table panel-words" data-panel="decisions">
      <header class="panel-head"><h2>Last decisions</h2></header>
      <DataTable name="Last decisions" columns={columns} rows={decisions} rowKey={({ baseline }) => baseline.id} />
    </figure>
  );
}
