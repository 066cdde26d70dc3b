"""Each proxy of docs/embedding.md passes on what the beacon needs, and nothing else."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from proxy_recipes import blocks
from proxy_running import VISITOR, running
from proxy_upstream import Sent, Upstream

from bench.running import Running

ACCEPTED = (202, {"content-type": "application/json"}, b'{"accepted":1,"rejected":[]}')
HEADERS = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0.0.0",
    "sec-ch-ua": '"Chromium";v="150"',
    "sec-ch-ua-platform": '"Linux"',
    "origin": "https://shop.example",
    "content-type": "text/plain;charset=UTF-8",
}


@pytest.fixture
def got(behind: Upstream) -> list[Sent]:
    """What arrives behind the proxy from now on."""
    behind.got.clear()
    behind.answer = ACCEPTED
    return behind.got


def test_a_beacon_arrives_as_it_was_sent(site: httpx2.Client, got: list[Sent]) -> None:
    body = bytes(range(256)) * 190

    answer = site.post("/w/shop-web-1", content=body, headers=HEADERS)

    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    assert (got[0].method, got[0].path, got[0].body) == ("POST", "/w/shop-web-1", body)
    assert {name: got[0].headers[name] for name in HEADERS} == HEADERS


def test_cookies_and_credentials_stay_on_the_site(site: httpx2.Client, got: list[Sent], behind: Upstream) -> None:
    behind.answer = (202, {"set-cookie": "a=b"}, b"{}")

    answer = site.post("/w/shop-web-1", content=b"{}", headers={"cookie": "session=secret", "authorization": "Basic c2VjcmV0"})

    assert not {"cookie", "authorization"} & {name for name, value in got[0].headers.items() if value}
    assert "set-cookie" not in answer.headers


def test_the_visitors_address_is_the_last_one_named(site: httpx2.Client, got: list[Sent]) -> None:
    forged = {"x-forwarded-for": "203.0.113.9", "cf-connecting-ip": VISITOR}

    site.post("/w/shop-web-1", content=b"{}", headers=forged)

    assert got[0].headers["x-forwarded-for"].split(",")[-1].strip() == VISITOR


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_collectors_answer_reaches_the_page(site: httpx2.Client, got: list[Sent], behind: Upstream, status: int) -> None:
    behind.answer = (status, {"retry-after": "7", "content-type": "application/json"}, b'{"error":{}}')

    answer = site.post("/w/shop-web-1", content=b"{}", headers=HEADERS)

    assert (answer.status_code, answer.headers["retry-after"], answer.content) == (status, "7", b'{"error":{}}')
    assert len(got) == 1


@pytest.mark.parametrize("path", ["/w.js", "/w.0123456789abcdef.js"])
def test_the_script_is_kept_by_proxies_that_have_a_cache(
    site: httpx2.Client, got: list[Sent], behind: Upstream, recipe: str, path: str
) -> None:
    kept = {"content-type": "text/javascript", "cache-control": "public, max-age=600", "vary": "Accept-Encoding"}
    behind.answer = (200, {**kept, "access-control-allow-origin": "*"}, b"script")

    answers = [site.get(path) for _ in range(3)]

    assert [answer.content for answer in answers] == [b"script"] * 3
    assert answers[2].headers["cache-control"] == kept["cache-control"]
    assert answers[2].headers["access-control-allow-origin"] == "*"
    assert len(got) == (1 if recipe == "nginx" else 3)


@pytest.mark.parametrize("recipe", ["nginx", "caddy"], indirect=True)  # A Worker is asked for nothing but its routes.
def test_nothing_else_is_passed_on(site: httpx2.Client, got: list[Sent]) -> None:
    paths = ("/", "/api/me", "/metrics", "/beacon.js", "/w", "/wideload", "/w/../api/me", "/w/%2e%2e/api/me")

    assert [site.get(path).text for path in paths] == ["the site"] * len(paths)
    assert got == []


def test_the_recipe_for_next_rewrites_the_paths_that_it_takes_cookies_from(tmp_path: Path) -> None:
    """Their matching is Next's own: /w/demo, /w.js and /w.0123abcd.js were tried in Next 16.4."""
    (config,), (proxy,) = blocks("Next", "js"), blocks("Next", "ts")
    (tmp_path / "next.config.mjs").write_text(config)
    script = "import('./next.config.mjs').then(m => m.default.rewrites()).then(all => console.log(JSON.stringify(all)))"
    printed = subprocess.run(["node", "-e", script], cwd=tmp_path, capture_output=True, check=True).stdout
    sources = [rewrite["source"] for rewrite in json.loads(printed)]

    assert sources == ["/w.js", "/w.:hash([0-9a-f]+).js", "/w/:key"]
    assert f"matcher: [{', '.join(repr(source) for source in sources)}]" in proxy


def test_a_real_collector_stands_behind_it(recipe: str, live_collector: Running, tmp_path: Path) -> None:
    name = uuid4().hex
    port = int(live_collector.url.rpartition(":")[2])
    with running(recipe, tmp_path, port) as site:
        script = site.get("/w.js", headers={"accept-encoding": "br"})
        unchanged = site.get("/w.js", headers={"accept-encoding": "br", "if-none-match": script.headers["etag"]})
        sent = site.post("/w/demo", json={"v": 1, "events": [{"id": name, "kind": "page_view"}]}, headers=HEADERS)

    assert (script.headers["content-encoding"], script.headers["timing-allow-origin"]) == ("br", "*")
    assert unchanged.status_code == 304
    assert sent.status_code == 202
    end = time.monotonic() + 20
    while not (found := live_collector.count(filters=[{"column": "id", "op": "=", "value": name}])) and time.monotonic() < end:
        time.sleep(0.05)
    assert found == 1
