"""Files for browsers."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from identified import served
from starlette.testclient import TestClient

from collector import web
from collector.errors import SettingsError


@pytest.fixture(scope="module")
def client() -> TestClient:
    routes = [
        *web.beacon_routes("/s/w.js"),
        *web.viewer_assets(),
        *web.schema_routes(),
        *web.page_routes(),
        *web.demo_routes(),
    ]
    return TestClient(web.SafeHeadersMiddleware(served(routes)))


def test_the_beacon_may_be_embedded_anywhere(client: TestClient) -> None:
    answer = client.get("/beacon.js")

    assert answer.headers["content-type"].startswith(("text/javascript", "application/javascript"))
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "max-age=600" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br, gzip", "br"),
        ("gzip", "gzip"),
        ("gzip, br;q=0", "gzip"),
        ("identity", None),
        ("", None),
        ("BR", "br"),
        ("brotli", None),
    ],
)
def test_the_best_accepted_encoding_is_served(client: TestClient, accepted: str, encoding: str | None) -> None:
    answer = client.get("/beacon.js", headers={"accept-encoding": accepted})

    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"


def test_the_beacon_fits_its_budget(client: TestClient) -> None:
    with client.stream("GET", "/beacon.js", headers={"accept-encoding": "br"}) as answer:
        assert len(b"".join(answer.iter_raw())) <= 7168


def test_an_unchanged_file_is_not_sent_again(client: TestClient) -> None:
    etag = client.get("/beacon.js").headers["etag"]
    again = client.get("/beacon.js", headers={"if-none-match": etag})

    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/beacon.js", headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize("name", web.beacon_manifest()["files"])
def test_the_hashed_twin_is_immutable_and_matches_its_integrity(client: TestClient, name: str) -> None:
    facts = web.beacon_manifest()["files"][name]
    answer = client.get(web.hashed(f"/{name}", facts["hash"]))

    assert "immutable" in answer.headers["cache-control"]
    digest = base64.b64encode(hashlib.sha384(answer.content).digest()).decode()
    assert facts["integrity"] == f"sha384-{digest}"
    assert client.get(web.hashed(f"/{name}", "0" * 16)).status_code == 404


def test_the_default_script_has_a_second_name_with_a_twin(client: TestClient) -> None:
    digest = web.beacon_manifest()["files"]["beacon.js"]["hash"]
    script, second, twin = (client.get(path) for path in ("/beacon.js", "/s/w.js", f"/s/w.{digest}.js"))

    assert second.content == twin.content == script.content
    assert second.headers == script.headers
    assert "immutable" in twin.headers["cache-control"]


def test_the_schema_of_dashboards_is_served_to_editors_anywhere(client: TestClient) -> None:
    answer = client.get("/schemas/dashboard.json")

    assert answer.json()["title"] == "A dashboard definition"
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/demo/", "/demo/index.html", "/login.css", "/favicon.svg"])
def test_pages_are_served_with_a_strict_policy(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/demo/../config.py", "/demo/%2e%2e/config.py", "/assets/../../app.py", "/demo/..%2fseed.py"])
def test_nothing_outside_the_folders_can_be_read(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("ms", ["0", "-5", "abc", "", "1"])
def test_the_slow_image_takes_only_sensible_delays(client: TestClient, ms: str) -> None:
    assert client.get(f"/demo/slow/hero.svg?ms={ms}").headers["content-type"] == "image/svg+xml"


def test_without_a_build_the_start_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "STATIC", tmp_path)

    with pytest.raises(SettingsError, match="run `make build`"):
        web.beacon_manifest()
