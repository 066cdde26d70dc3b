/** Says whether nobody sees the page now. */
export const isHidden = (): boolean => document.visibilityState === 'hidden';
