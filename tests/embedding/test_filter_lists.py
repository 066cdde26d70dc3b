"""What a content blocker makes of our names: uBlock Origin's own engine, with the lists that Debian's package of it ships."""

from __future__ import annotations

import json
import subprocess

import pytest
from proxy_recipes import DEBIAN, HERE

from collector import web
from collector.config import load_settings

SITE = "https://www.shop.example"
SUBDOMAIN = "https://rum.shop.example"
ELSEWHERE = "https://rum.example.org"
HOSTS = (SITE, SUBDOMAIN, ELSEWHERE)


@pytest.fixture(scope="module")
def extension() -> str:
    """The extension's folder."""
    found = [path.parent for path in DEBIAN.glob("usr/share/mozilla/extensions/*/uBlock0@raymondhill.net/assets")]
    if not found:
        pytest.skip("uBlock Origin is not on this machine; `make test` gets it where there are Debian's packages")
    return str(found[0])


def blocked(extension: str, requests: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the filter that blocks each of these requests (URL and type) of the site's page, if any does."""
    asked = [{"url": url, "type": kind, "originURL": f"{SITE}/"} for url, kind in requests]
    command = ["node", HERE / "filter_engine.mjs", extension, json.dumps(asked)]
    verdicts = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return {request: verdict for request, verdict in zip(requests, verdicts, strict=True) if verdict}


def test_filter_lists_know_our_plain_names_and_not_our_neutral_ones(extension: str) -> None:
    settings = load_settings({})
    digest = web.beacon_manifest()["files"][web.DEFAULT_SCRIPT]["hash"]
    scripts = [settings.script_path, web.hashed(settings.script_path, digest), "/beacon.js"]
    sent = [settings.beacon_path + "Zk3vT0aXr8mQ1sLd", "/v1/beacon/Zk3vT0aXr8mQ1sLd"]
    requests = [(host + path, "script") for host in HOSTS for path in scripts]
    requests += [(host + path, kind) for host in HOSTS for path in sent for kind in ("xmlhttprequest", "ping")]

    assert blocked(extension, requests) == {
        **{(f"{host}/beacon.js", "script"): "/beacon.js" for host in HOSTS},
        # Whatever is sent to another site with `sendBeacon`.
        **{(ELSEWHERE + path, "ping"): "*$ping,3p" for path in sent},
    }
