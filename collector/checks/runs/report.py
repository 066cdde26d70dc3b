"""Tells a collector of runs: begins them there, and sends their events through the public door."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from collector.checks.attempt import Comparison, Piece
from collector.checks.comparisons import copy_accepted
from collector.checks.evidence import place_of
from collector.checks.marks import Mark
from collector.client import Client
from collector.errors import ClientError
from collector.events import Event

#: Of one beacon: a collector takes 256 KiB and 500 events unless it is set otherwise.
_BATCH_BYTES: Final = 96 << 10
_BATCH_EVENTS: Final = 200
#: How often what is to pass by itself is tried again, and how long that takes at first, in seconds.
_TRIES: Final = 5
_FIRST_WAIT: Final = 0.5
_PASSING: Final = frozenset({0, 408, 429, 500, 502, 503, 504})
_POLL_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that a collector knows of: its mark, and the path to which its events go."""

    mark: Mark
    beacon: str


class Reporter:
    """Reports to one dataset of one collector.

    Args:
        client: asks it.
        dataset: where the events go.
        sleep, clock: seconds; epoch seconds.
    """

    def __init__(
        self,
        client: Client,
        dataset: str,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client, self.dataset, self._sleep, self._clock = client, dataset, sleep, clock

    def begin(self) -> Begun:
        """Begin a run. Raises ClientError."""
        answer = self._client.post("/api/checks/runs", {"dataset": self.dataset})
        return Begun(Mark(answer["run_id"], answer["mark"], answer["expires_at"]), answer["beacon"])

    def send(self, beacon: str, events: Sequence[Event]) -> None:
        """Send events, again if that may help. Raises ClientError: not all of them were taken."""
        for batch in _batches(events):
            answer = self._try(beacon, {"v": 1, "sent_at": int(self._clock() * 1000), "events": batch})
            if answer.get("rejected"):
                first = answer["rejected"][0]
                raise ClientError(f"{len(answer['rejected'])} of {len(batch)} events were not taken: {first['error']}", 400)

    def copy_accepted(self, check: str, folder: Path) -> None:
        """Have the accepted pictures of a check in a folder of evidence. Raises WideloadError."""
        found = self._client.get("/api/checks/baselines", {"dataset": self.dataset, "check": check})["baselines"]
        pictures = [one for one in found if one["accepted"]]
        copy_accepted(folder, check, pictures, lambda path: self._client.get_bytes(f"{path}?dataset={self.dataset}"))

    def keep(
        self, mark: Mark, status: str, folder: Path, pieces: Sequence[Piece], check: str = "",
        comparisons: Sequence[Comparison] = (),
    ) -> None:  # fmt: skip
        """Hand over the evidence of a run, and what came of comparing pictures of a check, by its name. Raises ClientError."""
        for sha256 in dict.fromkeys(piece.sha256 for piece in pieces):
            self._client.put(f"/api/checks/evidence/{sha256}?dataset={self.dataset}", place_of(folder, sha256).read_bytes())
        if pieces:
            body = {"mark": mark.text, "status": status, "evidence": [asdict(piece) for piece in pieces]}
            if comparisons:
                body |= {"check": check, "comparisons": [asdict(one) for one in comparisons]}
            self._client.post(f"/api/checks/runs/{mark.run_id}/evidence?dataset={self.dataset}", body)

    def wait(self, runs: dict[str, int], seconds: float) -> None:
        """Return when runs can be asked for.

        Args:
            runs: how many attempts each has, by its id.
            seconds: how long to wait.

        Raises:
            ClientError: it took longer, or the collector cannot be asked.
        """
        end = time.monotonic() + seconds
        spec = {
            "dataset": self.dataset, "time_range": 86_400, "disable_series": True, "calculations": [{"op": "COUNT"}],
            "filters": [{"column": "kind", "op": "=", "value": "check_run"},
                        {"column": "check.run_id", "op": "in", "value": sorted(runs)}],
        }  # fmt: skip
        while True:
            results = self._client.post("/api/query", spec)["results"]
            if results and results[0]["data"]["COUNT"] >= sum(runs.values()):
                return
            if time.monotonic() >= end:
                raise ClientError(f"The runs were taken, but cannot be asked for after {seconds:g} s: see `wideload doctor`.")
            self._sleep(_POLL_SECONDS)

    def _try(self, beacon: str, body: dict[str, Any]) -> dict[str, Any]:
        for number in range(_TRIES):
            if number:
                self._sleep(_FIRST_WAIT * 2 ** (number - 1))
            try:
                return self._client.post(beacon, body)
            except ClientError as error:
                if error.status not in _PASSING or number == _TRIES - 1:
                    raise
        raise AssertionError("unreachable")


def _batches(events: Sequence[Event]) -> Iterator[list[Event]]:
    batch: list[Event] = []
    size = 0
    for event in events:
        length = len(orjson.dumps(event))
        if batch and (size + length > _BATCH_BYTES or len(batch) >= _BATCH_EVENTS):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch
