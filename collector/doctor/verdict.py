"""What the doctor says: a fact, how bad it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one check."""

    name: str
    status: Status
    fact: str
    advice: str = ""
