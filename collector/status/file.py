"""Reads the file of the status page. A problem names file and line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator

from collector.yaml_files import Problem, YamlFile, need_yaml, read_yaml

SCHEMA: Final[dict[str, Any]] = orjson.loads((Path(__file__).parent / "schema.json").read_bytes())
_VALIDATOR: Final = Draft202012Validator(SCHEMA)


@dataclass(frozen=True, slots=True)
class Component:
    """Something that the page shows; `slug` names it in addresses, `checks` are names of checks with `*`."""

    title: str
    description: str
    slug: str
    checks: tuple[str, ...]

    def has(self, check: str) -> bool:
        """Whether a check belongs to it."""
        return any(fnmatchcase(check, pattern) for pattern in self.checks)


@dataclass(frozen=True, slots=True)
class Update:
    """What the operator has said at a moment (epoch seconds)."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What the operator says about an incident or maintenance; `updates` from the newest."""

    title: str
    state: str
    components: tuple[str, ...]
    updates: tuple[Update, ...]


@dataclass(frozen=True, slots=True)
class StatusFile:
    """The whole file; `url` is empty where it does not say."""

    title: str
    description: str
    url: str
    dataset: str
    components: tuple[Component, ...]
    notices: tuple[Notice, ...]


def load_status(path: Path) -> StatusFile | list[Problem]:
    """Return what a file says, or what is wrong with it. Raises WideloadError: PyYAML is missing."""
    need_yaml("The status page", "alerts")
    file = read_yaml(path, "The file of the status page")
    if isinstance(file, list):
        return file
    problems = file.mistakes("The file of the status page", SCHEMA, _VALIDATOR)
    return problems or _build(file)


def _build(file: YamlFile) -> StatusFile | list[Problem]:
    content, problems = file.content, list[Problem]()
    components: dict[str, Component] = {}
    for index, one in enumerate(content["components"]):
        slug = re.sub(r"[^a-z0-9]+", "-", one["title"].lower()).strip("-") or f"component-{index + 1}"
        if slug in components:
            text = f"{one['title']!r} and {components[slug].title!r} would have one address: change a title."
            problems.append(file.problem(text, "components", index))
        components[slug] = Component(one["title"], one.get("description", ""), slug, tuple(one["checks"]))
    titles = {one.title for one in components.values()}
    notices = [_notice(file, index, one, titles, problems) for index, one in enumerate(content.get("notices", ()))]
    # The newest first.
    notices.sort(key=lambda notice: -notice.updates[0].at)
    return problems or StatusFile(
        title=content["title"],
        description=content.get("description", ""),
        url=content.get("url", "").rstrip("/"),
        dataset=content["dataset"],
        components=tuple(components.values()),
        notices=tuple(notices),
    )


def _notice(file: YamlFile, index: int, one: dict[str, Any], titles: set[str], problems: list[Problem]) -> Notice:
    updates = []
    for number, update in enumerate(one["updates"]):
        try:
            at = datetime.fromisoformat(update["at"])
        except ValueError:
            text = f"{update['at']!r} is no time; write one like 2026-11-20T10:05."
            problems.append(file.problem(text, "notices", index, "updates", number))
            continue
        updates.append(Update((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp(), update["text"]))
    for unknown in set(one.get("components", ())) - titles:
        problems.append(file.problem(f"There is no component {unknown!r}.", "notices", index, "components"))
    updates.sort(key=lambda update: -update.at)
    return Notice(one["title"], one["state"], tuple(one.get("components", ())), tuple(updates) or (Update(0, ""),))
