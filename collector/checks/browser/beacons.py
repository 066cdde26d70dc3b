"""The step `expect_beacon`: the telemetry of a page is watched from end to end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from collector.checks.browser.scripts import HAS_BEACON, set_fields
from collector.checks.browser.stage import Stage, StepFailed
from collector.client import Client, Credential
from collector.errors import ClientError

_DAY_SECONDS: Final = 86_400


def expect_beacon(stage: Stage, fields: Sequence[str]) -> None:
    """Have the page's beacon sent, and wait until it was accepted and can be asked for.

    Args:
        stage: the journey.
        fields: what must be in it.

    Raises:
        StepFailed: the sentence says how far it came.
    """
    page, watch = stage.session.page, stage.session.watch
    stage.until(lambda: (page.evaluate(HAS_BEACON), "The page has no beacon."))
    before = {key for key, asked in watch.requests.items() if asked.is_beacon}
    set_fields(page.main_frame, {"check.step.index": stage.step.index}, flush=True)

    def accepted() -> tuple[bool, str]:
        sent = [asked for key, asked in watch.requests.items() if asked.is_beacon and key not in before]
        if not sent:
            return False, "The page sent no beacon: it may wait for consent, or keep out of what is measured."
        last = sent[-1]
        words = f"it was answered with {last.status}" if last.status else last.failure or "there is no answer yet"
        return 200 <= last.status < 300, f"The beacon was sent to {last.url.partition('?')[0]}, but {words}."

    stage.until(accepted)
    if stage.setting.collector:
        _ask(stage, fields)
    elif fields:
        raise StepFailed("The beacon was accepted; what is in it can be asked for only where runs are reported to a collector.")


def _ask(stage: Stage, fields: Sequence[str]) -> None:
    collector = stage.setting.collector
    assert collector
    filters = [
        {"column": "kind", "op": "=", "value": "page_view"},
        {"column": "check.run_id", "op": "=", "value": stage.setting.mark.run_id},
        {"column": "check.attempt", "op": "=", "value": stage.setting.number},
        {"column": "check.step.index", "op": "=", "value": stage.step.index},
    ]
    wanted = [{"column": name, "op": "exists"} for name in fields]

    def count(client: Client, more: list[dict[str, str]]) -> int:
        spec = {
            "dataset": collector.dataset, "time_range": _DAY_SECONDS, "disable_series": True, "calculations": [{"op": "COUNT"}],
            "filters": [*filters, *more],
        }  # fmt: skip
        results = client.post("/api/query", spec)["results"]
        return int(results[0]["data"]["COUNT"]) if results else 0

    with Client(collector.url, Credential(collector.token, "the runner's token")) as client:

        def look() -> tuple[bool, str]:
            try:
                if not count(client, []):
                    return False, f"The beacon was accepted, but cannot be asked for in {collector.dataset}."
                if wanted and not count(client, wanted):
                    return False, f"The beacon can be asked for, but does not have all of {', '.join(fields)}."
            except ClientError as error:
                return False, f"The beacon was accepted, but {collector.url} cannot be asked: {error}"
            return True, ""

        stage.until(look)
