"""Names of files and variables, and the places in texts where a variable stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

#: As in check files.
_MOST_CHARACTERS: Final = 64
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER: Final = re.compile(r"[^a-z0-9]+")


def slug(text: str, fallback: str = "check") -> str:
    """Return a text as a part of a file's name."""
    return _plain(text, "-")[:80].strip("-") or fallback


def escape(text: str) -> str:
    """Return a text as a check file has it: a `${` of its own, such as a script's, is no variable."""
    return text.replace("${", "$${")


class Names:
    """Gives the variables of another product names that check files can have, the same one each time.

    Args:
        taken: names that stand for something else.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._by_foreign: dict[str, str] = {}
        self._taken = set(taken)

    def __contains__(self, foreign: str) -> bool:
        return foreign in self._by_foreign

    def of(self, foreign: str) -> str:
        """Return the name of a variable."""
        if foreign not in self._by_foreign:
            self._by_foreign[foreign] = self.free(foreign)
        return self._by_foreign[foreign]

    def free(self, wish: str) -> str:
        """Return a name like this one that nothing has yet, and take it."""
        name = _plain(_HUMP.sub("_", wish), "_").strip("_")[: _MOST_CHARACTERS - 4] or "value"
        name = name if name[0].isalpha() else f"v_{name}"
        count = 1
        found = name
        while found in self._taken:
            count += 1
            found = f"{name}_{count}"
        self._taken.add(found)
        return found


def _plain(text: str, between: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _OTHER.sub(between, ascii_only.lower()).strip(between)
