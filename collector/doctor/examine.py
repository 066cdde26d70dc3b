"""The examination: finds out whether a collector runs, and yields verdict after verdict. Nothing in it waits for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx2

from collector import show
from collector.access.bootstrap import has_admin
from collector.client import Client, open_client
from collector.config import Settings, load_settings
from collector.doctor.facts import Facts, dead_letter_facts, disk_facts, ledger_facts, spool_facts, store_facts, within
from collector.doctor.roundtrip import NAME, through_http, through_store
from collector.doctor.verdict import Verdict
from collector.doctor.verdicts import judge
from collector.errors import ClientError, SettingsError, Unreachable, WideloadError
from collector.pipeline.dead_letters import DEAD_LETTERS_FILE
from collector.pipeline.spool import SPOOL_FOLDER
from collector.store import open_store
from collector.store.base import Store

TIMEOUT: Final = httpx2.Timeout(15, connect=3)
#: How long opening a store and asking it may take when no collector runs.
LOCAL_SECONDS: Final = 20.0


def examine(environ: Mapping[str, str], flags: Mapping[str, Any], url: str | None, token: str | None) -> Iterator[Verdict]:
    """Yield the verdicts as they are reached.

    Args:
        environ, flags: see `load_settings`.
        url, token: of another collector than the settings'.
    """
    try:
        settings = load_settings(environ, flags, has_admin)
    except SettingsError as error:
        yield from (Verdict("settings", "fail", problem, "The collector does not start with this.") for problem in error.problems)
        return
    yield Verdict("settings", "ok", show.summary(settings))
    with open_client(settings, url, token, TIMEOUT) as client:
        try:
            facts = client.get("/api/doctor")
        except Unreachable as error:
            if url:
                yield Verdict("collector", "fail", str(error), "Check the address, and that `wideload serve` runs there.")
                return
            yield Verdict("collector", "warn", f"Nobody answers at {client.url}, so its files are looked at.",
                          "Start it with `wideload serve`.")  # fmt: skip
            yield from _examine_files(settings)
        except ClientError as error:
            yield Verdict("collector", "fail", str(error), "Give the right address and token with --url and --token.")
        else:
            yield from _examine_running(client, facts)


def _examine_running(client: Client, facts: Facts) -> Iterator[Verdict]:
    yield Verdict("collector", "ok", f"Version {facts['version']} answers at {client.url}.")
    yield from judge(facts)
    yield through_http(client, facts["site_keys"])


def _examine_files(settings: Settings) -> Iterator[Verdict]:
    spool = spool_facts(settings.data_dir / SPOOL_FOLDER)
    facts = {
        "disk": disk_facts(settings.data_dir, settings.spool.max_bytes),
        "spool": spool,
        "ledger": ledger_facts(settings.data_dir / SPOOL_FOLDER, spool["pending_events"]),
        "dead_letters": dead_letter_facts(settings.data_dir / DEAD_LETTERS_FILE),
    }
    if settings.store == "embedded" and not (settings.data_dir / "store").exists():
        yield from judge(facts | {"store": {"missing": True}})
        return
    try:
        store = within(LOCAL_SECONDS, lambda: open_store(settings.store, settings.data_dir, settings.server))
        facts["store"] = within(LOCAL_SECONDS, lambda: store_facts(store))
    except WideloadError as error:
        yield from judge(facts | {"store": {"error": str(error)}})
        return
    yield from judge(facts)
    yield _try_store(store, facts["store"], next(iter(settings.datasets)))
    within(LOCAL_SECONDS, store.close)


def _try_store(store: Store, facts: Facts, dataset: str) -> Verdict:
    if facts["error"] or facts.get("missing") or facts["schema_version"] != facts["latest_schema_version"]:
        return Verdict(NAME, "warn", "It was left out, because the store is not ready for it.", "Put the store right first.")
    try:
        return within(LOCAL_SECONDS, lambda: through_store(store, dataset))
    except WideloadError as error:
        return Verdict(NAME, "fail", str(error), "Check the store; its own log says more.")
