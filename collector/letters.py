"""Dead letters as the command line shows and changes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from collector import table
from collector.client import Client

_REASON_CHARACTERS = 70


def listing(answer: dict[str, Any]) -> str:
    """Return the answer of `GET /api/dead-letters` as a table, and how to go on."""
    letters = answer["dead_letters"]
    if not letters:
        return "There are no dead letters." if not answer["count"] else "There are no older ones."
    rows = [
        (
            str(one["id"]),
            one["at"],
            one["dataset"] or "?",
            one["event"].get("kind", "?"),
            str(one["code"]),
            _short(one["reason"]),
        )
        for one in letters
    ]
    lines = table.lines(("ID", "Since", "Dataset", "Kind", "Code", "Reason"), rows)
    if answer["count"] > len(letters):
        lines += ["", f"{answer['count']:,} in all; the next page: --before {letters[-1]['id']}"]
    return "\n".join(lines)


def change(client: Client, action: str, numbers: Sequence[int], everything: bool) -> int:
    """Retry or drop letters and return how many. Raises ClientError, or UsageError if it is not said which."""
    if bool(numbers) == everything:
        raise click.UsageError("Say which dead letters: their IDs, or --all.")
    if not everything:
        return _changed(client.post(f"/api/dead-letters/{action}", {"ids": list(numbers)}))
    count = 0
    # What could not be stored may come back while this goes on; so each of those that are there now is taken once.
    for _ in range(1 + int(client.get("/api/dead-letters", {"limit": "1"})["count"]) // 1000):
        count += _changed(client.post(f"/api/dead-letters/{action}", {"all": True}))
    return count


def _changed(answer: dict[str, Any]) -> int:
    return int(next(iter(answer.values())))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _REASON_CHARACTERS else line[: _REASON_CHARACTERS - 1] + "…"
