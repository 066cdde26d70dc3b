"""The last step of an import: what a check file needs of its variables, and whether anything in it is an assertion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final

from collector.checks.files.modules import names_made
from collector.checks.files.steps import EXPECTATIONS
from collector.checks.importers.model import Draft, Imported, Line, Step
from collector.checks.variables import names_in

#: Keys of a check file, in the order in which people read them.
_ORDER: Final = (
    "kind",
    "title",
    "suite",
    "tags",
    "url",
    "every",
    "cron",
    "timezone",
    "timeout",
    "attempts",
    "step_timeout",
    "browser",
)
#: An attempt takes as long as this, and what it waits.
_SECONDS: Final = 60
_MOST_SECONDS: Final = 600


def finish(imported: Imported) -> Imported:
    """Complete the drafts of journeys; the others are whole already."""
    modules = {draft.path: draft for draft in imported.drafts if draft.is_module}
    for draft in imported.drafts:
        if draft.document.get("kind") == "journey" or draft.is_module:
            _finish(draft, modules, imported)
    return imported


def _finish(draft: Draft, modules: dict[str, Draft], imported: Imported) -> None:
    if draft.is_module:
        draft.document = {"title": draft.title, "steps": draft.steps}
        return
    _generate(draft, modules, imported)
    steps = list(_all_steps(draft, modules))
    document = draft.document | {"title": draft.title}
    used = set(names_in([steps, document]))
    known = {name: value for name, value in draft.variables.items() if name in used}
    secrets = sorted(name for name in imported.secrets if name in used)
    missing = sorted(used - set(known) - set(secrets) - set(names_made(steps)))
    for name in missing:
        note = f"Nothing in the file gives it a value: give it one under `variables`, or run the check with --var {name}=…"
        draft.lines.append(Line("variable", name, "noted", note))
    variables = known | dict.fromkeys(missing)
    document["timeout"] = document.get("timeout", min(_MOST_SECONDS, _SECONDS + round(sum(_waits(steps)))))
    if not any(_is_assertion(step) for step in steps):
        note = "It has no assertion, so a run of it gives no data and is never green: add a step such as expect_text or expect_url."
        draft.lines.append(Line("check", draft.title, "noted", note))
    draft.document = {key: document[key] for key in _ORDER if key in document}
    draft.document |= ({"variables": variables} if variables else {}) | ({"secrets": secrets} if secrets else {})
    draft.document |= {key: value for key, value in document.items() if key not in draft.document} | {"steps": draft.steps}


def _generate(draft: Draft, modules: dict[str, Draft], imported: Imported) -> None:
    """Put steps in front that make up what the other product makes up by itself."""
    used = list(dict.fromkeys(names_in(list(_all_steps(draft, modules)))))
    made = [
        Line(
            "variable",
            source,
            "noted",
            "A step makes it up; it is the same one throughout the run.",
            ({"eval": script, "into": name},),
        )
        for name in used
        if name in imported.generated
        for source, script in [imported.generated[name]]
    ]
    first = next((place for place, line in enumerate(draft.lines) if line.steps), len(draft.lines))
    draft.lines[first:first] = made


def _all_steps(draft: Draft, modules: dict[str, Draft], above: tuple[str, ...] = ()) -> Iterator[Step]:
    for step in draft.steps:
        yield step
        path = _module_path(draft, step)
        if path in modules and path not in above:
            yield from _all_steps(modules[path], modules, (*above, path))


def _module_path(draft: Draft, step: Step) -> str:
    """Return the path of the module that a step uses, from the folder that all is written to."""
    if "use" not in step:
        return ""
    parts: list[str] = []
    for part in (PurePosixPath(draft.path).parent / step["use"]).parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def _is_assertion(step: Step) -> bool:
    return any(name in step for name in EXPECTATIONS) or ("request" in step and "expect" in step)


def _waits(steps: list[Step]) -> Iterator[float]:
    for step in steps:
        yield float(step.get("wait") or step.get("timeout") or 0)


def relative(path: str, from_file: str) -> str:
    """Return a file's path from another one's folder; both are given from the same folder."""
    there, here = PurePosixPath(path).parts, PurePosixPath(from_file).parts[:-1]
    same = 0
    while same < min(len(here), len(there) - 1) and here[same] == there[same]:
        same += 1
    return "/".join([*[".."] * (len(here) - same), *there[same:]])


def outcomes(draft: Draft) -> dict[str, int]:
    """Return how many lines of a draft have which outcome."""
    counts: dict[str, Any] = {"translated": 0, "noted": 0, "refused": 0}
    for line in draft.lines:
        counts[line.outcome] += 1
    return counts
