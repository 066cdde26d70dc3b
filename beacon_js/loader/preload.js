// The inline script for a script host of its own. A hanging host holds back a page's `load` event as long as an `async` script
// of its is awaited; a preload holds back nothing. So the script is preloaded, and becomes a script only when it is there.
//
// It stands right behind a template with the two elements, which is inert until they are put into the page:
//
//   <template><link rel="preload" as="script" href="URL"><script src="URL" data-key="KEY"></script></template>
//
// Elements that come out of a template carry their attributes along (nonce, integrity, crossorigin, every data-…), and as no
// code sets the script's `src`, Trusted Types have nothing to object to. The text is the same for everybody, so that a policy
// can allow it by its hash.
window.wideload = window.wideload || function () {
  // Calls wait here until the script arrives and takes over the name.
  (wideload.q = wideload.q || []).push(arguments);
};
((d, [link, script] = d.importNode(d.currentScript.previousElementSibling.content, true).children) => {
  link.onload = () => link.replaceWith(script);
  d.head.append(link);
})(document);
