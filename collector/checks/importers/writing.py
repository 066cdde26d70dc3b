"""Writes what was imported: check files, modules, rows of data, and secrets."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from collector.checks.importers.model import Draft, Imported, Line
from collector.checks.secrets import read_secrets
from collector.errors import WideloadError

try:
    import yaml
except ImportError:  # pragma: no cover
    yaml = None

#: Lists of short texts and numbers stand in one line.
_ONE_LINE: Final = 100
_WIDTH: Final = 120


def files(imports: Iterable[Imported]) -> dict[str, str]:
    """Return the text of each file by its path below the folder; of two with one path the second gets a number.

    What cannot be a check, because not even its kind could be translated, is left out.
    """
    if yaml is None:
        raise WideloadError('Check files need PyYAML: install it with `pip install "wideload[checks]"`.')
    found: dict[str, str] = {}
    for imported in imports:
        for draft in imported.drafts:
            if draft.is_module or draft.document.get("kind"):
                found[_free(draft.path, found)] = text_of(draft, imported.format)
        found |= imported.data
    return found


def text_of(draft: Draft, format_: str) -> str:
    """Return a check file; what is different from before stands there as comments."""
    lines = [f"# Imported from {format_}.", *(f"# {_comment(line)}" for line in draft.lines if line.note and not line.steps)]
    document = {key: value for key, value in draft.document.items() if key != "steps"}
    text = "\n".join(lines) + "\n" + (_dump(document) if document else "")
    if "steps" not in draft.document:
        return text
    return text + "steps:\n" + "".join(_steps(draft.lines))


def write(texts: dict[str, str], folder: Path, overwrite: bool) -> list[Path]:
    """Write files and return their paths. Raises WideloadError: one is there already."""
    paths = {folder / path: text for path, text in texts.items()}
    there = [str(path) for path in paths if path.exists()]
    if there and not overwrite:
        raise WideloadError(
            f"{', '.join(there[:5])} {'is' if len(there) == 1 else 'are'} there already: --overwrite replaces them."
        )
    for path, text in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(paths)


def write_secrets(secrets: dict[str, str], path: Path) -> None:
    """Add secrets to a file that nobody else may read. Raises WideloadError: it has another value under one of the names."""
    known = read_secrets({}, path) if path.exists() else {}
    for name, value in secrets.items():
        if known.get(name, value) != value:
            raise WideloadError(f"{path} has another secret {name}: rename it there and in the check files that use it.")
        if "\n" in value or "\r" in value:
            raise WideloadError(
                f"The secret {name} has several lines, which a file of secrets cannot have: set the variable by hand."
            )
    new = "".join(f'{name} = "{value}"\n' for name, value in secrets.items() if name not in known)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as file:
        file.write(new)


def _steps(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        if line.note and line.steps:
            yield f"  # {_comment(line)}\n"
        for step in line.steps:
            yield "".join(f"  {one}\n" for one in _dump([step]).splitlines())


def _comment(line: Line) -> str:
    text = f"{line.place}, {line.source}: {line.note}" if line.source else f"{line.place}: {line.note}"
    return "".join(one if one.isprintable() else " " for one in text)


def _free(path: str, taken: dict[str, str]) -> str:
    stem, _, ending = path.partition(".")
    number, found = 1, path
    while found in taken:
        number += 1
        found = f"{stem}-{number}.{ending}"
    return found


def _dump(value: Any) -> str:
    text: str = yaml.dump(value, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text


def _dumper() -> Any:
    class Dumper(yaml.SafeDumper):  # type: ignore[misc]
        def ignore_aliases(self, data: Any) -> bool:
            return True

    def represent_list(dumper: Any, data: list[Any]) -> Any:
        is_short = all(isinstance(one, (str, int, float)) for one in data) and len(str(data)) <= _ONE_LINE
        return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=is_short)

    def represent_text(dumper: Any, data: str) -> Any:
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)

    Dumper.add_representer(list, represent_list)
    Dumper.add_representer(str, represent_text)
    Dumper.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))
    return Dumper
