"""`wideload check list`: the answer of `/api/checks` → a table. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from collector import cells, table

Json = dict[str, Any]
_HEADINGS: Final = ("Status", "Check", "Kind", "Uptime", "Last run", "Next run", "What is wrong")


def render(answer: Json, url: str) -> str:
    """Return checks as a table, and below it the addresses of heartbeats, as far as they are told."""
    if not answer["checks"]:
        return "There are no checks: `wideload check run` runs some, and `checks_dir` names those that run by themselves."
    lines = table.lines(_HEADINGS, [_row(one) for one in answer["checks"]])
    pushes = [f"  {one['name']}  {url}{one['push_path']}" for one in answer["checks"] if one.get("push_path")]
    return "\n".join([*lines, *(["", "Heartbeats go to:", *map(cells.plain_text, pushes)] if pushes else [])])


def _row(check: Json) -> tuple[str | None, ...]:
    places = [one for one in check["locations"] if one["is_regular"]] or check["locations"]
    worst = next((one for one in places if one["status"] == check["status"]), None)
    latest = max((one["at"] for one in places), default=None)
    uptime = None if check["uptime"] is None else f"{check['uptime']:.3f} %"
    wrong = worst["message"] if worst and worst["status"] != "pass" else None
    where = f"{worst['location']}: " if worst and wrong and len(places) > 1 else ""
    return (
        check["status"] or "not yet", check["name"], check["kind"], uptime, latest and latest[:16].replace("T", " "),
        _time((check["schedule"] or {}).get("next_at")), wrong and where + wrong,
    )  # fmt: skip


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
