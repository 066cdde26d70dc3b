"""The reference pages say what the code says."""

from __future__ import annotations

import re
import tomllib

import pytest

from collector.config import CAMPAIGN_QUERY, DATASET_KEYS, SETTINGS, WISHES, Dataset, dataset_problems
from collector.docs import FOLDER, PAGES
from collector.fields import FIELDS
from collector.ingest.mask import mask
from collector.privacy.tombstones import KEPT_SECONDS, MAX_IDS, TOMBSTONES_FILE


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), "run `python -m collector.docs`"


def test_every_setting_field_and_key_is_in_the_reference() -> None:
    settings, fields = PAGES["settings.md"](), PAGES["fields.md"]()

    assert all(f"| `{setting.name}` | `{setting.variable}` |" in settings for setting in SETTINGS)
    assert all(f"| `{key}` |" in settings for key in DATASET_KEYS)
    assert all(f"| `{field.name}`" in fields for field in FIELDS)


@pytest.mark.parametrize(
    "command",
    [
        "serve",
        "migrate",
        "query",
        "bubbleup",
        "events",
        "erase",
        "export",
        "doctor",
        "demo",
        "grafana",
        "keys create",
        "keys tag",
        "config show",
    ],
)
def test_every_commands_help_has_an_example(command: str) -> None:
    section = PAGES["cli.md"]().split(f"## wideload {command}\n")[1].split("\n## ")[0]

    assert f"wideload {command}" in section.split("Example")[1]


PRIVACY = (FOLDER / "privacy.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("privacy", ["page", "person"])
def test_every_field_that_may_say_something_of_a_person_is_named(privacy: str) -> None:
    row = next(line for line in PRIVACY.splitlines() if line.startswith(f"| {privacy} "))

    assert re.findall(r"`([^`]+)`", row) == [field.name for field in FIELDS if field.privacy == privacy]


def test_what_the_page_about_privacy_says_is_so() -> None:
    (table,) = tomllib.loads(re.findall(r"```toml\n(.*?)```", PRIVACY, re.DOTALL)[0])["datasets"].values()
    defaults = Dataset("shop", ())

    assert dataset_problems("shop", table) == []
    assert mask("https://ann:pw@shop.example/a?b=1#c") == "https://shop.example/a"
    assert all(f"| `{wish}`" in PRIVACY for wish in WISHES)
    assert (defaults.gpc, defaults.dnt, defaults.retention_days, defaults.allowed_query) == (
        "no_session",
        "no_session",
        30,
        CAMPAIGN_QUERY,
    )
    assert (KEPT_SECONDS, f"{MAX_IDS:,}" in PRIVACY, TOMBSTONES_FILE in PRIVACY) == (30 * 86_400, True, True)
