"""Finds the elements that steps are about."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Frame, Locator, Page

#: How long only the first selector is looked for: what it finds may come a moment later than what a fallback finds.
_HEAD_START: Final = 1.0
POLL_MS: Final = 50
#: Elements that assistive technology calls by a name.
_NAMED_ROLES: Final = (
    "button", "link", "textbox", "searchbox", "checkbox", "radio", "combobox", "option", "menuitem", "tab", "switch", "slider",
    "spinbutton", "listbox", "heading", "img", "treeitem", "cell", "row", "dialog", "region",
)  # fmt: skip


class NotFound(Exception):
    """No selector found an element; the sentence says which were tried."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found: by which selector, and whether that was not the first one."""

    locator: Locator
    selector: str
    is_healed: bool


def selectors(target: str | Sequence[str]) -> tuple[str, ...]:
    """Return a target's selectors."""
    return (target,) if isinstance(target, str) else tuple(target)


def locate(frame: Frame, selector: str) -> Locator:
    """Return what a selector stands for."""
    parts = selector.split(" >> ")
    if not any(_is_own(part) for part in parts):
        return frame.locator(selector)
    found: Frame | Locator = frame
    for part in parts:
        kind, _, rest = part.partition("=")
        found = _KINDS[kind](found, rest) if _is_own(part) else found.locator(part)
    assert isinstance(found, Locator)
    return found


def _is_own(part: str) -> bool:
    kind, _, rest = part.partition("=")
    return bool(rest) and kind in _KINDS


def find(frame: Frame, page: Page, target: str | Sequence[str], seconds: float, must_be_seen: bool) -> Hit:
    """Return the element that a target stands for; it waits for it.

    Args:
        frame: where it is looked for.
        page: of the frame.
        target: one selector, or several.
        seconds: how long it is waited for.
        must_be_seen: an element that cannot be seen does not count.

    Raises:
        NotFound: there was none in time.
    """
    tried = selectors(target)
    begin = time.monotonic()
    head_start = min(_HEAD_START, seconds / 3)
    while True:
        passed = time.monotonic() - begin
        for place, selector in enumerate(tried if passed >= head_start else tried[:1]):
            locator = locate(frame, selector)
            seen = locator.filter(visible=True) if must_be_seen else locator
            if seen.count():
                return Hit(seen.first, selector, place > 0)
        if passed >= seconds:
            raise NotFound(_sentence(frame, tried, seconds, must_be_seen))
        page.wait_for_timeout(POLL_MS)


def _sentence(frame: Frame, tried: Sequence[str], seconds: float, must_be_seen: bool) -> str:
    names = " nor ".join(tried)
    hidden = must_be_seen and any(locate(frame, selector).count() for selector in tried)
    what = "could be seen, though it is there" if hidden else "was there"
    return (
        f"Neither {names} {what} within {seconds:.3g} s."
        if len(tried) > 1
        else f"Nothing like {names} {what} within {seconds:.3g} s."
    )


def _by_name(frame: Frame | Locator, name: str) -> Locator:
    first, *others = (frame.get_by_role(role, name=name, exact=True) for role in _NAMED_ROLES)
    for other in others:
        first = first.or_(other)
    return first


_KINDS: Final[dict[str, Callable[[Frame | Locator, str], Locator]]] = {
    "label": lambda frame, text: frame.get_by_label(text),
    "name": _by_name,
    "placeholder": lambda frame, text: frame.get_by_placeholder(text),
    "alt": lambda frame, text: frame.get_by_alt_text(text),
    "title": lambda frame, text: frame.get_by_title(text),
    "testid": lambda frame, text: frame.get_by_test_id(text),
}
