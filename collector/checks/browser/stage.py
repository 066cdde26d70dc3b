"""What steps act on, and how they end."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Error, Frame, Locator

from collector.checks.attempt import Attempt, Setting, Step
from collector.checks.browser.evidence import Evidence
from collector.checks.browser.scripts import run_script
from collector.checks.browser.session import Session
from collector.checks.browser.targets import POLL_MS, find
from collector.checks.files.load import Check
from collector.checks.secrets import MIN_LENGTH, Masker
from collector.checks.variables import fill

_SHOWN: Final = 120
_COUNT: Final = re.compile(r"(==|>=|<=|>|<)? ?(\d+)")


class StepFailed(Exception):
    """A step could not be done; the sentence says why."""


class Ended(Exception):
    """The journey ends here: by the step `exit`."""


@dataclass(slots=True)
class Stage:
    """A journey under way.

    Attributes:
        check, setting, session, attempt, evidence: of the attempt.
        values: variables and secrets by name, those that steps have made included.
        secrets: what is masked.
        mask: masks it.
        step: the one that is being done.
        folder: of the check file.
    """

    check: Check
    setting: Setting
    session: Session
    attempt: Attempt
    evidence: Evidence
    values: dict[str, str]
    secrets: set[str]
    mask: Masker
    folder: Path
    step: Step = field(default_factory=lambda: Step(0, "", ""))
    deadline: float = 0.0

    def left(self) -> float:
        """Return the seconds that the step has left, at least one moment."""
        return max(0.001, self.deadline - time.monotonic())

    def hide(self, text: str) -> None:
        """Mask a text from here on."""
        if len(text) >= MIN_LENGTH and text not in self.secrets:
            self.secrets.add(text)
            self.mask = Masker(self.secrets)

    def set(self, name: str, value: str, is_secret: bool = False) -> None:
        """Give a variable a value."""
        self.values[name] = value
        if is_secret:
            self.hide(value)

    def fill(self, step: Mapping[str, Any]) -> dict[str, Any]:
        """Return a step with its variables filled in. Raises UnknownVariable."""
        # Of a module, the steps are filled in when it is their turn.
        return {key: value if key == "steps" else fill(value, self.values) for key, value in step.items()}

    def frame(self, step: Mapping[str, Any]) -> Frame:
        """Return the frame that a step is about."""
        return self.session.frame(step.get("frame"), self.left())

    def element(self, step: Mapping[str, Any], target: Any, must_be_seen: bool = True) -> Locator:
        """Return the element that a step is about, and note what found it. Raises NotFound."""
        hit = find(self.frame(step), self.session.page, target, self.left(), must_be_seen)
        self.step.selector, self.step.is_healed = self.mask(hit.selector), hit.is_healed
        return hit.locator

    def script(self, step: Mapping[str, Any], code: str) -> Any:
        """Return what JavaScript gives. Raises StepFailed: it threw."""
        element = None
        if step.get("target"):
            element = self.element(step, step["target"], must_be_seen=False).element_handle()
        try:
            return run_script(self.frame(step), code, self.values, self.left(), element)
        except Error as error:
            raise StepFailed(f"The script says: {error.message.splitlines()[0].removeprefix('Frame.evaluate: ')}") from None

    def until(self, look: Callable[[], tuple[bool, str]]) -> str:
        """Look again and again until something holds.

        Args:
            look: whether it holds, and how it is, in words.

        Returns:
            how it was.

        Raises:
            StepFailed: it did not hold in time; the sentence says how it was.
        """
        while True:
            try:
                holds, words = look()
            except Error as error:
                # The page may just be changing.
                holds, words = False, error.message.splitlines()[0]
            if holds:
                return words
            if time.monotonic() >= self.deadline:
                raise StepFailed(words)
            self.session.page.wait_for_timeout(POLL_MS)


def matches(found: str, wanted: str, how: str) -> bool:
    """Whether a text is as it should be: contains it, is it, or matches a regular expression. White space counts as one space."""
    if how == "regex":
        try:
            return re.search(wanted, found) is not None
        except re.error as error:
            raise StepFailed(f"The regular expression {wanted!r} cannot be read: {error}.") from None
    found, wanted = (" ".join(text.split()) for text in (found, wanted))
    return wanted in found if how == "contains" else found == wanted


def counts(found: int, wanted: int | str) -> bool:
    """Whether a number is as it should be: `3`, or such as `>= 2`."""
    match = _COUNT.fullmatch(str(wanted))
    if not match:
        raise StepFailed(f"{wanted!r} is no count: write 3, or >= 2.")
    number = int(match[2])
    return {"==": found == number, ">=": found >= number, "<=": found <= number, ">": found > number, "<": found < number}[
        match[1] or "=="
    ]


def quoted(text: str) -> str:
    """Return a text as it stands in a sentence."""
    text = " ".join(text.split())
    return f"“{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}”"
