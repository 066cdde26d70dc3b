"""The tags that `wideload keys tag` prints, in pages with strict policies and with a script host that hangs."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from beacon_site import ROOT, SMALL_SCRIPT, Request, Server, leave, serve
from playwright.sync_api import Page

from collector import tags
from collector.config import load_settings
from collector.web import DEFAULT_SCRIPT, beacon_manifest

pytestmark = pytest.mark.browser

NONCE = "r4nd0m"
TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types 'none'"
DOCS = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
CALLS = "<script>wideload('set', {plan: 'gold'}); wideload('event', 'opened', {from: 'mail'})</script>"


@dataclass
class ScriptHost(Server):
    """A collector whose script arrives when `release` is set."""

    release: threading.Event = field(default_factory=threading.Event)

    def handle(self, request: Request) -> tuple[int, str, bytes]:
        if not request.path.startswith("/w."):
            return super().handle(request)
        self.release.wait(30)
        return 200, "text/javascript", SMALL_SCRIPT.read_bytes()

    def tag(self, form: str) -> str:
        """Return the tag of this form, as the collector prints it."""
        settings = load_settings({}, {"public_url": self.url})
        return tags.listing(settings, "demo", form).replace(tags.NONCE, NONCE)

    def scripts(self) -> list[str]:
        return [request.path for request in self.received if request.path.startswith("/w.")]


@pytest.fixture
def collector() -> Iterator[ScriptHost]:
    host = ScriptHost(headers={"access-control-allow-origin": "*"})
    for _ in serve(host):
        yield host
        host.release.set()


@pytest.fixture
def refusals(page: Page) -> list[str]:
    """What the browser has refused, as its console says."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in ("error", "warning") else None)
    return found


def policy(heading: str, index: int, host: str) -> str:
    """Return a policy of docs/embedding.md for this script host."""
    section = DOCS.split(f"### {heading}\n")[1].split("\n#")[0]
    text = re.findall(r"^Content-Security-Policy: (.*)$", section, re.MULTILINE)[index]
    integrity = beacon_manifest()["files"][DEFAULT_SCRIPT]["integrity"]
    return str(text.replace("https://rum.shop.example", host).replace("NONCE", NONCE).replace("sha384-DIGEST", integrity))


def open_page(page: Page, site: Server, tag: str, body: str = "<p>hello</p>") -> None:
    site.pages["/"] = f"<!doctype html><html><head><title>t</title>{tag}</head><body>{body}</body></html>"
    page.goto(site.url, wait_until="commit")


def wait_until_started(page: Page) -> None:
    page.wait_for_function("() => document.querySelector('script[data-key]')")
    page.wait_for_timeout(200)


def test_a_hanging_script_host_holds_back_no_load_event_of_a_page_with_the_loader(
    page: Page, site: Server, collector: ScriptHost
) -> None:
    open_page(page, site, collector.tag("loader"))
    collector.wait_for("/w.js")
    page.wait_for_load_state("load")
    collector.release.set()
    wait_until_started(page)
    leave(page)

    assert collector.event()["navigation.load_event_end"] > 0
    assert collector.scripts() == ["/w.js"]


def test_a_hanging_script_host_does_so_with_an_async_script(page: Page, site: Server, collector: ScriptHost) -> None:
    open_page(page, site, collector.tag("neutral"))
    collector.wait_for("/w.js")
    page.wait_for_load_state("domcontentloaded")
    page.wait_for_timeout(300)
    waiting = page.evaluate("document.readyState")
    collector.release.set()
    page.wait_for_load_state("load")

    assert waiting == "interactive"


def test_calls_made_before_the_script_is_there_are_queued(page: Page, site: Server, collector: ScriptHost) -> None:
    open_page(page, site, collector.tag("loader"), CALLS)
    page.wait_for_load_state("load")

    assert page.evaluate("wideload.q.map((call) => [...call])") == [
        ["set", {"plan": "gold"}],
        ["event", "opened", {"from": "mail"}],
    ]


@pytest.mark.parametrize(
    ("heading", "index", "form"),
    [
        pytest.param("By host", 0, "neutral", id="host"),
        pytest.param("By nonce", 0, "pinned", id="nonce"),
        pytest.param("By nonce", 0, "loader", id="nonce-loader"),
        pytest.param("By digest", 0, "pinned", id="digest"),
        pytest.param("By digest", 1, "loader", id="digest-loader"),
    ],
)
def test_the_policies_of_the_docs_are_enough_and_trusted_types_refuse_nothing(
    page: Page, site: Server, collector: ScriptHost, refusals: list[str], heading: str, index: int, form: str
) -> None:
    site.headers["content-security-policy"] = f"default-src 'none'; {policy(heading, index, collector.url)}; {TRUSTED_TYPES}"
    collector.release.set()
    open_page(page, site, collector.tag(form))
    page.wait_for_load_state("load")
    wait_until_started(page)
    leave(page)

    collector.event()
    assert refusals == []
    assert len(collector.scripts()) == 1
