"""What a probe finds, and why one may find nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from collector.errors import WideloadError


class ProbeError(WideloadError):
    """A probe could not be made, or was not answered.

    Args:
        reason: a value of the field `check.reason`.
        message: a sentence for people.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(slots=True)
class Found:
    """What was found, filled in as the probe goes on: a probe that fails half way keeps what came before.

    Attributes:
        facts: by the names that conditions use; durations in milliseconds.
        entries: the fields of one `probe` event for each request, redirects included.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
