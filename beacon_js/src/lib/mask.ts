/**
 * Returns a text without what must not be collected by accident: e-mail addresses, JSON Web Tokens, and what follows a word
 * for a secret. It is a net for mistakes and no permission to put secrets into addresses and messages.
 */
export const mask = (text: string): string =>
  text
    .replace(/[\w.+-]+(@|%40)[\w-]+\.[\w.-]+/g, '[email]')
    .replace(/\beyJ[\w-]+\.[\w.-]+/g, '[token]')
    .replace(/((token|secret|passw\w*|api.?key|auth|session\w*)["']?[=:]\s*["']?)[^\s&"']+/gi, '$1[secret]');
