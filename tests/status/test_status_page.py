"""The status page: from runs in the store to files, and what they must not say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from asking import NOW, Dataset
from identified import ADMIN, served
from starlette.testclient import TestClient

from collector.access.identity import Identity, Role
from collector.errors import StoreUnavailable
from collector.status.file import StatusFile, load_status
from collector.status.publisher import Publisher
from collector.status.record import DAY, Record
from collector.status.routes import public_app, status_routes
from collector.store.base import Store

ROOT = Path(__file__).parents[2]
TODAY = NOW // DAY * DAY
FILE = """\
title: Shop status
description: How <b>shop.example</b> is doing.
url: https://status.shop.example
dataset: %s
components:
  - {title: Shop & Co, checks: [secret-front, "api/*"]}
  - {title: Checkout, checks: [secret-checkout]}
notices:
  - title: Checkout is slow
    state: monitoring
    components: [Checkout]
    updates: [{at: 2026-11-16T09:00, text: "We look into it. </p><script>alert(1)</script>"}]
  - title: Moved
    state: resolved
    updates: [{at: 2026-11-10T09:00, text: Done.}, {at: 2026-11-10T08:00, text: Begun.}]
"""


class World:
    """A dataset with runs, a clock, and the page."""

    def __init__(self, folder: Path, store: Store, name: str) -> None:
        self.folder, self.store, self.dataset, self.now, self.is_away = folder, store, Dataset(name, store), float(NOW), False
        self.path = folder / "status.yaml"
        self.path.write_text(FILE % name)
        self.publisher = self.start()
        self.asked = 0

    def start(self) -> Publisher:
        """Start anew with what is on disk."""
        record = Record(self, self.folder, lambda: self.now)  # type: ignore[arg-type]
        self.publisher = Publisher(self.path, record, lambda name: 3 if name == self.dataset.name else None)
        return self.publisher

    def query(self, *arguments: Any, **more: Any) -> Any:
        """Be the store, which may be away."""
        self.asked += 1
        if self.is_away:
            raise StoreUnavailable("gone")
        return self.store.query(*arguments, **more)

    def runs(self, check: str, start: float, letters: str, every: float = 600, location: str = "berlin-rack-7") -> None:
        words = {"p": "pass", "f": "fail", "d": "degraded"}
        self.dataset.add(*(
            {"id": f"{check}{location}{start + n * every}", "kind": "check_run", "ts": int((start + n * every) * 1000),
             "check.name": check, "check.is_final": True,
             "check.status": words[letter], "check.location": location, "check.message": "db-17 refused"}
            for n, letter in enumerate(letters) if letter != "_"
        ))  # fmt: skip

    def page(self) -> dict[str, Any]:
        self.publisher.make()
        found: dict[str, Any] = json.loads(self.publisher.files["status.json"])
        return found


@pytest.fixture
def world(tmp_path: Path, embedded_store: Store, request: pytest.FixtureRequest) -> Iterator[World]:
    yield World(tmp_path, embedded_store, f"status-{sha256(request.node.nodeid.encode()).hexdigest()[:16]}")


def fill(world: World) -> None:
    """Two days and a morning: one outage yesterday, and the checkout is down now."""
    for check in ("secret-front", "api/cart", "secret-checkout"):
        world.runs(check, TODAY - 2 * DAY, "p" * 144)
    world.runs("secret-front", TODAY - DAY, "p" * 60 + "ff" + "p" * 82)
    world.runs("api/cart", TODAY - DAY, "p" * 144)
    world.runs("secret-front", TODAY, "p" * 61)
    world.runs("api/cart", TODAY, "p" * 61)
    world.runs("secret-checkout", TODAY, "p" * 58 + "fff")


def test_the_page_tells_days_uptime_and_states(world: World) -> None:
    fill(world)

    page = world.page()

    shop, checkout = page["components"]
    assert (page["state"], page["headline"]) == ("down", "Checkout is down")
    assert (shop["state"], checkout["state"]) == ("up", "down")
    assert [day["state"] for day in shop["days"]] == ["none"] * 87 + ["up", "down", "up"]
    assert [day["down_seconds"] for day in shop["days"][-3:]] == [0, 1200, 0]
    assert shop["uptime_percent"] == 99.42
    # Yesterday the checkout was not checked; its last run before that stood for a few minutes more.
    assert [day["state"] for day in checkout["days"][-3:]] == ["up", "little", "down"]
    assert checkout["measured_seconds"] < checkout["total_seconds"]


def test_an_outage_of_a_second_is_not_100_percent(world: World) -> None:
    world.runs("secret-front", TODAY, "p" * 600, every=60)
    world.runs("secret-front", TODAY + 30, "f", location="berlin-rack-7")
    world.runs("secret-front", TODAY + 31, "p", location="berlin-rack-7")

    shop = world.page()["components"][0]
    assert (shop["uptime_percent"], shop["days"][-1]["down_seconds"], shop["days"][-1]["state"]) == (99.99, 1, "down")


def test_a_day_with_too_little_data_says_so(world: World) -> None:
    world.runs("secret-front", TODAY - DAY, "p" * 20)

    world.page()
    html = world.publisher.files["index.html"].decode()
    assert re.search(r'class="day little"><title>15 Nov 2026: too little data \(3 h \d+ min of 24 h measured\), no outage', html)
    assert "16 Nov 2026: no data" in html


def test_what_the_file_does_not_name_is_nowhere(world: World) -> None:
    fill(world)
    world.runs("internal-admin", TODAY, "f" * 61)
    world.page()

    assert sorted(world.publisher.files) == [
        "badge-checkout.svg", "badge-shop-co.svg", "badge.svg", "feed.xml", "index.html", "status.css", "status.json",
    ]  # fmt: skip
    for text in map(bytes.decode, world.publisher.files.values()):
        for secret in ("secret", "api/", "rack", "db-17", "internal", world.dataset.name):
            assert secret not in text


def test_texts_are_never_markup(world: World) -> None:
    world.page()
    html, feed = (world.publisher.files[name].decode() for name in ("index.html", "feed.xml"))

    assert "<script" not in html
    assert "How &lt;b&gt;shop.example&lt;/b&gt; is doing." in html
    assert "style=" not in html
    items = ElementTree.fromstring(feed).findall("./channel/item")
    assert [item.findtext("title") for item in items] == ["Monitoring: Checkout is slow", "Resolved: Moved", "Resolved: Moved"]
    assert items[0].findtext("description") == "We look into it. </p><script>alert(1)</script>"
    assert ElementTree.fromstring(world.publisher.files["badge-shop-co.svg"]).get("aria-label") == "Shop & Co: no data"


def test_an_outage_is_in_the_feed(world: World) -> None:
    fill(world)
    world.page()

    titles = re.findall(r"<item><title>(.*?)</title><description>(.*?)</description>", world.publisher.files["feed.xml"].decode())
    assert ("Checkout is down", "Since 16 Nov 2026, 09:40 UTC.") in titles
    assert ("Shop &amp; Co was down", "From 15 Nov 2026, 10:00 UTC, for 20 min.") in titles


def test_days_are_kept_when_the_store_has_let_them_go(world: World) -> None:
    fill(world)
    before = world.page()["components"][0]["days"][-3]
    assert before["measured_seconds"] > 0

    world.now += 10 * DAY
    world.start()
    page = world.page()
    assert page["components"][0]["days"][-13] == before
    world.asked = 0
    world.page()
    # Of the days that are over nothing is asked again.
    assert world.asked == 1


def test_while_the_store_is_away_the_page_says_what_is_not_measured(world: World) -> None:
    fill(world)
    world.page()

    world.is_away = True
    world.now += 7200
    page = world.page()
    assert (page["state"], page["headline"]) == ("unknown", "Nothing is measured now")
    assert page["components"][0]["days"][-2]["down_seconds"] == 1200


def test_a_mistake_in_the_file_leaves_the_page_as_it_was(world: World, caplog: pytest.LogCaptureFixture) -> None:
    before = world.page()["title"]

    world.path.write_text(FILE % world.dataset.name + "titel: x\n")
    assert world.page()["title"] == before
    assert "did you mean title?" in caplog.text
    world.path.write_text(FILE % "elsewhere")
    world.page()
    assert "which there is not" in world.publisher.problem


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: Checkout,", "title: Shop & Co,", "would have one address"),
        ("[Checkout]", "[Till]", "There is no component 'Till'."),
        ("2026-11-16T09:00", "this morning", "is no time"),
        ("state: monitoring", "state: odd", "is not one of"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "status.yaml"
    path.write_text((FILE % "shop").replace(old, new))

    found = load_status(path)
    assert isinstance(found, list)
    assert said in str(found[0])


def test_the_example_of_the_docs_is_good(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "status.md").read_text(), re.DOTALL)
    (tmp_path / "status.yaml").write_text(text)

    assert isinstance(load_status(tmp_path / "status.yaml"), StatusFile)


def test_the_public_listener_has_the_page_and_nothing_else(world: World) -> None:
    client = TestClient(public_app(world.publisher))
    assert client.get("/").status_code == 503
    world.page()

    page = client.get("/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert client.get("/", headers={"if-none-match": page.headers["etag"]}).status_code == 304
    assert client.get("/badge.svg").headers["cross-origin-resource-policy"] == "cross-origin"
    for path in ("/api/query", "/api/status", "/metrics", "/..%2fstatus.yaml", "/status.yaml", "/login"):
        assert client.get(path).status_code == 404
    assert client.post("/").status_code == 405


def test_its_files_are_given_to_viewers_of_its_dataset(world: World) -> None:
    world.page()

    def ask(identity: Identity) -> Any:
        return TestClient(served(status_routes(world.publisher), identity)).get("/api/status")

    assert "index.html" in ask(ADMIN).json()["files"]
    assert ask(Identity("user", "bob", {world.dataset.name: Role.VIEWER})).status_code == 200
    assert ask(Identity("user", "eve", {"blog": Role.ADMIN})).status_code == 403
    no_page = Publisher(None, Record(world, world.folder, lambda: NOW), lambda _: 1)  # type: ignore[arg-type]
    assert TestClient(served(status_routes(no_page))).get("/api/status").status_code == 404
