/**
 * Returns a text without what must not be collected by accident: of addresses the user name, the query and the fragment; what
 * follows the scheme where there is no host, because it is content, or tells which extension a visitor uses; e-mail addresses,
 * JSON Web Tokens, and what follows a word for a secret. It is a net for mistakes and no permission to put secrets into
 * addresses and messages.
 *
 * An address ends at a space, before a position in a stack (`:10:5)`), or where the invoker of a script names its source:
 * `IMG[src=/a.png?token=1].onload`. https://w3c.github.io/long-animation-frames/#script-timing-info-invoker-name
 */
export const mask = (text: string): string =>
  text
    .replace(/\bdata:\w.*/s, 'data:')
    .replace(/(\b(blob|file|\w+-extension):|(:\/\/|\[src=)[^\s?#]*(?=[?#]))\S*?(?=(:\d+)*\)?(\s|$)|\]\.)/g, '$1')
    .replace(/:\/\/[^\s/]*@/g, '://')
    .replace(/[\w.+-]+(@|%40)[\w-]+\.[\w.-]+/g, '[email]')
    .replace(/\beyJ[\w.-]+/g, '[token]')
    .replace(/((token|secret|passw\w*|api.?key|auth|session\w*)["']?[=:]\s*["']?)[^\s&"']+/gi, '$1[secret]');
