"""Reads check files: of the published shape, with conditions that can be read. A problem names file and line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator

from collector.checks.conditions import Condition, ConditionError, parse
from collector.yaml_files import Problem, YamlFile, find_files, name_below, need_yaml, read_yaml

ENDING: Final = ".check.yaml"
#: Names of checks are paths below a folder of this name.
FOLDER: Final = "checks"
SCHEMA: Final[dict[str, Any]] = orjson.loads((Path(__file__).parent / "schema.json").read_bytes())
KINDS: Final = tuple(SCHEMA["$defs"])
_VALIDATORS: Final = {kind: Draft202012Validator(SCHEMA["$defs"][kind]) for kind in KINDS}
_NAME: Final = re.compile(SCHEMA["$defs"]["http"]["properties"]["id"]["pattern"])


@dataclass(frozen=True, slots=True)
class Check:
    """A check as its file says; `options` holds what its kind takes, with defaults filled in."""

    name: str
    kind: str
    title: str
    suite: str
    tags: tuple[str, ...]
    timeout_seconds: float
    attempts: int
    expect: tuple[Condition, ...]
    options: dict[str, Any]
    path: Path


def find(paths: Sequence[Path]) -> list[Path]:
    """Return the check files that are named, and those below named folders. Raises WideloadError: there is nothing there."""
    return find_files(paths, ENDING, "check file")


def load(paths: Sequence[Path]) -> tuple[list[Check], list[Problem]]:
    """Return the checks of these files, and what is wrong with the others. Raises WideloadError: PyYAML is missing."""
    need_yaml("Checks", "checks")
    checks: dict[str, Check] = {}
    problems: list[Problem] = []
    for path in paths:
        found = _load_one(path)
        if isinstance(found, list):
            problems += found
        elif found.name in checks:
            text = f"{checks[found.name].path} has the name {found.name!r} as well: give one of them another `id`."
            problems.append(Problem(path, 1, text))
        else:
            checks[found.name] = found
    return list(checks.values()), problems


def name_of(path: Path) -> str:
    """Return the name of a check without an `id`: its path below the folder `checks`, without the ending."""
    return name_below(path, FOLDER, ENDING)


def _load_one(path: Path) -> Check | list[Problem]:
    file = read_yaml(path, "A check file")
    if isinstance(file, list):
        return file
    kind = str(file.content.get("kind"))
    if kind not in KINDS:
        return [file.problem(f"kind is {kind!r}; it must be one of {', '.join(KINDS)}.", "kind")]
    return file.mistakes(f"A check of the kind {kind}", SCHEMA["$defs"][kind], _VALIDATORS[kind]) or _build(file)


def _build(file: YamlFile) -> Check | list[Problem]:
    document, path = file.content, file.path
    conditions: list[Condition] = []
    problems: list[Problem] = []
    for index, text in enumerate(document["expect"]):
        try:
            conditions.append(parse(text))
        except ConditionError as error:
            problems.append(file.problem(str(error), "expect", index))
    name = document.get("id") or name_of(path)
    if not _NAME.fullmatch(name):
        problems.append(Problem(path, 1, f"The file's path makes the name {name!r}, which no check can have: give it an `id`."))
    if problems:
        return problems
    properties = SCHEMA["$defs"][document["kind"]]["properties"]
    filled = {key: one["default"] for key, one in properties.items() if "default" in one} | document
    common = {"id", "kind", "title", "suite", "tags", "timeout", "attempts", "expect"}
    return Check(
        name=name,
        kind=document["kind"],
        title=document.get("title", name),
        suite=document.get("suite", ""),
        tags=tuple(document.get("tags", ())),
        timeout_seconds=filled["timeout"],
        attempts=filled["attempts"],
        expect=tuple(conditions),
        options={key: value for key, value in filled.items() if key not in common},
        path=path,
    )
