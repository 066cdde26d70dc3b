import type {Options} from './types.js';

/** What the page has chosen. */
export const options = {} as Options;

/** Splits a list of words. */
export const words = (text = ''): string[] => text.split(' ').filter(Boolean);

/** Returns which of Global Privacy Control and Do Not Track the visitor's browser sends. */
export const getPrivacy = () => ({
  gpc: navigator.globalPrivacyControl || undefined,
  dnt: navigator.doNotTrack === '1' || undefined,
});

/** Says whether the visitor asks not to be tracked, and the page listens. */
export const isPrivate = (): boolean => options.gpc !== 'ignore' && Object.values(getPrivacy()).includes(true);
