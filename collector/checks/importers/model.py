"""What an import makes: drafts of check files, and a line of the report for everything that was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from collector.errors import WideloadError

Outcome = Literal["translated", "noted", "refused"]
Step = dict[str, Any]


#: What comes of reading something that is a text where a list should be, and the like.
MISSHAPEN: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError)


class ImportRefused(WideloadError):
    """A file is of no format that is known, or is broken; the sentence says which and where."""


class Untranslatable(Exception):
    """A step has no counterpart; the text says why. A translator raises it, and the report shows it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the report: what became of a step or a setting.

    Attributes:
        place: `step 3`, or `setting maxWaitDelay`.
        source: what stood there, in short; no secret is in it.
        outcome: `translated`, `noted` (translated, and the note says what is different) or `refused`.
        note: a sentence.
        steps: what it became.
    """

    place: str
    source: str
    outcome: Outcome
    note: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(slots=True)
class Draft:
    """A check file, or a module that check files use.

    Attributes:
        path: below the folder it is written to, with the ending.
        title: what people call it.
        document: what stands in the file; its steps come from the lines.
        lines: of the report; those of settings come first.
        variables: values by name, of which the check gets those that it uses.
        is_module: no check of its own.
    """

    path: str
    title: str
    document: dict[str, Any]
    lines: list[Line] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    is_module: bool = False

    @property
    def steps(self) -> list[Step]:
        """Return the steps in their order."""
        return [step for line in self.lines for step in line.steps]

    def note(self, place: str, source: str, note: str) -> None:
        """Say what is different in the check."""
        self.lines.append(Line(place, source, "noted", note))

    def refuse(self, place: str, source: str, note: str) -> None:
        """Say why something could not be translated."""
        self.lines.append(Line(place, source, "refused", note))


@dataclass(slots=True)
class Imported:
    """What one file held.

    Attributes:
        format: what it was, in words.
        drafts: the check files it makes.
        secrets: values by name; they are written nowhere but to a file of secrets.
        generated: variables by name that a run makes up by itself: what they were called, and JavaScript.
        data: further files by their path, such as rows of data.
    """

    format: str
    drafts: list[Draft] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    generated: dict[str, tuple[str, str]] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)

    def refused(self) -> Iterable[tuple[Draft, Line]]:
        """Yield what could not be translated."""
        return ((draft, line) for draft in self.drafts for line in draft.lines if line.outcome == "refused")
