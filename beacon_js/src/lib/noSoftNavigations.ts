// Takes the place of web-vitals' `lib/softNavs.js` in the bundle (see bundle.mjs).

export const checkSoftNavsEnabled = (): boolean => false;

export const storeSoftNavEntry = (): void => {};
