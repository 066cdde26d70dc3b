/** Orders by duration, longest first. */
export const byDuration = (a: {duration: number}, b: {duration: number}): number => b.duration - a.duration;
