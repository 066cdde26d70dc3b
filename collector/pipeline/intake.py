"""What the rest of the collector needs of whatever keeps events between the beacon and the store: files, or Kafka."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from collector.pipeline.ledger import Ledger
from collector.pipeline.position import Position
from collector.pipeline.spool import Batch


class Intake(Protocol):
    """Keeps events from the moment of their acknowledgement until the store has them. `Spool` and `KafkaSpool` are ones."""

    ledger: Ledger

    # --- The ingest side: called in the event loop -----------------------------------------------------------------

    async def append(self, payloads: Sequence[bytes], dataset: str = "") -> None:
        """Return when the payloads are safe. Raises SpoolError: nothing may be acknowledged."""

    # --- The loader's side: called in its thread -------------------------------------------------------------------

    def wait(self, timeout: float) -> bool:
        """Wait until something can be read, at most so many seconds; return whether there is."""

    def read(self, max_events: int, max_bytes: int) -> Batch:
        """Return the oldest events that are not released, again and again the same; empty if there are none."""

    def release(self, end: Position, count: Callable[[], None] = lambda: None) -> None:
        """Everything up to `end` is stored or dead; `count` enters it in the ledger."""

    def tidy(self) -> None:
        """Do what is due where nothing else happens."""

    def replay(self) -> int:
        """Let what was stored lately be loaded again, as far as it is kept, and return how many events that are."""

    # --- Erasures and backups --------------------------------------------------------------------------------------

    def roll(self) -> Position:
        """Return the end of what is acknowledged now. Raises StoreError: nobody knows now."""

    def is_stored(self, end: Position) -> bool:
        """Whether everything up to `end` is stored or dead."""

    def keeping(self) -> AbstractContextManager[None]:
        """Take no file away meanwhile."""

    # --- Facts -----------------------------------------------------------------------------------------------------

    def still(self) -> AbstractContextManager[None]:
        """Hold everything that is counted: within it, the ledger and what is pending add up."""

    @property
    def was_cut_off(self) -> bool:
        """Whether the machine went down while this was open."""

    @property
    def divides_room(self) -> bool:
        """Whether datasets share a room that one of them could fill up."""

    @property
    def max_bytes(self) -> int:
        """The cap of what is kept here."""

    @property
    def pending_events(self) -> int:
        """Events that are acknowledged and not stored yet."""

    @property
    def pending_bytes(self) -> int:
        """What they take of the cap."""

    @property
    def oldest_age_seconds(self) -> float:
        """Age of the oldest event that is not stored yet; 0 if there is none."""

    @property
    def fill(self) -> float:
        """The share of the cap that is used."""

    @property
    def problem(self) -> str:
        """Why beacons are not kept now, or soon will not be; empty if all is well."""

    @property
    def reading_problem(self) -> str:
        """Why what waits cannot be read now; empty if it can."""

    @property
    def details(self) -> dict[str, Any]:
        """What else operators may want to know; nothing for files."""

    @property
    def is_writable(self) -> bool:
        """Whether a beacon would be kept now."""

    def close(self) -> None:
        """Stop, when nobody waits for `append` any more."""
