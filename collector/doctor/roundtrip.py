"""A write and a read: does an event that is sent come back?"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from collector.client import Client
from collector.doctor.verdict import Verdict
from collector.errors import ClientError, StoreError
from collector.store.base import Param, Store

#: How long an acknowledged event may take until a question finds it; two seconds are promised.
PATIENCE_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.1
NAME: Final = "round trip"
_FIND_SQL: Final = (
    "SELECT count() AS found FROM events FINAL"
    " WHERE dataset = {dataset:String} AND id = {id:String} AND ts = fromUnixTimestamp64Milli({ts:Int64}, 'UTC')"
)


def through_http(
    client: Client,
    site_keys: Mapping[str, Sequence[str]],
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Verdict:
    """Send an event to a running collector as a page does, and read it back as the viewer does."""
    dataset, key = next(((name, keys[0]) for name, keys in site_keys.items() if keys), ("", ""))
    if not dataset:
        return Verdict(NAME, "warn", "No dataset has a site key, so nothing can be sent.", "Make one with `wideload keys create`.")
    id_, now, start = _new_id(), int(time.time() * 1000), clock()
    try:
        body = {"v": 1, "sent_at": now, "events": [{"id": id_, "kind": "doctor", "time": now}]}
        client.post(f"/v1/beacon/{key}", body)
        while not _is_there(client, dataset, id_):
            if clock() - start > PATIENCE_SECONDS:
                fact = f"An event was accepted, but no question finds it after {PATIENCE_SECONDS:g} s."
                return Verdict(NAME, "fail", fact, "It waits in the spool: see the checks of the loader and the store.")
            sleep(POLL_SECONDS)
    except ClientError as error:
        return Verdict(NAME, "fail", str(error), "The collector's log says more.")
    return Verdict(NAME, "ok", f"An event sent to {dataset} was found again after {clock() - start:.2g} s.")


def _is_there(client: Client, dataset: str, id_: str) -> bool:
    try:
        client.get(f"/api/events/{id_}", {"dataset": dataset})
    except ClientError as error:
        if error.reason == "event_not_found":
            return False
        raise
    return True


def through_store(store: Store, dataset: str) -> Verdict:
    """Insert an event into a store that no collector has open, and read it back."""
    id_, now = _new_id(), int(time.time() * 1000)
    try:
        store.insert([{"id": id_, "kind": "doctor", "dataset": dataset, "ts": now, "time": now, "received_at": now}])
        params = {"dataset": Param("String", dataset), "id": Param("String", id_), "ts": Param("Int64", now)}
        found = store.query(_FIND_SQL, params).rows[0][0]
    except StoreError as error:
        return Verdict(NAME, "fail", error.message, "Check the store; its own log says more.")
    if found != 1:
        return Verdict(NAME, "fail", "The store took an event and does not find it.", "Check the store; its own log says more.")
    return Verdict(NAME, "ok", "An event was inserted into the store and found again.")


def _new_id() -> str:
    return f"doctor-{secrets.token_hex(8)}"
