"""A page of the viewer under watch: what its policy stops, what it asks for, and what text has become."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page, expect

from bench.running import Running

AXE: Final = Path(__file__).parents[2] / "dashboards/viewer/node_modules/axe-core/axe.min.js"
#: Counts what the policy stops, and what text has become that it should not be.
WITNESS = """
  globalThis.violations = [];
  addEventListener('securitypolicyviolation', (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
#: Looks at the whole document: markup that came from text, links that lead away, characters that are obeyed, text that reorders.
AUDIT = r"""() => {
  const found = [...violations];
  const scripts = ['script[src^="/assets/"]', 'script[src="/beacon.js"]', 'script#known[type="application/json"]'];
  const pictures = ['img[src^="/api/checks/evidence/"]', 'img[src^="/api/checks/baselines/"]'];
  const own = [...scripts, ...pictures, 'link', 'svg', 'style'];
  for (const element of document.querySelectorAll('script, img, iframe, object, embed, base, style, [srcdoc]')) {
    if (!element.matches(own.join())) found.push('markup: ' + element.outerHTML.slice(0, 80));
  }
  const obeyed = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066\u2067]|\p{Surrogate}/u;
  for (const element of document.querySelectorAll('*')) {
    for (const {name, value} of element.attributes) {
      if (/^on/i.test(name)) found.push('handler: ' + name);
      if (/^(href|src|action|formaction|xlink:href)$/i.test(name)) {
        const url = new URL(value, location.href);
        if (url.origin !== location.origin || !/^https?:$/.test(url.protocol)) found.push('link: ' + value.slice(0, 80));
      }
      const isSeen = name !== 'href' && !element.matches('select > option');
      if (isSeen && obeyed.test(value)) found.push(`attribute ${name}: ` + JSON.stringify(value.slice(0, 80)));
    }
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const {data, parentElement} = texts.currentNode;
    if (obeyed.test(data)) found.push('text: ' + JSON.stringify(data.slice(0, 80)));
    const style = getComputedStyle(parentElement);
    // A tooltip in a drawing has a line of its own for it.
    const isMixed = style.display === 'inline' && parentElement.tagName !== 'title';
    if (/[\u0590-\u08ff]/.test(data) && isMixed && !style.unicodeBidi.startsWith('isolate')) {
      found.push(`not isolated in ${parentElement.tagName}: ` + data.slice(0, 80));
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth);
    found.push('wider than the window: ' + wide.slice(-1).map((one) => one.outerHTML.slice(0, 200)));
  }
  return found;
}"""


class Watched:
    """A signed-in page, and everything that it must not do."""

    def __init__(self, context: BrowserContext, running: Running) -> None:
        self.url, self.problems = running.url, list[str]()
        context.add_init_script(WITNESS)
        context.on("request", lambda request: self._check(request.url))
        context.on("page", lambda page: self.problems.append(f"window: {page.url}") if context.pages[1:] else None)
        self.page: Page = context.new_page()
        self.page.on("dialog", lambda dialog: self.problems.append(f"dialog: {dialog.message}") or dialog.dismiss())
        self.page.on("download", lambda download: self.problems.append(f"download: {download.url}"))
        self.page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))
        self.page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)

    def open(self, query: str) -> None:
        self.page.goto(f"{self.url}/?{query}")
        self.settle()

    def settle(self) -> None:
        """Wait until everything is drawn."""
        expect(self.page.locator("#main")).to_be_visible()
        # A dashboard asks ten questions, and a busy machine takes its time over each.
        expect(self.page.locator("[aria-busy=true], .waiting")).to_have_count(0, timeout=30_000)

    def audit(self) -> list[str]:
        """Return what is wrong with what is shown and with what has happened."""
        assert self.page.url.startswith(self.url + "/?")
        return [*self.problems, *self.page.evaluate(AUDIT)]

    def _check(self, url: str) -> None:
        if not url.startswith((self.url, "data:")):
            self.problems.append(f"request: {url}")

    def inaccessible(self) -> list[str]:
        """Return what axe finds against WCAG 2.2 AA."""
        self.page.evaluate(AXE.read_text() + "; undefined")
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = self.page.evaluate("(tags) => axe.run(document, {runOnly: tags})", tags)
        return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found["violations"] for node in one["nodes"]]


def sign_in(browser: Browser, running: Running) -> Any:
    """Return the cookies of somebody who has signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{running.url}/login")
    page.get_by_label("Admin token").fill(running.token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    state = context.storage_state()
    context.close()
    return state
