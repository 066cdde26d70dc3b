"""What every channel has, and what travels over it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from collector.errors import WideloadError

#: How long a channel may take over one message.
SEND_SECONDS: Final = 10.0


class ChannelError(WideloadError):
    """A message could not be handed over; it is tried again. The text holds no secret."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something that people are told.

    Attributes:
        id: of the message; the same whenever it is tried again, so receivers can drop a second one.
        event: `opened`, `reminder`, `resolved` or `test`.
        created_at: epoch seconds.
        incident: the incident as the API shows it.
        url: where the viewer shows it; empty where nobody knows the collector's address.
    """

    id: str
    event: str
    created_at: float
    incident: Mapping[str, Any] = field(hash=False)
    url: str = ""

    @property
    def title(self) -> str:
        """Return one line."""
        words = {"opened": str(self.incident["severity"]).capitalize(), "reminder": "Still", "resolved": "Over", "test": "Test"}
        subject = self.incident["subject"]
        about = f"{self.incident['title']} – {subject}" if subject and subject != self.incident["title"] else self.incident["title"]
        return f"{words[self.event]}: {about}"

    @property
    def text(self) -> str:
        """Return all of it as plain text."""
        incident = self.incident
        lines = [self.title, "", incident["reason"]]
        if incident.get("description"):
            lines += ["", incident["description"]]
        for one in (incident.get("differences") or [])[:8]:
            lines.append(f"  {one['field']}: {one['before']} → {one['after']}")
        if impact := incident.get("impact"):
            lines += ["", _impact(impact)]
        lines += ["", f"Rule {incident['rule']}, dataset {incident['dataset']}, incident {incident['id']}"]
        lines += [address for address in (self.url, incident.get("runbook")) if address]
        return "\n".join(lines)


class Channel(Protocol):
    """A way to tell people."""

    def send(self, message: Message) -> None:
        """Hand a message over, within `SEND_SECONDS` or so. Raises ChannelError."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that stands in the file, or that the file only names: read whenever it is needed, and never shown.

    Attributes:
        what: it is called in errors.
    """

    what: str
    source: str | Mapping[str, str] = field(repr=False, hash=False)

    def read(self) -> str:
        """Return the value. Raises ChannelError: it is not where it should be."""
        if isinstance(self.source, str):
            return self.source
        if name := self.source.get("env"):
            if not (value := os.environ.get(name)):
                raise ChannelError(f"The {self.what} should be in the environment variable {name}, which is not set.")
            return value
        try:
            return Path(self.source["file"]).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not text"
            raise ChannelError(f"The {self.what} should be in the file {self.source['file']}: {why}.") from None


def _impact(impact: Mapping[str, Any]) -> str:
    who = f"{impact['sessions']:,} real sessions" if impact["sessions"] is not None else f"{impact['page_views']:,} real page views"
    return f"Meanwhile {who} were on {', '.join(impact['paths'][:3]) or 'these pages'}, with {impact['errors']:,} errors."
