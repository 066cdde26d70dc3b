"""Single sign-on against a real provider (npm's oidc-provider)."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from collector.app import build_app
from collector.config import load_settings
from collector.store.chdb import ChdbStore

FOLDER = Path(__file__).parent / "provider"
BASE = "http://127.0.0.1:8080"
SECRET = "a secret of the client"
RULES = ["groups = perf: editor on shop", "email = unverified@example.com: admin"]
Collector = Callable[..., Any]


@contextmanager
def provider_for(base: str) -> Iterator[str]:
    """Run the provider for a collector at this address, and yield the provider's own address."""
    command = ["node", str(FOLDER / "provider.mjs"), f"{base}/login/sso/callback"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with provider_for(BASE) as issuer:
        yield issuer


@pytest.fixture
def collector(tmp_path: Path, embedded_store: ChdbStore, provider: str) -> Iterator[Collector]:
    """Start a collector that trusts the provider, with these settings changed."""
    (tmp_path / "w.toml").write_text("[datasets.shop]\n[datasets.blog]\n")
    started: list[TestClient] = []

    def start(**changed: Any) -> TestClient:
        settings = {
            "oidc_issuer": provider,
            "oidc_client_id": "wideload",
            "oidc_client_secret": SECRET,
            "oidc_scopes": "openid email groups",
            "oidc_rules": RULES,
            "data_dir": str(tmp_path),
            "public_url": BASE,
        }
        flags = settings | {"config": str(tmp_path / "w.toml"), "admin_token": "a-token-of-some-length"} | changed
        client = TestClient(build_app(load_settings({}, flags), embedded_store), base_url=BASE, follow_redirects=False)
        started.append(client.__enter__())
        return client

    yield start
    for client in started:
        client.__exit__(None, None, None)


def begin(client: TestClient, wanted: str = "/?view=page-views") -> str:
    """Return where the collector sends a browser."""
    return client.get("/login/sso", params={"next": wanted}).headers["location"]


def sign_in_at(provider: str, url: str, who: str) -> str:
    """Sign in at the provider as a browser does, and return where that sends the browser."""
    with httpx2.Client(base_url=provider, follow_redirects=False) as browser:
        answer = browser.get(url)
        while answer.status_code in (302, 303) and not answer.headers["location"].startswith(BASE):
            answer = browser.get(answer.headers["location"])
            if answer.status_code == 200:
                (prompt,) = re.findall(r'name="prompt" value="(\w+)"', answer.text)
                (action,) = re.findall(r'action="([^"]+)"', answer.text)
                answer = browser.post(action, data={"prompt": prompt, "login": who, "password": "x"})
        return str(answer.headers["location"])


def test_who_a_rule_gives_a_role_gets_that_and_no_more(collector: Collector, provider: str) -> None:
    client = collector()
    back = sign_in_at(provider, begin(client), "anna")
    answer = client.get(back)

    assert (answer.status_code, answer.headers["location"]) == (303, "/?view=page-views")
    me = client.get("/api/me").json()
    assert me["user"] == {"kind": "sso", "name": "anna@example.com", "roles": {"shop": "editor"}}
    assert me["datasets"] == ["shop"]
    (line,) = client.app.access.log.lines(action="sign-in")
    assert (line.who, line.target) == ("anna@example.com (SSO)", "by sso, subject anna")
    assert client.get("/api/fields?dataset=blog").status_code == client.get("/metrics").status_code == 403


def test_the_request_has_pkce_state_and_nonce(collector: Collector) -> None:
    client = collector()
    first, second = (parse_qs(urlsplit(begin(client)).query) for _ in range(2))

    assert first["code_challenge_method"] == ["S256"] and first["response_type"] == ["code"]
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize(("who", "name"), [("bob", "bob@example.com"), ("unverified", "unverified")])
def test_who_no_rule_gives_a_role_does_not_get_in(collector: Collector, provider: str, who: str, name: str) -> None:
    client = collector()
    answer = client.get(sign_in_at(provider, begin(client), who))

    assert answer.status_code == 401
    assert f"You are {name} for the provider, but that gives you no role here" in answer.text
    assert client.get("/api/me").status_code == 401


def test_only_the_browser_that_began_a_sign_in_finishes_it_and_only_once(collector: Collector, provider: str) -> None:
    client = collector()
    back = sign_in_at(provider, begin(client), "anna")
    other = TestClient(client.app, base_url=BASE, follow_redirects=False)
    stranger, own, again = other.get(back), client.get(back), client.get(back)

    assert (stranger.status_code, own.status_code, again.status_code) == (401, 303, 401)
    assert "was begun elsewhere" in stranger.text


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda url: re.sub(r"state=[^&]+", "state=other", url), id="another state"),
        pytest.param(lambda url: re.sub(r"code=[^&]+", "code=other", url), id="another code"),
        pytest.param(lambda url: re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.test", url), id="another issuer"),
        pytest.param(lambda url: re.sub(r"code=[^&]+", "error=access_denied", url), id="an error"),
        pytest.param(lambda url: url.partition("?")[0], id="nothing"),
    ],
)
def test_an_answer_that_was_changed_signs_nobody_in(collector: Collector, provider: str, change: Callable[[str], str]) -> None:
    client = collector()
    answer = client.get(change(sign_in_at(provider, begin(client), "anna")))

    assert answer.status_code == 401
    assert client.get("/api/me").status_code == 401


