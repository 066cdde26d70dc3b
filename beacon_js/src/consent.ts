import {options} from './options.js';

let answer: boolean | undefined;

/** Says whether something may be sent or kept. */
export const isGranted = (): boolean => answer ?? options.consent !== 'wait';

/** Notes the visitor's answer. */
export const setConsent = (granted: boolean): void => {
  answer = granted;
};
