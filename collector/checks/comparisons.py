"""What runs have compared, applied to the baselines of a collector: by its own runner, by an agent, or from CI."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from collector.checks.baselines import Baselines
from collector.checks.evidence import place_of
from collector.errors import WideloadError

log = logging.getLogger(__name__)

_PNG: Final = b"\x89PNG\r\n\x1a\n"
#: Of a run.
MAX_COMPARISONS: Final = 200
_TEXTS: Final = {"step": 200, "browser": 32, "viewport": 32, "accepted": 64, "taken": 64, "difference": 64}


def are_comparisons(value: Any) -> bool:
    """Whether what a runner sends is a list of comparisons; see `Comparison`."""
    return isinstance(value, list) and len(value) <= MAX_COMPARISONS and all(map(_is_comparison, value))


def _is_comparison(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and all(isinstance(text := value.get(name), str) and len(text) <= most for name, most in _TEXTS.items())
        and isinstance(value.get("percent"), int | float)
        and isinstance(value.get("matches"), bool)
    )


def accepted_pictures(evidence_dir: Path, check: str) -> list[dict[str, str]]:
    """Return what a runner elsewhere needs to get the accepted pictures of a check."""
    return [
        {"id": one.id, "step": one.step, "browser": one.browser, "viewport": one.viewport, "accepted": one.accepted}
        for one in Baselines(evidence_dir).all(check) if one.accepted
    ]  # fmt: skip


def copy_accepted(evidence_dir: Path, check: str, pictures: Sequence[Mapping[str, str]], fetch: Callable[[str], bytes]) -> None:
    """Have the accepted pictures of a check here, too.

    Args:
        evidence_dir: of this runner.
        check: its name.
        pictures: see `accepted_pictures`.
        fetch: gets one, by its path at the collector, without the dataset.

    Raises:
        WideloadError: one cannot be got.
    """
    baselines = Baselines(evidence_dir)
    for one in pictures:
        path = f"/api/checks/baselines/{one['id']}/pictures/{one['accepted']}"
        baselines.mirror(check, one, lambda path=path: fetch(path))  # type: ignore[misc]


def take(evidence_dir: Path, check: str, run_id: str, comparisons: Sequence[Mapping[str, Any]]) -> None:
    """Let pictures wait for a decision, or no longer. One that cannot is left out, and the log says why.

    Args:
        evidence_dir: of the dataset; it has the pictures already.
        check, run_id: whose comparisons these are.
        comparisons: see `Comparison`.
    """
    baselines = Baselines(evidence_dir)
    for one in comparisons:
        baseline = baselines.get(check, one["step"], one["browser"], one["viewport"])
        # Compared with what was accepted before, it says nothing; the next run will.
        if baseline.accepted != one["accepted"]:
            continue
        if one["matches"]:
            baselines.matched(baseline)
        elif baseline.pending != one["taken"] or baseline.run_id != run_id:
            try:
                taken = _picture(evidence_dir, one["taken"])
                difference = _picture(evidence_dir, one["difference"]) if one["difference"] else None
                baselines.propose(baseline, taken, difference, one["percent"], run_id)
            except (OSError, WideloadError) as error:
                log.warning("The picture %s of %s cannot wait for a decision: %s", one["step"], check, error)


def _picture(evidence_dir: Path, sha256: str) -> bytes:
    body = place_of(evidence_dir, sha256).read_bytes()
    if not body.startswith(_PNG):
        raise WideloadError(f"{sha256} is no PNG.")
    return body
