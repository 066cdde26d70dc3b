"""What writes the statements of a step, by its verb."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from collector.checks.export.actions import ACTIONS
from collector.checks.export.body import Write
from collector.checks.export.expectations import EXPECTATIONS

VERBS: Final[Mapping[str, Write]] = {**ACTIONS, **EXPECTATIONS}
