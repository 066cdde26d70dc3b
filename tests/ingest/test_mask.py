"""What is taken out of texts, as by the beacon and beyond it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.ingest.mask import is_card, is_secret_name, mask, mask_url

SHARED = json.loads((Path(__file__).parents[2] / "beacon_js" / "test" / "mask.samples.json").read_text())
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.SflKxwRJSMeKKF2QT4fwpMeJf36"


@pytest.mark.parametrize(("text", "masked"), SHARED)
def test_the_collector_masks_as_the_beacon_does(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("Authorization: Bearer a8f3e2c1d4b5", "Authorization: Bearer [token]", id="bearer"),
        pytest.param("Basic dXNlcjpwYXNzd29yZA== refused", "Basic [token] refused", id="basic"),
        pytest.param(f"sent {JWT}!", "sent [token]!", id="JWT"),
        pytest.param("/reset/5f4dcc3b5aa765d61d8327deb882cf99", "/reset/[key]", id="hex"),
        pytest.param("key sk9xQ2mZ7pL4vT8nB3wR6yC1dF5gH0jKa7Q0 leaked", "key [key] leaked", id="base64"),
        pytest.param("card 4111 1111 1111 1111 declined", "card [card] declined", id="card with spaces"),
        pytest.param("/pay/5555555555554444/done", "/pay/[card]/done", id="card in a path"),
        pytest.param("3782-822463-10005", "[card]", id="fifteen digits"),
        pytest.param("HTTPS://A.example/b?c=1", "HTTPS://A.example/b", id="capitals"),
    ],
)
def test_the_collector_masks_what_the_beacon_has_no_room_for(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("/assets/9f86d081884c7d659a2feaa0c55ad015.js", id="hashed file"),
        pytest.param("da39a3ee5e6b4b0d3255bfef95601890afd80709", id="build"),
        pytest.param("550e8400-e29b-41d4-a716-446655440000", id="UUID"),
        pytest.param("/blog/Ten-Ways-To-Make-Your-Web-Site-Faster-In-2026-And-Beyond", id="slug"),
        pytest.param("handleProductDetailPageRecommendationClick", id="function"),
        pytest.param("4111111111111112", id="wrong check digit"),
        pytest.param("1732480000000000", id="a time in microseconds"),
        pytest.param("took 0.4111111111111111 s", id="fraction"),
        pytest.param("Basic Authentication failed", id="words"),
    ],
)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    "url", ["/search?q=shoes&email=a%40b.example&utm_source=x#top", "https://a.example/search?q=shoes&utm_source=x"]
)
def test_of_an_addresss_query_only_allowed_parameters_stay(url: str) -> None:
    assert mask_url(url).endswith("/search")
    assert mask_url(url, lambda name: name.startswith("utm_")).endswith("/search?utm_source=x")


def test_an_allowed_parameter_is_masked_all_the_same() -> None:
    assert mask_url("/find?q=ann@mail.example", lambda name: name == "q") == "/find?q=[email]"


@given(st.text(st.sampled_from("ab@.:/?#=%40 -[]()'\"&1eyJtoken\n") | st.characters()))
def test_masking_again_changes_nothing(text: str) -> None:
    once = mask(text)

    assert mask(once) == once


@pytest.mark.parametrize(
    "part",
    ["a", "://", ":1", "://?:1", "a@", "passw", "token= ", "session", "bearer ", "0", "0 ", "a.", "-extension:", "x-", "[src=",
     "4111 ", "eyJ"],
)  # fmt: skip
def test_no_text_takes_long(part: str) -> None:
    text = f"@?=: {(part * 65_536)[:65_536]} @?=:eyJ"
    start = time.process_time()

    mask(text)

    # Measured: up to 25 ms. Anything quadratic would take minutes.
    assert time.process_time() - start < 1


def test_names_of_secrets_are_known() -> None:
    assert all(map(is_secret_name, ["password", "user.password", "access_token", "api-key", "clientSecret", "Authorization"]))
    assert not any(map(is_secret_name, ["tokens_used", "secretary", "auth.method", "plan"]))


def test_numbers_of_cards_are_known() -> None:
    assert is_card(4111111111111111)
    assert not any(map(is_card, [4111111111111112, 1732480000000, 0.5, 1e300]))
