"""Facts → verdicts: each with a fact and, unless all is well, what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from collector.doctor.check_verdicts import judge_checks
from collector.doctor.facts import Facts
from collector.doctor.verdict import Verdict
from collector.table import duration, size

#: Less free disk than this is soon none.
LITTLE_DISK_BYTES: Final = 256 << 20
#: An event waits for a second or so; a minute means that the loader is behind, ten that it stands still.
LATE_SECONDS, STUCK_SECONDS = 60, 600
#: Rules are looked at every minute at least.
LATE_RULE_SECONDS: Final = 300
#: The times of events come from one clock, the ranges of questions from the other.
CLOCK_SECONDS: Final = 1.0


def judge(facts: Facts) -> Iterator[Verdict]:
    """Yield the verdicts on what `facts` and `GET /api/doctor` tell."""
    if "configuration" in facts:
        yield from _configuration(facts["configuration"])
    yield from _disk(facts["disk"], facts["spool"])
    yield _spool(facts["spool"], facts.get("loader"))
    yield _ledger(facts["ledger"])
    yield from _damages(facts["spool"]["damages"])
    if "loader" in facts:
        yield _loader(facts["loader"])
    yield _dead_letters(facts["dead_letters"])
    yield from _store(facts["store"], running="loader" in facts)
    if "alerts" in facts and facts["alerts"]["on"]:
        yield from _alerts(facts["alerts"])
    if "checks" in facts:
        yield from judge_checks(facts["checks"])


def _configuration(configuration: Facts) -> Iterator[Verdict]:
    for problem in configuration["problems"]:
        yield Verdict(
            "configuration", "fail", problem, "Mend the file: until then the collector goes on with the settings before it."
        )
    if configuration["postponed"]:
        fact = f"{', '.join(configuration['postponed'])} changed in the file since the collector started."
        yield Verdict("configuration", "warn", fact, "Restart the collector to apply that.")


def _disk(disk: Facts, spool: Facts) -> Iterator[Verdict]:
    if disk["error"]:
        advice = "Let the collector's user write there, or choose another folder with WIDELOAD_DATA_DIR."
        yield Verdict("data folder", "fail", f"{disk['data_dir']} cannot be written: {disk['error']}.", advice)
        return
    yield Verdict("data folder", "ok", f"{disk['data_dir']} can be written.")
    free, cap = disk["free_bytes"], disk["spool_max_bytes"]
    fact = f"{size(free)} are free; the spool may take up to {size(cap)}."
    if spool.get("kafka"):
        yield Verdict("disk", "ok", f"{size(free)} are free; what waits is in Kafka.")
        return
    if free < LITTLE_DISK_BYTES:
        yield Verdict("disk", "fail", fact, "Make room: without it no beacon can be accepted.")
    elif free < cap - spool["pending_bytes"]:
        advice = "While the store is away the disk would be full before the cap: make room, or lower WIDELOAD_SPOOL_MAX_BYTES."
        yield Verdict("disk", "warn", fact, advice)
    else:
        yield Verdict("disk", "ok", fact)


def _spool(spool: Facts, loader: Facts | None) -> Verdict:
    pending, age = spool["pending_events"], spool["oldest_age_seconds"]
    if spool.get("kafka"):
        return _kafka(spool)
    if spool["problem"]:
        fact = f"{pending:,} events wait, and {spool['problem']}."
        return Verdict("spool", "fail", fact, "Make room, raise WIDELOAD_SPOOL_MAX_BYTES, or put the store right.")
    if not pending:
        return Verdict("spool", "ok", "No events wait.")
    fact = f"{pending:,} events wait, the oldest for {duration(age)}."
    if loader is None:
        return Verdict("spool", "ok", fact + " They are loaded at the next start.")
    if age >= STUCK_SECONDS:
        return Verdict("spool", "fail", fact, "The loader stands still: see the checks of the loader and the store.")
    if age >= LATE_SECONDS:
        return Verdict("spool", "warn", fact, "The loader is behind: give the store more resources, or wait if this was a peak.")
    return Verdict("spool", "ok", fact)


def _kafka(spool: Facts) -> Verdict:
    kafka, age = spool["kafka"], spool["oldest_age_seconds"]
    fact = f"{kafka['group_lag']:,} events wait in the topic {kafka['topic']}; {kafka['partitions']} of its partitions come here"
    fact += f", where the oldest has waited for {duration(age)}." if age else "."
    if spool["problem"] or spool["reading_problem"]:
        problem = spool["problem"] or f"The topic cannot be read: {spool['reading_problem']}"
        return Verdict("spool", "fail", f"{fact} {problem}.", "Look at the brokers; the collector goes on by itself when they do.")
    if age >= STUCK_SECONDS:
        return Verdict("spool", "fail", fact, "The loader stands still: see the checks of the loader and the store.")
    if age >= LATE_SECONDS:
        advice = "The group is behind: start further collectors with the role all, one a partition at most, or wait."
        return Verdict("spool", "warn", fact, advice)
    if kafka["group_lag"] and not kafka["partitions"]:
        advice = "Others load all partitions, or nobody does: see that one collector with the role all or query runs."
        return Verdict("spool", "warn", fact, advice)
    return Verdict("spool", "ok", fact)


def _ledger(ledger: Facts) -> Verdict:
    fact = (
        f"{ledger['received']:,} received = {ledger['rejected']:,} rejected + {ledger['acknowledged']:,} acknowledged; of these "
        f"{ledger['stored']:,} stored, {ledger['dead_lettered']:,} dead-lettered, {ledger['pending']:,} pending"
    )
    fact += f", {ledger['erased']:,} erased before" if ledger.get("erased") else ""
    if missing := ledger["missing"]:
        advice = "Files of the spool have been taken away or changed; the log of the start says when it was noticed."
        return Verdict("ledger", "fail", f"{fact}: {missing:,} are missing.", advice)
    if not ledger.get("is_whole", True):
        return Verdict("ledger", "ok", f"{fact}. Others of the Kafka group load, too, so these are not all the books.")
    return Verdict("ledger", "ok", f"{fact}: none is missing.")


def _damages(damages: list[Facts]) -> Iterator[Verdict]:
    for damage in damages:
        fact = f"A damaged file of the spool was set aside as {damage['file']}; {damage['saved']:,} of its events were saved."
        yield Verdict("spool files", "warn", fact, "Check the disk; then delete the file and the .json beside it.")


def _loader(loader: Facts) -> Verdict:
    if loader["state"] == "running":
        return Verdict("loader", "ok", "It is running.")
    if loader["state"] == "holding":
        fact = f"It holds its batch, because the store does not take it: {loader['reason']}"
        return Verdict("loader", "fail", fact, "It goes on by itself when the store does; until then events wait on disk.")
    return Verdict("loader", "fail", "It has stopped.", "Restart the collector and keep its log: this should not happen.")


def _dead_letters(letters: Facts) -> Verdict:
    if not letters["count"]:
        return Verdict("dead letters", "ok", "There are none.")
    fact = f"{letters['count']:,} events could never be stored, the last one because: {letters['last_reason']}"
    return Verdict("dead letters", "warn", fact, "`wideload dead-letters list` shows them; retry them when the reason is gone.")


def _store(store: Facts, running: bool) -> Iterator[Verdict]:
    if store.get("missing"):
        yield Verdict(
            "store", "warn", "Nothing has been set up in the store yet.", "The first `wideload serve` does, or `wideload migrate`."
        )
        return
    if store["error"]:
        advice = "Check WIDELOAD_STORE and that the server answers; beacons are accepted and wait on disk meanwhile."
        yield Verdict("store", "fail", store["error"], advice)
        return
    rows = store["details"].get("rows")
    yield Verdict("store", "ok", f"ClickHouse {store['version']} ({store['kind']}), {rows or 0:,} rows.")
    yield _schema(store["schema_version"], store["latest_schema_version"], running)
    ahead = store["clock_ahead_seconds"]
    fact = f"The store's clock is {abs(ahead):.3g} s {'ahead of' if ahead >= 0 else 'behind'} the collector's."
    if abs(ahead) > CLOCK_SECONDS:
        yield Verdict("clock", "warn", fact, "Let both machines set their clocks by NTP, or answers miss the newest events.")
    else:
        yield Verdict("clock", "ok", fact)


def _schema(have: int, latest: int, running: bool) -> Verdict:
    if have == latest:
        return Verdict("schema", "ok", f"Version {have} is up to date.")
    if have > latest:
        # Where it may not write, the loader holds and says so.
        advice = "Replace this collector by the newer version that has written it; until then it goes on as far as it can."
        return Verdict("schema", "warn", f"The store has version {have}, this Wideload knows only {latest}.", advice)
    fact = f"The store has version {have}, this Wideload needs {latest}."
    if running:
        return Verdict("schema", "fail", fact, "The collector migrates it when the store lets it; its log says what is wrong.")
    return Verdict("schema", "warn", fact, "Run `wideload migrate`, or start the collector.")


def _alerts(alerts: Facts) -> Iterator[Verdict]:
    for problem in alerts["problems"]:
        yield Verdict("rules", "fail", problem, "Mend the file, and see with `wideload alert lint` if all is well.")
    count, lag = alerts["rules"], alerts["lag_seconds"]
    if alerts["held"]:
        name, reason = next(iter(alerts["held"].items()))
        fact = f"{len(alerts['held'])} of {count} rules are held, such as {name}: {reason}"
        yield Verdict("alerts", "fail", fact, "They go on by themselves when that is over; until then nothing is decided.")
    elif lag > LATE_RULE_SECONDS:
        advice = "Questions of rules take too long: shorten their `window`, or give the store more resources."
        yield Verdict("alerts", "warn", f"A rule was not looked at for {duration(lag)}.", advice)
    else:
        yield Verdict("alerts", "ok", f"{count} rules are in force, and {alerts['open_incidents']} incidents are open.")
    if waiting := alerts["messages_waiting"]:
        advice = "The log says why they are not sent; they are tried again for two days."
        yield Verdict("messages", "warn", f"{waiting} messages of alerts wait to be sent.", advice)