def test_a_code_that_somebody_else_asked_for_is_of_no_use(collector: Collector, provider: str) -> None:
    client = collector()
    stolen = parse_qs(urlsplit(sign_in_at(provider, begin(client), "anna")).query)["code"][0]
    own = sign_in_at(provider, begin(client), "bob")
    answer = client.get(re.sub(r"code=[^&]+", f"code={stolen}", own))

    assert answer.status_code == 401, "the code belongs to another PKCE verifier"


def test_a_sign_in_must_not_take_for_ever(collector: Collector, provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = collector()
    back = sign_in_at(provider, begin(client), "anna")
    monkeypatch.setattr(client.app.access, "clock", lambda: time.time() + 601)

    assert client.get(back).status_code == 401


def test_other_rules_end_the_sessions_that_the_old_ones_began(collector: Collector, provider: str) -> None:
    client = collector()
    client.get(sign_in_at(provider, begin(client), "anna"))
    cookies = dict(client.cookies)
    client.__exit__(None, None, None)
    later = collector(oidc_rules=[])
    later.cookies.update(cookies)

    assert later.get("/api/me").status_code == 401


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:1", BASE.replace("127.0.0.1", "localhost")])
def test_a_provider_that_is_away_is_said_on_the_page(collector: Collector, issuer: str) -> None:
    answer = collector(oidc_issuer=issuer).get("/login/sso")

    assert answer.status_code == 502
    assert "The provider cannot be used now." in answer.text
    assert "set-cookie" not in answer.headers


def test_a_provider_that_is_away_is_asked_again_after_a_moment(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = collector(oidc_issuer="http://127.0.0.1:1")
    for seconds in (0, 0, 3):
        monkeypatch.setattr(client.app.access, "clock", lambda seconds=seconds: 1000.0 + seconds)
        client.get("/login/sso")

    said = [record.message for record in caplog.records if "cannot be used" in record.message]
    assert ["could not be asked a moment ago" in text for text in said] == [False, True, False]


def test_a_provider_that_says_it_is_another_one_is_not_believed(collector: Collector, provider: str) -> None:
    assert collector(oidc_issuer=provider.replace("127.0.0.1", "localhost")).get("/login/sso").status_code == 502


def test_no_secret_is_logged_at_any_level(collector: Collector, provider: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    # The test’s own browser.
    caplog.set_level("WARNING", "httpx2")
    client = collector()
    back = sign_in_at(provider, begin(client), "anna")
    before = dict(client.cookies)
    client.get(back)
    code = parse_qs(urlsplit(back).query)["code"][0]

    assert client.get("/api/me").status_code == 200
    for secret in (SECRET, code, *before.values(), *client.cookies.values()):
        assert secret not in caplog.text
    assert not any(word in caplog.text for word in ("code_verifier", "id_token", "access_token"))


def test_the_page_has_the_button_only_with_a_provider(collector: Collector) -> None:
    with_it = collector().get("/login", params={"next": "/?a=b&c"}).text

    assert '<body class="sso">' in with_it
    assert 'href="/login/sso?next=%2F%3Fa%3Db%26c"' in with_it
