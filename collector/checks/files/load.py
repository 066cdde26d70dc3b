"""Reads check files: of the published shape, with conditions that can be read. A problem names file and line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from collector.checks.conditions import Condition, ConditionError, parse
from collector.checks.files.modules import BadModule, expand, names_made
from collector.checks.files.schema import COMMON, KINDS, SHAPES
from collector.checks.files.steps import step_problems
from collector.checks.slots import Schedule, ScheduleError, read_schedule
from collector.checks.variables import names_in
from collector.errors import WideloadError

try:
    import yaml
except ImportError:  # pragma: no cover
    yaml = None

ENDING: Final = ".check.yaml"
#: Names of checks are paths below a folder of this name.
FOLDER: Final = "checks"
_VALIDATORS: Final = {kind: Draft202012Validator(SHAPES[kind]) for kind in KINDS}
_NAME: Final = re.compile(COMMON["id"]["pattern"])
Place = tuple[str | int, ...]


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


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file, and where; `line` counts from 1."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        """Return it as compilers do, so that editors find the place."""
        return f"{self.path}:{self.line}: {self.message}"


def find(paths: Sequence[Path]) -> list[Path]:
    """Return the check files that are named, and those below named folders. Raises WideloadError: there is nothing there."""
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise WideloadError(f"{path} does not exist: name check files (*{ENDING}) or folders with some.")
        found |= dict.fromkeys(sorted(path.rglob(f"*{ENDING}")) if path.is_dir() else [path])
    if not found:
        raise WideloadError(f"There is no check file (*{ENDING}) in {', '.join(map(str, paths))}.")
    return list(found)


def load(paths: Sequence[Path]) -> tuple[list[Check], list[Problem]]:
    """Return the checks of these files, and what is wrong with the others. Raises WideloadError: PyYAML is missing."""
    if yaml is None:
        raise WideloadError('Checks need PyYAML: install them with `pip install "wideload[checks]"`.')
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
    parts = path.absolute().parts
    first = max((i for i, part in enumerate(parts[:-1]) if part == FOLDER), default=len(parts) - 2) + 1
    return "/".join(parts[first:]).removesuffix(ENDING)


def _load_one(path: Path) -> Check | list[Problem]:
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except OSError as error:
        return [Problem(path, 1, f"The file cannot be read: {error.strerror}.")]
    except UnicodeDecodeError:
        return [Problem(path, 1, "The file is not UTF-8.")]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return [Problem(path, mark.line + 1 if mark else 1, f"The file is not YAML: {getattr(error, 'problem', error)}.")]
    lines: dict[Place, int] = {}
    problems = list(_twice(root, (), path, lines))
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        return [Problem(path, 1, f"The file is not YAML that a check may use: {getattr(error, 'problem', error)}.")]
    problems += _shape(document, path, lines)
    return problems or _build(document, path, lines)


def _twice(node: Any, place: Place, path: Path, lines: dict[Place, int]) -> Iterator[Problem]:
    """Note the line of every part, and yield keys that stand twice: YAML would silently take the last one."""
    if node is None:
        return
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, key.value)
            if inner in lines:
                yield Problem(path, key.start_mark.line + 1, f"{key.value} stands here a second time: keep one of them.")
            yield from _twice(value, inner, path, lines)
            lines[inner] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _twice(value, (*place, index), path, lines)


def _shape(document: Any, path: Path, lines: dict[Place, int]) -> list[Problem]:
    if not isinstance(document, dict):
        return [Problem(path, 1, "A check file is a mapping, such as `kind: http`.")]
    kind = str(document.get("kind"))
    if kind not in KINDS:
        where = lines.get(("kind",), 1)
        return [Problem(path, where, f"kind is {kind!r}; it must be one of {', '.join(KINDS)}.")]
    errors = sorted(_VALIDATORS[kind].iter_errors(document), key=lambda error: lines.get(tuple(error.absolute_path), 1))
    problems = [problem for error in errors for problem in _problems(error, kind, document, path, lines)]
    wrong = step_problems(document.get("steps"))
    return problems + [Problem(path, _line(lines, ("steps", *place)), f"Step {int(place[0]) + 1}: {text}") for place, text in wrong]


def _line(lines: dict[Place, int], place: Place) -> int:
    """Return the line of a place, or of the nearest part around it."""
    return next((lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines), 1)


def _problems(error: ValidationError, kind: str, document: dict[str, Any], path: Path, lines: dict[Place, int]) -> list[Problem]:
    place = tuple(error.absolute_path)
    if error.validator == "additionalProperties" and not place:
        known = list(SHAPES[kind]["properties"])
        return [Problem(path, lines.get((name,), 1), _unknown(str(name), kind, known)) for name in document if name not in known]
    if error.validator == "required":
        return [Problem(path, lines.get(place, 1), f"A check of the kind {kind} needs more: {error.message}.")]
    return [Problem(path, lines.get(place, 1), f"{'.'.join(map(str, place))}: {error.message}.")]


def _unknown(name: str, kind: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    guess = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}."
    return f"A check of the kind {kind} has no {name}; {guess}"


def _build(document: dict[str, Any], path: Path, lines: dict[Place, int]) -> Check | list[Problem]:
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


def _unreadable(steps: Sequence[Mapping[str, Any]], path: Path, lines: dict[Place, int]) -> Iterator[Problem]:
    """Yield the conditions of requests that cannot be read."""
    for index, step in enumerate(steps):
        for text in step.get("expect", ()):
            try:
                parse(text)
            except ConditionError as error:
                yield Problem(path, _line(lines, ("steps", index, "expect")), f"Step {index + 1}: {error}")
        yield from _unreadable(step.get("steps", ()), path, {("steps",): _line(lines, ("steps", index))})


def _unnamed(options: dict[str, Any], document: dict[str, Any], path: Path, lines: dict[Place, int]) -> Iterator[Problem]:
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
