"""Modules: files `*.module.yaml` whose steps journeys use. They are put in when a check is read, so a check is whole by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from collector.checks.files.steps import step_problems
from collector.errors import WideloadError

try:
    import yaml
except ImportError:  # pragma: no cover
    yaml = None

MAX_DEPTH: Final = 10
_KEYS: Final = frozenset({"title", "steps"})


class BadModule(WideloadError):
    """A module cannot be used; the sentence names the file."""


def expand(steps: Sequence[Mapping[str, Any]], path: Path, above: tuple[Path, ...] = ()) -> list[dict[str, Any]]:
    """Return steps with those of modules within: a step `use` has them as `steps`, and the module's title as its name.

    Args:
        steps: as a file says.
        path: of that file.
        above: the modules that this one is used by.

    Raises:
        BadModule: one is missing or broken, or uses itself.
    """
    return [_with_module(step, path, above) if "use" in step else dict(step) for step in steps]


def names_made(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the variables that steps give a value."""
    for step in steps:
        if "into" in step:
            yield step["into"]
        yield from step.get("save", ())
        yield from step.get("with", ())
        yield from names_made(step.get("steps", ()))


def _with_module(step: Mapping[str, Any], path: Path, above: tuple[Path, ...]) -> dict[str, Any]:
    module = (path.parent / step["use"]).resolve()
    if module in above:
        raise BadModule(f"{module.name} uses itself, by way of {above[-1].name}.")
    if len(above) >= MAX_DEPTH:
        raise BadModule(f"{module.name} is module within module, {MAX_DEPTH} deep: use fewer.")
    document = _read(module)
    return {"name": document.get("title") or module.name.partition(".")[0], **step,
            "steps": expand(document["steps"], module, (*above, module))}  # fmt: skip


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadModule(f"The module {path} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadModule(f"The module {path} is not YAML: {error}.") from None
    if not isinstance(document, dict) or not isinstance(document.get("steps"), list) or not document["steps"]:
        raise BadModule(f"The module {path} has no steps: it is a mapping with `steps`, and may have a `title`.")
    if unknown := [str(key) for key in document if key not in _KEYS]:
        raise BadModule(f"The module {path} has {', '.join(unknown)}; a module has `steps` and `title` only.")
    for place, text in step_problems(document["steps"]):
        raise BadModule(f"The module {path}, step {int(place[0]) + 1}: {text}")
    return document
