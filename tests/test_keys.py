"""Site keys in the configuration file."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collector import keys
from collector.config import SITE_KEY, load_settings
from collector.errors import SettingsError, WideloadError

END = datetime(2030, 1, 31, 12, tzinfo=UTC)
TEXT = """\
# Ours.
listen = "127.0.0.1:8080"

[datasets.shop] # the shop
site_keys = [
    "first", # the old pages
    "second",
]
allowed_origins = ["https://shop.example"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "wideload.toml"
    file.write_text(TEXT)
    return file


def shop(path: Path) -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads(path.read_text())["datasets"]["shop"]
    return table


def test_a_new_key_is_random_and_allowed() -> None:
    assert SITE_KEY.fullmatch(keys.new_key())
    assert keys.new_key() != keys.new_key()


def test_create_adds_a_key_and_leaves_the_rest_of_the_file(path: Path) -> None:
    created = keys.create(path, "shop", [])

    assert shop(path)["site_keys"] == ["first", "second", created.key]
    assert "# Ours." in path.read_text()
    assert "[datasets.shop] # the shop" in path.read_text()
    assert "# the old pages" in path.read_text()


def test_create_adds_a_missing_dataset_if_it_is_told_the_origins(path: Path) -> None:
    created = keys.create(path, "blog", ["https://blog.example"])

    blog = load_settings({}, {"config": str(path)}).datasets["blog"]
    assert created.new_dataset
    assert blog.site_keys == (created.key,)
    assert blog.allowed_origins == ("https://blog.example",)


def test_create_refuses_a_missing_dataset_without_origins(path: Path) -> None:
    with pytest.raises(WideloadError, match=r"no dataset 'blog' .* there are: shop\. .* --origin"):
        keys.create(path, "blog", [])

    assert path.read_text() == TEXT


def test_create_lets_further_origins_send(path: Path) -> None:
    created = keys.create(path, "shop", ["https://shop.example", "https://m.shop.example"])

    assert created.new_origins == ("https://m.shop.example",)
    assert shop(path)["allowed_origins"] == ["https://shop.example", "https://m.shop.example"]


@pytest.mark.parametrize(("dataset", "origin"), [("Blog", "https://blog.example"), ("blog", "blog.example")])
def test_create_writes_nothing_that_the_collector_would_refuse(path: Path, dataset: str, origin: str) -> None:
    with pytest.raises(SettingsError):
        keys.create(path, dataset, [origin])

    assert path.read_text() == TEXT


@pytest.mark.parametrize(
    "text",
    ['datasets.shop.site_keys = ["a"]\n', '[datasets]\nshop = {site_keys = ["a"]}\n', "[datasets.shop]\nretention_days = 3"],
    ids=["dotted", "inline", "without-keys"],
)
def test_datasets_may_be_written_in_other_ways(path: Path, text: str) -> None:
    path.write_text(text)

    created = keys.create(path, "shop", [])
    keys.create(path, "blog", ["*"])

    assert load_settings({}, {"config": str(path)}).datasets["shop"].site_keys[-1] == created.key


def test_a_dataset_cannot_be_added_to_datasets_in_one_line(path: Path) -> None:
    path.write_text('datasets = {shop = {site_keys = ["a"]}}\n')

    with pytest.raises(WideloadError, match=r"write them as \[datasets\.NAME\] sections first"):
        keys.create(path, "blog", ["*"])


def test_an_edit_keeps_the_files_permissions(path: Path) -> None:
    path.chmod(0o640)

    keys.create(path, "shop", [])

    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in path.parent.iterdir()] == ["wideload.toml"]


def test_revoke_takes_one_key_out(path: Path) -> None:
    assert keys.revoke(path, "first") == "shop"

    assert shop(path)["site_keys"] == ["second"]


def test_rotate_puts_a_new_key_in_the_place_of_one_that_ends(path: Path) -> None:
    created = keys.rotate(path, "first", END)

    assert shop(path)["site_keys"] == [created.key, "second"]
    assert shop(path)["retiring_keys"] == {"first": END}
    assert "# the old pages" in path.read_text()
    assert load_settings({}, {"config": str(path)}).datasets["shop"].retiring_keys == (("first", END.timestamp()),)


def test_several_keys_may_end(path: Path) -> None:
    keys.rotate(path, "first", END)
    keys.rotate(path, "second", END)

    assert set(shop(path)["retiring_keys"]) == {"first", "second"}


def test_a_key_that_ends_cannot_be_rotated_again(path: Path) -> None:
    keys.rotate(path, "first", END)

    with pytest.raises(WideloadError, match="rotated already"):
        keys.rotate(path, "first", END)


def test_a_key_that_ends_can_be_revoked_at_once(path: Path) -> None:
    keys.rotate(path, "first", END)

    assert keys.revoke(path, "first") == "shop"
    assert shop(path)["retiring_keys"] == {}


def test_revoke_of_an_unknown_key_says_so(path: Path) -> None:
    with pytest.raises(WideloadError, match="no site key 'third'"):
        keys.revoke(path, "third")


def test_begin_writes_a_file_that_the_collector_accepts(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"

    key = keys.begin(path, "shop", ["https://shop.example"])

    assert load_settings({}, {"config": str(path)}).datasets["shop"].site_keys == (key,)
    assert path.stat().st_mode & 0o777 == 0o600


def test_begin_never_overwrites(path: Path) -> None:
    with pytest.raises(WideloadError, match="exists and is left as it is"):
        keys.begin(path, "shop", ["*"])

    assert path.read_text() == TEXT


def test_listing_names_dataset_and_origins_of_each_key(path: Path) -> None:
    lines = keys.listing(load_settings({}, {"config": str(path)})).splitlines()

    assert re.fullmatch(r"first +shop +https://shop\.example +30 d", lines[2])


def test_without_a_configuration_file_it_says_how_to_begin() -> None:
    with pytest.raises(WideloadError, match="wideload config init"):
        keys.config_path(load_settings({}))
