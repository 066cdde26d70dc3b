import {mask} from './mask.js';

/**
 * Returns a URL as origin and path, masked. User name, query and fragment stay in the page: they carry names, tokens and
 * addresses. Of a URL without a host (`data:`, `blob:`, an extension's) only the scheme is left, because the rest is content,
 * or tells which extension a visitor uses.
 */
export const stripUrl = (url: string): string => {
  // It would be resolved to the page's own.
  if (!url) return '';
  try {
    const {protocol, host, pathname} = new URL(url, location.href);
    return /^http/.test(protocol) ? protocol + '//' + host + mask(pathname) : protocol;
  } catch {
    return '';
  }
};
