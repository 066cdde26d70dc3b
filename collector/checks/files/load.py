"""Reads check files: of the published shape, with conditions that can be read. A problem names file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

from collector.checks.conditions import Condition, ConditionError, parse
from collector.checks.files.modules import BadModule, expand, names_made
from collector.checks.files.schema import COMMON, KINDS, SHAPES
from collector.checks.files.steps import step_problems
from collector.checks.slots import Schedule, ScheduleError, read_schedule
from collector.checks.variables import names_in
from collector.yaml_files import Place, Problem, YamlFile, find_files, load_files, name_below, need_yaml, read_yaml

ENDING: Final = ".check.yaml"
#: Names of checks are paths below a folder of this name.
FOLDER: Final = "checks"
_VALIDATORS: Final = {kind: Draft202012Validator(SHAPES[kind]) for kind in KINDS}
_NAME: Final = re.compile(COMMON["id"]["pattern"])


@dataclass(frozen=True, slots=True)
class Check:
    """A check as its file says, with defaults filled in.

    Attributes:
        name: in events.
        expect: the conditions; `${name}` in them, as in `options`, is not filled in yet.
        options: what its kind takes.
        path: of its file.
        backoff_seconds: to wait before the second attempt; before each further one, twice as long.
        variables: by name; None for one that has to be given.
        secrets: the names of those that it may see.
        data: a CSV file; the check runs once for each row.
        schedule: when the scheduler runs it; None for never.
        locations: where; none stands for the scheduler's own.
        rotates: whether the locations take turns.
    """

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
    backoff_seconds: float = 1.0
    variables: Mapping[str, str | None] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    data: Path | None = None
    schedule: Schedule | None = None
    locations: tuple[str, ...] = ()
    rotates: bool = False


def find(paths: Sequence[Path]) -> list[Path]:
    """Return the check files that are named, and those below named folders. Raises WideloadError: there is nothing there."""
    return find_files(paths, ENDING, "check file")


def load(paths: Sequence[Path]) -> tuple[list[Check], list[Problem]]:
    """Return the checks of these files, and what is wrong with the others. Raises WideloadError: PyYAML is missing."""
    need_yaml("Checks", "checks")
    return load_files(paths, _load_one)


def name_of(path: Path) -> str:
    """Return the name of a check without an `id`: its path below the folder `checks`, without the ending."""
    return name_below(path, FOLDER, ENDING)


def _load_one(path: Path) -> Check | list[Problem]:
    file = read_yaml(path, "A check file")
    if isinstance(file, list):
        return file
    return _shape(file) or _build(file.content, path, file.lines)


def _shape(file: YamlFile) -> list[Problem]:
    kind = str(file.content.get("kind"))
    if kind not in KINDS:
        return [file.problem(f"kind is {kind!r}; it must be one of {', '.join(KINDS)}.", "kind")]
    problems = file.mistakes(f"A check of the kind {kind}", SHAPES[kind], _VALIDATORS[kind])
    wrong = step_problems(file.content.get("steps"))
    return problems + [
        Problem(file.path, _line(file.lines, ("steps", *place)), f"Step {int(place[0]) + 1}: {text}") for place, text in wrong
    ]


def _line(lines: Mapping[Place, int], place: Place) -> int:
    """Return the line of a place, or of the nearest part around it."""
    return next((lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines), 1)


def _build(document: dict[str, Any], path: Path, lines: Mapping[Place, int]) -> Check | list[Problem]:
    conditions: list[Condition] = []
    problems: list[Problem] = []
    for index, text in enumerate(document.get("expect", ())):
        try:
            conditions.append(parse(text))
        except ConditionError as error:
            problems.append(Problem(path, lines.get(("expect", index), 1), str(error)))
        else:
            if conditions[-1].budget and document["kind"] != "page":
                text_ = f"{text!r}: what real users measure is compared with checks of the kind page."
                problems.append(Problem(path, lines.get(("expect", index), 1), text_))
    properties = SHAPES[document["kind"]]["properties"]
    filled = {key: one["default"] for key, one in properties.items() if "default" in one} | document
    schedule: Schedule | None = None
    try:
        schedule = read_schedule(filled.get("every", ""), filled.get("cron", ""), filled["timezone"])
    except ScheduleError as error:
        problems.append(Problem(path, lines.get(("cron",), lines.get(("every",), 1)), str(error)))
    if document["kind"] == "push" and not ({"every", "cron"} & document.keys()):
        problems.append(Problem(path, 1, "A check of the kind push needs `every` or `cron`: when a heartbeat is to come."))
    name = document.get("id") or name_of(path)
    if not _NAME.fullmatch(name):
        problems.append(Problem(path, 1, f"The file's path makes the name {name!r}, which no check can have: give it an `id`."))
    options = {key: value for key, value in filled.items() if key not in COMMON and key != "kind"}
    data = path.parent / document["data"] if "data" in document else None
    if "steps" in options:
        try:
            options["steps"] = expand(options["steps"], path)
        except BadModule as error:
            problems.append(Problem(path, lines.get(("steps",), 1), str(error)))
        problems += _unreadable(options["steps"], path, lines)
    if not data:
        problems += _unnamed(options, document, path, lines)
    if problems:
        return problems
    return Check(
        name=name,
        kind=document["kind"],
        title=document.get("title", name),
        suite=document.get("suite", ""),
        tags=tuple(document.get("tags", ())),
        timeout_seconds=filled["timeout"],
        attempts=filled["attempts"],
        expect=tuple(conditions),
        options=options,
        path=path,
        backoff_seconds=filled["backoff"],
        variables={key: None if value is None else _as_text(value) for key, value in document.get("variables", {}).items()},
        secrets=tuple(document.get("secrets", ())),
        data=data,
        schedule=schedule,
        locations=tuple(document.get("locations", ())),
        rotates=filled["mode"] == "rotate",
    )


def _unreadable(steps: Sequence[Mapping[str, Any]], path: Path, lines: Mapping[Place, int]) -> Iterator[Problem]:
    """Yield the conditions of requests that cannot be read."""
    for index, step in enumerate(steps):
        for text in step.get("expect", ()):
            try:
                parse(text)
            except ConditionError as error:
                yield Problem(path, _line(lines, ("steps", index, "expect")), f"Step {index + 1}: {error}")
        yield from _unreadable(step.get("steps", ()), path, {("steps",): _line(lines, ("steps", index))})


def _unnamed(options: dict[str, Any], document: dict[str, Any], path: Path, lines: Mapping[Place, int]) -> Iterator[Problem]:
    """Yield the variables that the check uses and does not name: a misspelt one would be found out only when it runs."""
    named = {*document.get("variables", {}), *document.get("secrets", ()), *names_made(options.get("steps", ()))}
    for key, value in {**options, "expect": document.get("expect", ())}.items():
        for name in names_in(value):
            if name not in named:
                text = f"${{{name}}} is not named under `variables` or `secrets`; give it null there if it comes with --var."
                yield Problem(path, lines.get((key,), 1), text)


def _as_text(value: str | float | bool) -> str:
    """Return a variable's value as YAML has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
