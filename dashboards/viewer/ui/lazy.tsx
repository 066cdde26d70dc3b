/** A component whose code comes when it is first needed. */

import type { ComponentChildren, ComponentType, FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { Failure } from './states';

/** Returns a component that shows its `fallback` until the code is there, and a way to try again where it does not come. */
export function lazy<Props>(load: () => Promise<ComponentType<Props>>): FunctionComponent<Props & { fallback: ComponentChildren }> {
  let known: ComponentType<Props> | undefined;
  return function Lazy({ fallback, ...props }) {
    const [error, setError] = useState<Error | null>(null);
    const [, setLoaded] = useState(false);
    const start = () => {
      setError(null);
      load().then(
        (component) => {
          known = component;
          setLoaded(true);
        },
        () => setError(new Error('This part of the viewer could not be loaded. If the collector was updated, reload the page.')),
      );
    };
    useEffect(() => {
      // It may have come, for another place, since this one was drawn.
      if (known) setLoaded(true);
      else start();
    }, []);
    if (error) return <Failure error={error} onRetry={start} />;
    const Component = known;
    return Component ? <Component {...(props as unknown as Props & object)} /> : <>{fallback}</>;
  };
}
