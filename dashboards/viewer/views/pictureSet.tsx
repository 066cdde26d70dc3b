/** The picture before, the one after and their difference: side by side, or one over the other with a slider between. */

import { useState } from 'preact/hooks';

import { harmless } from '../format';
import type { Layout } from '../pictures';
import { LAYOUTS } from '../pictures';
import type { Baseline } from '../types';
import { Segments } from '../ui/segments';

interface Props {
  baseline: Baseline;
  pathOf: (sha256: string) => string;
}

export function PictureSet({ baseline, pathOf }: Props) {
  const [layout, setLayout] = useState<Layout>('side');
  const name = harmless(`${baseline.check}, ${baseline.step}`);
  if (!baseline.accepted) return <div class="picture-set"><Shot title="After" name={name} path={pathOf(baseline.pending)} /></div>;
  return (
    <>
      <div class="picture-layout"><Segments name="Compare" options={LAYOUTS} value={layout} onChoose={setLayout} /></div>
      {layout === 'side' ? (
        <div class="picture-set">
          <Shot title="Before" name={name} path={pathOf(baseline.accepted)} />
          <Shot title="After" name={name} path={pathOf(baseline.pending)} />
          {baseline.difference && <Shot title="Difference" name={name} path={pathOf(baseline.difference)} />}
        </div>
      ) : <Overlay key={layout} layout={layout} name={name} before={pathOf(baseline.accepted)} after={pathOf(baseline.pending)} />}
    </>
  );
}

/** A picture that opens in its own size. */
function Shot({ title, name, path }: { title: string; name: string; path: string }) {
  return (
    <figure class="picture-shot">
      <figcaption>{title}</figcaption>
      <a href={path} target="_blank" rel="noopener noreferrer"><img src={path} alt={`${title}: ${name}`} loading="lazy" /></a>
    </figure>
  );
}

interface OverlayProps {
  layout: Exclude<Layout, 'side'>;
  name: string;
  before: string;
  after: string;
}

function Overlay({ layout, name, before, after }: OverlayProps) {
  const [shown, setShown] = useState(50);
  const over = layout === 'swipe' ? { clipPath: `inset(0 0 0 ${100 - shown}%)` } : { opacity: shown / 100 };
  return (
    <div class="picture-overlay">
      <label>
        <span>Before</span>
        <input
          type="range" min={0} max={100} value={shown} aria-label={`How much of the picture after is shown: ${name}`} aria-valuetext={`${shown} % after`}
          onInput={(event) => setShown(event.currentTarget.valueAsNumber)}
        />
        <span>After</span>
      </label>
      <div class="picture-stack" role="region" aria-label={`Before and after: ${name}`} tabIndex={0}>
        <div>
          <img src={before} alt={`Before: ${name}`} />
          <img src={after} alt={`After: ${name}`} style={over} />
          {layout === 'swipe' && <span class="picture-edge" aria-hidden="true" style={{ left: `${100 - shown}%` }} />}
        </div>
      </div>
    </div>
  );
}
