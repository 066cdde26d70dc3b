let exceptions = 0;

/**
 * Wraps a callback so that nothing it throws reaches the page: a broken measurement must not look like a broken shop, neither
 * to its visitors nor in its own error tracking. It is counted instead.
 */
export const guard =
  <Args extends unknown[], Result>(callback: (...args: Args) => Result) =>
  (...args: Args): Result | undefined => {
    try {
      return callback(...args);
    } catch {
      exceptions++;
      return undefined;
    }
  };

/** Returns how often a guarded callback has thrown. */
export const countExceptions = (): number | undefined => exceptions || undefined;
