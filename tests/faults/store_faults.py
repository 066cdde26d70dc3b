"""Tells the test server what to answer to inserts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import orjson


class StoreFaults:
    """A file that the server looks into at every insert.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clear()

    def clear(self) -> None:
        """All is well."""
        self.path.write_bytes(b"{}")

    def answer(self, code: int, message: str, *, beyond: int = 0, poison: Sequence[str] = (), applied: bool = False) -> None:
        """Answer with an error to inserts of events.

        Args:
            code, message: ClickHouse's; with code 0 the connection is closed without an answer.
            beyond: only to such with more rows than this.
            poison: only to such with one of these event ids.
            applied: store the rows nevertheless.
        """
        fault = {"code": code, "message": message, "beyond": beyond, "poison": list(poison), "applied": applied}
        new = self.path.with_suffix(".new")
        new.write_bytes(orjson.dumps(fault))
        new.replace(self.path)
