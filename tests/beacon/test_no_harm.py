"""The page is none the worse for the beacon."""

from __future__ import annotations

from collections import Counter

import pytest
from beacon_site import PAGES, Server, Visit, leave
from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

# Something to paint, to click, to shift, to fail and to scroll.
BODY = """<div id="banner" style="padding: 1px"></div><h1 id="title">Shop</h1>
<button id="buy">buy</button><img id="broken" src="/missing.png" width="10" height="10"><p id="text">words</p>
<div style="height: 3000px"></div>
<script>
  document.getElementById('buy').onclick = () => {
    const end = Date.now() + 60;
    while (Date.now() < end);
  };
</script>"""
BEACON = '<script async src="{beacon}" data-key="shop"></script>'
NO_BEACON = "<script></script>"


@pytest.fixture(params=["/beacon.js", "/beacon.small.js"], ids=["whole", "small"])
def each_script(request: pytest.FixtureRequest, site: Server, collector: Server) -> None:
    """Let the test's pages carry the one script, then the other."""
    site.beacon = collector.url + request.param


def use(page: Page) -> None:
    """Do what visitors do, so that every part of the beacon has something to do."""
    page.evaluate("document.getElementById('banner').style.height = '40px'")
    page.click("#buy")
    page.evaluate("scrollTo(0, 500)")
    page.wait_for_timeout(150)


def listeners(page: Page) -> Counter[tuple[str, bool]]:
    """Return how many event listeners of each type window and document have, passive ones apart."""
    session = page.context.new_cdp_session(page)
    found: Counter[tuple[str, bool]] = Counter()
    for target in ("window", "document"):
        handle = session.send("Runtime.evaluate", {"expression": target})["result"]["objectId"]
        listeners = session.send("DOMDebugger.getEventListeners", {"objectId": handle})["listeners"]
        found.update((listener["type"], listener["passive"]) for listener in listeners)
    session.detach()
    return found


@pytest.mark.usefixtures("each_script")
def test_no_function_of_the_page_is_replaced(visit: Visit, collector: Server, page: Page) -> None:
    page.add_init_script(path=PAGES / "inventory.js")
    use(visit(BODY))

    changes = page.evaluate("inventory.changes()")
    leave(page)
    collector.row()

    # Its own function, and the test's.
    assert [change for change in changes if not change.startswith(("window.wideload", "window.inventory"))] == []


@pytest.mark.usefixtures("each_script")
def test_nothing_is_stored(context: BrowserContext, visit: Visit, collector: Server, page: Page) -> None:
    use(visit(BODY))
    url = page.url
    leave(page)
    collector.row()
    page.goto(url)

    found = page.evaluate(
        """async () => [
          document.cookie, localStorage.length, sessionStorage.length,
          (await indexedDB.databases()).length, (await caches.keys()).length,
        ]"""
    )

    assert found == ["", 0, 0, 0, 0]
    assert context.cookies() == []


@pytest.mark.usefixtures("each_script")
def test_strict_policies_are_not_violated(visit: Visit, collector: Server, site: Server, page: Page) -> None:
    site.headers["content-security-policy"] = (
        f"default-src 'none'; img-src data: 'self'; script-src 'nonce-once' 'strict-dynamic'; connect-src {collector.url};"
        " style-src-attr 'unsafe-inline'; require-trusted-types-for 'script'; trusted-types 'none'; report-uri /violated"
    )
    tag = """<script nonce="once">
      const violated = [];
      addEventListener('securitypolicyviolation', (event) => violated.push(event.blockedURI));
    </script><script nonce="once" async src="{beacon}" data-key="shop"></script>"""
    use(visit(BODY.replace("<script>", '<script nonce="once">'), tag=tag))

    violated = page.evaluate("violated")
    leave(page)
    row = collector.row()

    assert violated == []
    assert "error.csp_count" not in row
    assert site.posts() == []


def test_page_stays_fit_for_the_back_forward_cache(visit: Visit, site: Server, page: Page) -> None:
    site.pages["/elsewhere"] = "<p>elsewhere"
    page.add_init_script("addEventListener('pageshow', ({persisted}) => { window.isBack = persisted; })")
    use(visit(BODY))
    page.goto(site.url + "/elsewhere")
    page.evaluate("history.back()")

    page.wait_for_function("window.isBack === true")


