"""How runs are shown: lines for a terminal, JSON for programs, JUnit for build servers. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final
from xml.etree import ElementTree

from collector.checks.runs.run import Run
from collector.checks.runs.verdict import DEGRADED, FAIL, NO_DATA, PASS

_WORDS: Final = {PASS: "pass", DEGRADED: "degraded", FAIL: "FAIL", NO_DATA: "no data"}
#: What XML cannot hold, however it is written.
_NOT_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def lines(run: Run) -> list[str]:
    """Return a line for a run, and one for each thing that did not hold."""
    last, verdict = run.tries[-1], run.verdict
    took = sum(made.duration_ms for made in run.tries)
    flaky = f", flaky: attempt {last.number} of {run.order.check.attempts}" if run.is_flaky else ""
    first = f"{_WORDS[verdict.status]:<9} {title(run)}  ({took:,.0f} ms{flaky})"
    return [first, *(f"          {text}" for text in problems(run))]


def problems(run: Run) -> list[str]:
    """Return what did not hold in the last attempt, a sentence each."""
    attempt = run.tries[-1].attempt
    found = [] if attempt.error is None else [str(attempt.error)]
    found += [result.message for result in attempt.results if not result.holds]
    found += [f"{step.name}: {step.message or step.status}" for step in attempt.steps if step.status in (FAIL, DEGRADED)]
    if not found and run.verdict.message:
        found = [run.verdict.message]
    return [run.mask(text) for text in dict.fromkeys(found)]


def title(run: Run) -> str:
    """Return what a run is of: the check, and the row of its data."""
    return run.order.check.name + (f" (row {run.order.row})" if run.order.row else "")


def summary(runs: Sequence[Run]) -> str:
    """Return how many runs ended how, in a sentence."""
    counts = Counter(run.verdict.status for run in runs)
    parts = [f"{counts[status]} {word.lower()}" for status, word in _WORDS.items() if counts[status]]
    flaky = sum(run.is_flaky for run in runs)
    return f"{len(runs)} run{'' if len(runs) == 1 else 's'}: {', '.join(parts)}" + (f", {flaky} flaky." if flaky else ".")


def as_json(run: Run) -> dict[str, Any]:
    """Return a run for programs."""
    order = run.order
    document = {
        "run_id": order.mark.run_id, "check": order.check.name, "title": order.check.title, "kind": order.check.kind,
        "suite": order.check.suite, "tags": list(order.check.tags), "location": order.location, "row": order.row or None,
        "status": run.verdict.status, "reason": run.verdict.reason, "message": run.verdict.message, "is_flaky": run.is_flaky,
        "attempts": [
            {
                "number": made.number, "status": made.verdict.status, "reason": made.verdict.reason,
                "message": made.verdict.message, "began_at": made.began_at, "duration_ms": made.duration_ms,
                "conditions": [{"text": one.condition.text, "holds": one.holds, "message": one.message}
                               for one in made.attempt.results],
                "steps": [{"index": one.index, "name": one.name, "action": one.action, "status": one.status,
                           "duration_ms": one.duration, "message": one.message} for one in made.attempt.steps],
            }
            for made in run.tries
        ],
    }  # fmt: skip
    return run.mask.deep(document)


def junit(runs: Sequence[Run]) -> bytes:
    """Return runs as JUnit XML: a test case each. What failed is a failure, what gave no data an error."""
    root = ElementTree.Element("testsuites", name="wideload")
    for suite in sorted({run.order.check.suite for run in runs}):
        mine = [run for run in runs if run.order.check.suite == suite]
        counts = Counter(run.verdict.status for run in mine)
        seconds = sum(made.duration_ms for run in mine for made in run.tries) / 1000
        node = ElementTree.SubElement(root, "testsuite", name=_xml(suite or "checks"), tests=str(len(mine)), skipped="0",
                                      failures=str(counts[FAIL]), errors=str(counts[NO_DATA]), time=f"{seconds:.3f}")  # fmt: skip
        for run in mine:
            _case(node, run)
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return written + b"\n"


def _case(suite: ElementTree.Element, run: Run) -> None:
    seconds = sum(made.duration_ms for made in run.tries) / 1000
    case = ElementTree.SubElement(suite, "testcase", name=_xml(title(run)), classname=_xml(run.order.check.kind),
                                  file=_xml(str(run.order.check.path)), time=f"{seconds:.3f}")  # fmt: skip
    found = _xml("\n".join(problems(run)))
    if run.verdict.status in (FAIL, NO_DATA):
        word = "failure" if run.verdict.status == FAIL else "error"
        message = _xml(run.mask(run.verdict.message))
        ElementTree.SubElement(case, word, type=run.verdict.reason, message=message).text = found
    notes = [f"run_id: {run.order.mark.run_id}", f"status: {run.verdict.status}"]
    notes += ["flaky: it passed after an attempt that had failed"] if run.is_flaky else []
    notes += [found] if run.verdict.status == DEGRADED else []
    ElementTree.SubElement(case, "system-out").text = _xml("\n".join(notes))


def _xml(text: str) -> str:
    return _NOT_XML.sub("�", text)
