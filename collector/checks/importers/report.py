"""The report of an import: what became of every step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from collector.checks.importers.finish import outcomes
from collector.checks.importers.model import Imported


def as_json(imports: Iterable[Imported], is_written: bool) -> dict[str, Any]:
    """Return the report for programs; no secret is in it."""
    imports = list(imports)
    return {
        "written": is_written,
        "secrets": sorted(name for imported in imports for name in imported.secrets),
        "files": [
            {
                "format": imported.format,
                "path": draft.path,
                "title": draft.title,
                "kind": "module" if draft.is_module else draft.document.get("kind") or None,
                **outcomes(draft),
                "lines": [
                    {
                        "place": line.place,
                        "source": line.source,
                        "outcome": line.outcome,
                        "note": line.note,
                        "steps": list(line.steps),
                    }
                    for line in draft.lines
                ],
            }
            for imported in imports
            for draft in imported.drafts
        ],
    }


def lines(imports: Iterable[Imported]) -> Iterator[str]:
    """Yield the report for people."""
    for imported in imports:
        for draft in imported.drafts:
            yield f"{draft.path}  {draft.title}"
            width = max((len(line.place) for line in draft.lines), default=0)
            for line in draft.lines:
                verbs = ", ".join(next(iter(step)) for step in line.steps) or "–"
                shown = f"  {line.outcome:<10}  {line.place:<{width}}  {line.source}"
                yield f"{shown} → {verbs}" if line.outcome != "refused" else shown
                if line.note:
                    yield f"  {'':<10}  {'':<{width}}  {line.note}"
            yield "  " + ", ".join(f"{count} {outcome}" for outcome, count in outcomes(draft).items())
