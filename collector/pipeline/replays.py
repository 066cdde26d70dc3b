"""Loads again what was stored lately, when a power cut may have broken the store's files.

An insert returns when its rows are on the disk, as far as the disk tells. Where it told less than the truth, or the file system
lost a file, the engine finds broken parts when it starts, puts them aside and goes on without their rows. The spool still has
these: what it has kept is loaded again, and replaces whatever is there.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Final

from collector.pipeline.intake import Intake
from collector.store.base import Writer

log = logging.getLogger(__name__)

#: Remembers, within the data folder, which broken parts have been seen to.
BROKEN_PARTS_FILE: Final = "broken-parts.json"


class Replays:
    """Decides whether to.

    Args:
        spool, store: between whom.
        file: where broken parts are remembered.
    """

    def __init__(self, spool: Intake, store: Writer, file: Path) -> None:
        self._spool, self._store, self._file = spool, store, file
        self._was_cut_off = spool.was_cut_off

    def check(self) -> None:
        """Look for broken parts, and for signs of a power cut. Raises StoreUnavailable; called by the loader between batches."""
        parts = set(self._store.broken_parts())
        known = self._known()
        # At the first look at a store, its broken parts are somebody else's story.
        new = parts - known if known is not None else set()
        if self._was_cut_off or new:
            why = "The store has put broken parts aside: " + ", ".join(sorted(new)) if new else "The machine has gone down"
            log.warning("%s; %d events of the last minutes are loaded again.", why, self._spool.replay())
        if parts != known:
            self._file.write_text(json.dumps(sorted(parts)))
        self._was_cut_off = False

    def _known(self) -> set[str] | None:
        try:
            return set(json.loads(self._file.read_text()))
        except (OSError, ValueError, TypeError):
            return None
