"""Facts of scheduled checks → verdicts. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from collector.doctor.facts import Facts
from collector.doctor.verdict import Verdict
from collector.table import duration

#: The scheduler looks at its slots every second.
_IDLE_SECONDS: Final = 30
#: An agent asks for work every ten seconds; one that has just been started again, or whose collector was, needs a moment.
_SEEN_SECONDS: Final = 60
#: Runs wait for a second or so.
_MANY_WAITING: Final = 20


def judge_checks(checks: Facts) -> Iterator[Verdict]:
    """Yield the verdicts on scheduled checks."""
    for problem in checks["problems"]:
        advice = "Mend the file: until then the check runs as it was before. `wideload check lint` says if all is well."
        yield Verdict("check files", "warn", problem, advice)
    yield _scheduler(checks)
    yield from _overdue(checks["overdue"])
    yield from _agents(checks["agents"], checks["runs_seconds"])
    if checks["browser"]["needed"]:
        yield _browser(checks["browser"])
    if checks["waiting"] > _MANY_WAITING:
        advice = "The log says why the collector does not take them; they wait on disk, and are sent again until it does."
        yield Verdict("check results", "warn", f"{checks['waiting']:,} runs wait to be sent.", advice)


def _scheduler(checks: Facts) -> Verdict:
    if not checks["is_alive"] or checks["idle_seconds"] > _IDLE_SECONDS:
        fact = f"The scheduler has not looked for what is due for {duration(checks['idle_seconds'])}."
        return Verdict("checks", "fail", fact, "Restart the collector and keep its log: this should not happen.")
    age, failing = checks["last_run_seconds"], checks["failing"]
    count = f"{checks['checks']} check{' is' if checks['checks'] == 1 else 's are'} scheduled"
    last = "none has run yet" if age is None else f"the last run ended {duration(age)} ago"
    fails = f"; {failing} fail{'s' if failing == 1 else ''} now" if failing else ""
    if not checks["checks"]:
        return Verdict(
            "checks", "warn", "The folder checks_dir has no checks.", "Write one, or take checks_dir out of the settings."
        )
    return Verdict("checks", "ok", f"{count}, and {last}{fails}.")


def _overdue(overdue: list[Facts]) -> Iterator[Verdict]:
    if overdue:
        first = overdue[0]
        fact = f"{len(overdue)} overdue, such as {first['name']} at {first['location']}, for {duration(first['seconds'])}."
        advice = "Start an agent at that location if none is there; else raise checks_concurrency, or let checks run less often."
        yield Verdict("overdue", "warn", fact, advice)


def _agents(agents: dict[str, float | None], runs_seconds: float) -> Iterator[Verdict]:
    away = {place: age for place, age in agents.items() if age is None or age > _SEEN_SECONDS}
    if away and runs_seconds > _SEEN_SECONDS:
        place, age = next(iter(away.items()))
        when = f"for {duration(age)}" if age is not None else "since the collector was started"
        fact = f"No agent at {place} has asked for work {when}" + (f", nor at {len(away) - 1} more." if len(away) > 1 else ".")
        advice = f"Start `wideload agent --location {place}` there, or take the location out of the check files."
        yield Verdict("agents", "warn", fact, advice)
    elif agents:
        seen = [place for place in agents if place not in away]
        fact = (
            f"Agents ask for work at {', '.join(seen)}." if seen else "None has asked for work yet; the collector has just started."
        )
        yield Verdict("agents", "ok", fact)


def _browser(browser: Facts) -> Verdict:
    needed = f"{browser['needed']} check{' needs' if browser['needed'] == 1 else 's need'} a browser"
    if not browser["has_driver"]:
        return Verdict(
            "browser", "fail", f"{needed}, and Playwright is missing.", 'Install it with `pip install "wideload[checks]"`.'
        )
    if not browser["program"]:
        advice = "Install Chromium, such as with `playwright install chromium`, or name it with WIDELOAD_CHECK_BROWSER."
        return Verdict("browser", "fail", f"{needed}, and none was found here.", advice)
    return Verdict("browser", "ok", f"{needed}: {browser['program']}.")
