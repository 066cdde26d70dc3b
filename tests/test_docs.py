"""The reference pages say what the code says."""

from __future__ import annotations

import pytest

from collector.config import DATASET_KEYS, SETTINGS
from collector.docs import FOLDER, PAGES
from collector.fields import FIELDS


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), "run `python -m collector.docs`"


def test_every_setting_field_and_key_is_in_the_reference() -> None:
    settings, fields = PAGES["settings.md"](), PAGES["fields.md"]()

    assert all(f"| `{setting.name}` | `{setting.variable}` |" in settings for setting in SETTINGS)
    assert all(f"| `{key}` |" in settings for key in DATASET_KEYS)
    assert all(f"| `{field.name}`" in fields for field in FIELDS)


@pytest.mark.parametrize(
    "command", ["serve", "migrate", "query", "erase", "export", "doctor", "demo", "keys create", "keys tag", "config show"]
)
def test_every_commands_help_has_an_example(command: str) -> None:
    section = PAGES["cli.md"]().split(f"## wideload {command}\n")[1].split("\n## ")[0]

    assert f"wideload {command}" in section.split("Example")[1]
