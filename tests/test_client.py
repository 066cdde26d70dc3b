"""Asking a running collector: where it is, who asks, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from collector.client import Client, Credential, find_credential, find_url
from collector.config import load_settings
from collector.errors import ClientError, SettingsError, Unreachable

TOKEN = "a-secret-of-sixteen-or-more"
URL = "http://127.0.0.1:8080"
HERE = Credential(TOKEN, "--token")


def client(answer: Callable[[httpx2.Request], httpx2.Response], credential: Credential = HERE) -> Client:
    return Client(URL, credential, transport=httpx2.MockTransport(answer))


def test_an_answer_is_its_json() -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"path": request.url.path, "token": request.headers["authorization"]})

    with client(handler) as asked:
        assert asked.get("/api/me") == {"path": "/api/me", "token": f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("listen", "url"),
    [
        ("127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("[::1]:9000", "http://[::1]:9000"),
        ("localhost:9000", "http://localhost:9000"),
    ],
)
def test_the_collector_is_where_the_settings_let_it_listen(listen: str, url: str) -> None:
    assert find_url(load_settings({"WIDELOAD_LISTEN": listen}), None) == url


def test_a_collector_that_listens_everywhere_is_asked_on_loopback(tmp_path: Path) -> None:
    config = tmp_path / "wideload.toml"
    config.write_text('[datasets.shop]\nsite_keys = ["k"]\n')
    environ = {"WIDELOAD_LISTEN": "0.0.0.0:9000", "WIDELOAD_ADMIN_TOKEN": TOKEN, "WIDELOAD_CONFIG": str(config)}

    assert find_url(load_settings(environ), None) == "http://127.0.0.1:9000"


def test_a_given_address_wins_and_must_be_one() -> None:
    assert find_url(load_settings({}), "https://rum.example/") == "https://rum.example"
    with pytest.raises(SettingsError, match="--url must be a URL"):
        find_url(load_settings({}), "rum.example")


def test_the_token_is_the_given_one_then_the_settings_then_the_files(tmp_path: Path) -> None:
    (tmp_path / "admin-token").write_text("from-the-file\n")
    plain = {"WIDELOAD_DATA_DIR": str(tmp_path)}
    with_token = plain | {"WIDELOAD_ADMIN_TOKEN": TOKEN}

    assert find_credential(load_settings(with_token), URL, "given").place == "--token or WIDELOAD_TOKEN"
    assert find_credential(load_settings(with_token), URL, None) == Credential(TOKEN, "WIDELOAD_ADMIN_TOKEN")
    assert find_credential(load_settings(plain), URL, None).token == "from-the-file"


def test_the_files_token_is_not_shown_to_another_machine(tmp_path: Path) -> None:
    (tmp_path / "admin-token").write_text("from-the-file")

    assert find_credential(load_settings({"WIDELOAD_DATA_DIR": str(tmp_path)}), "https://rum.example", None).token == ""


def test_a_token_that_has_expired_is_told_from_a_wrong_one() -> None:
    answer = {"error": {"reason": "token_expired", "message": "The token ci has expired."}}
    with client(lambda _: httpx2.Response(401, json=answer)) as asked, pytest.raises(ClientError, match="token ci has expired"):
        asked.get("/api/me")


def test_a_refused_token_is_named_by_its_place_and_never_shown() -> None:
    with client(lambda _: httpx2.Response(401, json={})) as asked, pytest.raises(ClientError) as caught:
        asked.get("/api/me")

    assert str(caught.value) == f"{URL} does not accept the token that was found in --token."


def test_a_missing_token_is_said_with_the_places_looked_at() -> None:
    asked = client(lambda _: httpx2.Response(401, json={}), find_credential(load_settings({}), "https://rum.example", None))

    with (
        asked,
        pytest.raises(
            ClientError, match="none was found: it was looked for in --token, WIDELOAD_TOKEN, WIDELOAD_ADMIN_TOKEN and the file"
        ),
    ):
        asked.get("/api/me")


def test_the_collectors_own_sentence_is_passed_on() -> None:
    error = {"error": {"reason": "bad_query", "message": "There is no operation P76.", "path": "calculations[0].op"}}

    with client(lambda _: httpx2.Response(400, json=error)) as asked, pytest.raises(ClientError) as caught:
        asked.post("/api/query", {})

    assert str(caught.value) == "calculations[0].op: There is no operation P76."
    assert (caught.value.status, caught.value.reason) == (400, "bad_query")


def test_another_server_is_recognised() -> None:
    with client(lambda _: httpx2.Response(200, text="<html>")) as asked, pytest.raises(ClientError, match="is it another server"):
        asked.get("/api/me")


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (httpx2.ConnectError("refused"), Unreachable, "Nobody answers at http://127.0.0.1:8080: is `wideload serve` running"),
        (httpx2.ConnectTimeout("slow"), Unreachable, "Nobody answers at http://127.0.0.1:8080"),
        (httpx2.ReadTimeout("slow"), ClientError, "did not answer /api/me in time"),
        (httpx2.RemoteProtocolError("bad"), ClientError, "broke off while answering /api/me: bad"),
    ],
)
def test_a_failed_connection_gets_a_sentence(error: Exception, kind: type[Exception], sentence: str) -> None:
    def handler(_: httpx2.Request) -> httpx2.Response:
        raise error

    with client(handler) as asked, pytest.raises(kind, match=sentence):
        asked.get("/api/me")


def test_an_answer_may_come_in_steps() -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["accept"] == "application/x-ndjson"
        lines = [b'{"results":[1]', b',"meta":{"x":"\xe2\x80\xa8"}}\n{"resul', b'ts":[2]}\n']
        return httpx2.Response(200, headers={"content-type": "application/x-ndjson"}, content=iter(lines))

    with client(handler) as asked:
        assert list(asked.steps("/api/query", {})) == [{"results": [1], "meta": {"x": "\u2028"}}, {"results": [2]}]


def test_an_error_may_be_the_last_step() -> None:
    def handler(_: httpx2.Request) -> httpx2.Response:
        lines = b'{"results":[]}\n{"error":{"reason":"query_too_heavy","message":"Narrow it."}}\n'
        return httpx2.Response(200, headers={"content-type": "application/x-ndjson"}, content=lines)

    with client(handler) as asked, pytest.raises(ClientError, match="Narrow it"):
        list(asked.steps("/api/query", {}))


def test_a_refusal_or_a_single_answer_is_the_only_step() -> None:
    with (
        client(lambda _: httpx2.Response(400, json={"error": {"message": "No."}})) as asked,
        pytest.raises(ClientError, match="No"),
    ):
        list(asked.steps("/api/query", {}))
    with client(lambda _: httpx2.Response(200, json={"results": []})) as asked:
        assert list(asked.steps("/api/query", {})) == [{"results": []}]
