/**
 * Wraps a callback so that nothing it throws reaches the page: a broken measurement must not look like a broken shop, neither
 * to its visitors nor in its own error tracking.
 */
export const guard =
  <Args extends unknown[]>(callback: (...args: Args) => void) =>
  (...args: Args): void => {
    try {
      callback(...args);
    } catch {
      // The page goes on without this measurement.
    }
  };