def test_listeners_hold_back_neither_leaving_nor_scrolling(visit: Visit, page: Page) -> None:
    use(visit(BODY, tag=NO_BEACON))
    before = listeners(page)
    use(visit(BODY, path="/with"))

    added = listeners(page) - before

    assert "visibilitychange" in {kind for kind, _ in added}
    assert {"unload", "beforeunload"} & {kind for kind, _ in added} == set()
    assert {"touchstart", "touchmove", "wheel", "mousewheel"} & {kind for kind, is_passive in added if not is_passive} == set()


def test_script_that_is_there_twice_acts_once(visit: Visit, collector: Server, page: Page) -> None:
    use(visit(BODY, path="/once"))
    once = listeners(page)
    leave(page)
    use(visit(BODY, path="/twice", tag=BEACON + BEACON.replace("{beacon}", "{beacon}?again")))
    twice = listeners(page)
    leave(page)

    rows = collector.rows()

    assert twice == once
    assert [row["page.path"] for row in rows] == ["/once", "/twice"]


def test_no_request_is_synchronous(visit: Visit, collector: Server, page: Page) -> None:
    page.add_init_script(
        """window.waited = [];
        const {open} = XMLHttpRequest.prototype;
        XMLHttpRequest.prototype.open = function (method, url, isAsync = true) {
          if (!isAsync) waited.push(url);
          return open.apply(this, arguments);
        };"""
    )
    use(visit(BODY))

    assert page.evaluate("waited") == []
    leave(page)
    collector.row()


@pytest.mark.parametrize("tag", [NO_BEACON, BEACON], ids=["without", "with"])
def test_removed_elements_are_let_go(tag: str, visit: Visit, page: Page) -> None:
    """Without the beacon as well, to know that the browser itself lets go."""
    use(visit(BODY, tag=tag))
    page.evaluate(
        """() => {
          window.kept = ['title', 'buy', 'broken', 'text', 'banner'].map((id) => {
            const element = document.getElementById(id);
            element.remove();
            return [id, new WeakRef(element)];
          });
        }"""
    )
    # The browser itself remembers what was last clicked.
    page.mouse.click(600, 300)
    session = page.context.new_cdp_session(page)
    kept = ["everything"]
    for _ in range(40):
        page.wait_for_timeout(50)
        session.send("HeapProfiler.collectGarbage")
        kept = page.evaluate("kept.filter(([, element]) => element.deref()).map(([id]) => id)")
        if not kept:
            break

    assert kept == []


# What a page may have broken, or a browser may lack.
BROKEN = [
    "Temporal = null; Intl = null",
    "performance.getEntriesByType = null",
    "performance.getEntriesByType = () => { throw Error('no') }",
    "performance.now = () => NaN",
    "PerformanceObserver = null",
    "PerformanceObserver = class { constructor() { throw Error('no') } }",
    "PerformanceObserver.prototype.observe = () => { throw Error('no') }",
    "PerformanceObserver.prototype.takeRecords = null",
    "matchMedia = () => { throw Error('no') }",
    "navigator.sendBeacon = () => { throw Error('no') }; fetchLater = undefined",
    "fetch = () => Promise.reject(Error('no')); navigator.sendBeacon = undefined; fetchLater = undefined",
    "fetch = () => { throw Error('no') }; navigator.sendBeacon = undefined; fetchLater = undefined",
    "fetchLater = () => { throw Error('no') }",
    "requestIdleCallback = undefined; ResizeObserver = undefined",
    "crypto.getRandomValues = null; crypto.randomUUID = null",
    "JSON.stringify = () => { throw Error('no') }",
    "Element.prototype.getAttribute = Element.prototype.closest = Element.prototype.matches = null",
]


@pytest.mark.parametrize("broken", BROKEN)
def test_nothing_is_thrown_into_a_broken_page(broken: str, visit: Visit, page: Page) -> None:
    page.add_init_script(
        f"""window.thrown = [];
        addEventListener('error', ({{message}}) => message && thrown.push(message));
        addEventListener('unhandledrejection', ({{reason}}) => thrown.push(String(reason)));
        {broken}"""
    )
    visit(BODY, settle=False)
    page.wait_for_load_state()
    use(page)

    assert page.evaluate("thrown") == []
    # Nor while it is left: whatever a page throws fails the test.
    leave(page)
    page.wait_for_timeout(100)
