"""Reads YAML files that operators write: of a published shape. A problem names file and line."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from collector.errors import WideloadError

try:
    import yaml
except ImportError:  # pragma: no cover
    yaml = None

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file, and where; `line` counts from 1."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        """Return it as compilers do, so that editors find the place."""
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A mapping that was read from a file, and the line of every part of it."""

    path: Path
    content: dict[str, Any]
    lines: Mapping[Place, int]

    def problem(self, message: str, *place: str | int) -> Problem:
        """Return what is wrong with a part, such as `("expect", 0)`."""
        return Problem(self.path, self.lines.get(place, 1), message)

    def mistakes(self, what: str, schema: Mapping[str, Any], validator: Draft202012Validator) -> list[Problem]:
        """Return where it differs from a schema.

        Args:
            what: what the file is, as the beginning of a sentence: `A check of the kind http`.
            schema: of the mapping, whose `properties` are all there may be.
            validator: of that schema.
        """
        errors = sorted(validator.iter_errors(self.content), key=lambda error: self.lines.get(tuple(error.absolute_path), 1))
        return [problem for error in errors for problem in self._mistake(error, what, list(schema["properties"]))]

    def _mistake(self, error: ValidationError, what: str, known: Sequence[str]) -> list[Problem]:
        # Of several shapes that a part may have, the one that it is nearest to.
        error = best_match([error]) or error
        place = tuple(error.absolute_path)
        if error.validator == "additionalProperties" and not place:
            unknown = [name for name in self.content if name not in known]
            return [self.problem(f"{what} has no {name}; {_guess(str(name), known)}", name) for name in unknown]
        if error.validator == "required" and not place:
            return [self.problem(f"{what} needs more: {error.message}.")]
        return [self.problem(f"{'.'.join(map(str, place)) or what}: {error.message}.", *place)]


def need_yaml(what: str, extra: str) -> None:
    """Raise WideloadError if PyYAML is missing; `what` needs it, and the extra of this name brings it."""
    if yaml is None:
        raise WideloadError(f'{what} need PyYAML: install it with `pip install "wideload[{extra}]"`.')


class _HasName(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def path(self) -> Path: ...


Named = TypeVar("Named", bound=_HasName)


def find_files(paths: Sequence[Path], ending: str, what: str) -> list[Path]:
    """Return the files that are named, and those below named folders, in a stable order.

    Args:
        paths: files and folders.
        ending: of the files' names, such as `.check.yaml`.
        what: what such a file is called.

    Raises:
        WideloadError: there is nothing there.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise WideloadError(f"{path} does not exist: name {what}s (*{ending}) or folders with some.")
        found |= dict.fromkeys(_below(path, ending) if path.is_dir() else [path])
    if not found:
        raise WideloadError(f"There is no {what} (*{ending}) in {', '.join(map(str, paths))}.")
    return list(found)


def _below(folder: Path, ending: str) -> list[Path]:
    """Return the files of a folder. Kubernetes keeps what it mounts in a hidden folder beside, with a link to each file."""
    found = sorted(folder.rglob(f"*{ending}"))
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]


def name_below(path: Path, folder: str, ending: str) -> str:
    """Return a file's name for people: its path below the last folder of this name, without the ending."""
    parts = path.absolute().parts
    first = max((i for i, part in enumerate(parts[:-1]) if part == folder), default=len(parts) - 2) + 1
    return "/".join(parts[first:]).removesuffix(ending)


def read_yaml(path: Path, what: str) -> YamlFile | list[Problem]:
    """Read a file that holds a mapping, or say why that is not possible; `what` names it, such as `A check file`."""
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, _loader())
    except OSError as error:
        return [Problem(path, 1, f"The file cannot be read: {error.strerror}.")]
    except UnicodeDecodeError:
        return [Problem(path, 1, "The file is not UTF-8.")]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return [Problem(path, mark.line + 1 if mark else 1, f"The file is not YAML: {getattr(error, 'problem', error)}.")]
    lines: dict[Place, int] = {}
    if problems := list(_twice(root, (), path, lines)):
        return problems
    try:
        content = yaml.load(text, _loader())
    except yaml.YAMLError as error:
        return [Problem(path, 1, f"The file is not YAML that may stand here: {getattr(error, 'problem', error)}.")]
    if not isinstance(content, dict):
        return [Problem(path, 1, f"{what} is a mapping, such as `kind: http`.")]
    return YamlFile(path, content, lines)


@functools.cache
def _loader() -> Any:
    """Return a loader for which a date is a text, as in JSON."""

    class Loader(yaml.CSafeLoader):  # type: ignore[misc]
        yaml_implicit_resolvers: ClassVar = {
            first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
            for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
        }

    return Loader


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


def _guess(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}."


def load_files(paths: Sequence[Path], load_one: Callable[[Path], Named | list[Problem]]) -> tuple[list[Named], list[Problem]]:
    """Return what files say, and what is wrong with the others; two of one name are a problem of the second.

    Args:
        paths: the files.
        load_one: what one says, or its problems.
    """
    named: dict[str, Named] = {}
    problems: list[Problem] = []
    for path in paths:
        found = load_one(path)
        if isinstance(found, list):
            problems += found
        elif found.name in named:
            text = f"{named[found.name].path} has the name {found.name!r} as well: give one of them another `id`."
            problems.append(Problem(path, 1, text))
        else:
            named[found.name] = found
    return list(named.values()), problems
