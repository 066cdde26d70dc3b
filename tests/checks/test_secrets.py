"""Secrets are found where they are kept, and nowhere else."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from collector.checks.secrets import MASK, Masker, read_secrets
from collector.errors import WideloadError

SECRET = 'p/s "ö"+&<w>'
mask = Masker([SECRET, "abcd", "abcdefgh"])


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        base64.b64encode(SECRET.encode()).decode(),
        *(base64.b64encode(f"{user}:{SECRET}".encode()).decode() for user in ("a", "al", "ali", "alic")),
    ],
)
def test_a_secret_is_masked_in_every_form(form: str) -> None:
    masked = mask(f"before {form} after")

    assert MASK in masked
    assert form.strip('"') not in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")


def test_of_two_secrets_the_longer_one_is_masked_as_a_whole() -> None:
    assert mask("abcdefgh abcd") == f"{MASK} {MASK}"


def test_secrets_are_masked_in_all_of_a_document() -> None:
    assert mask.deep({"abcd": ["x", {"y": "1abcd2"}, 3, None, True]}) == {MASK: ["x", {"y": f"1{MASK}2"}, 3, None, True]}
    assert Masker().deep({"a": "b"}) == {"a": "b"}


def test_secrets_come_from_a_file_and_the_environment_wins(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    file.write_text("# for the shop\n\nshop_password = 'one = two'\nexport API_KEY=first\n")
    environ = {"WIDELOAD_CHECK_SECRET_API_KEY": "second", "WIDELOAD_CHECK_SECRET": "not a check's", "HOME": "/"}

    assert read_secrets(environ, file) == {"shop_password": "one = two", "api_key": "second"}


@pytest.mark.parametrize("text", ["hush hush\n", "key = abc\n"])
def test_a_refusal_does_not_tell_the_secret(tmp_path: Path, text: str) -> None:
    file = tmp_path / "secrets.env"
    file.write_text(text)

    with pytest.raises(WideloadError, match=r"secrets.env:1: write|key is too short") as caught:
        read_secrets({}, file)
    assert "hush" not in str(caught.value)
    assert "abc" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WideloadError, match=r"nowhere of secrets cannot be read: No such file"):
        read_secrets({}, tmp_path / "nowhere")
