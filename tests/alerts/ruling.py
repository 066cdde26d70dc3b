"""Rules and runs for tests."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from collector.alerts.files.load import load
from collector.alerts.rules import CheckRule, QueryRule, Rule
from collector.alerts.verdicts import Run

CHECK = "kind: check\ndataset: shop\nchecks: {names: [front]}\n"
QUERY = "kind: query\ndataset: shop\nquery: {calculations: [{op: P75, column: lcp.value}]}\nwhen: '> 2500'\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / "alerts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text))
    return path


def rule(folder: Path, text: str, name: str = "it.alert.yaml") -> Rule:
    """Return the rule of a file with this text."""
    rules, problems = load([write(folder, name, text)])
    assert not problems, [str(one) for one in problems]
    return rules[0]


def check_rule(folder: Path, more: str = "", text: str = CHECK) -> CheckRule:
    found = rule(folder, text + more)
    assert isinstance(found, CheckRule)
    return found


def query_rule(folder: Path, more: str = "", text: str = QUERY) -> QueryRule:
    found = rule(folder, text + more)
    assert isinstance(found, QueryRule)
    return found


def runs(text: str, location: str = "home", start: float = 0, every: float = 60, **more: Any) -> list[Run]:
    """Return runs, one a minute: `p` passes, `f` fails, `d` is degraded, `n` was missed."""
    words = {"p": "pass", "f": "fail", "d": "degraded", "n": "no_data"}
    return [
        Run("front", location, start + n * every, words[letter], f"{location}-{n}", message=f"{words[letter]} {n}", **more)
        for n, letter in enumerate(text)
    ]
