"""Pictures of pages, in which secrets are covered."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any, Final

from playwright.sync_api import Error, Locator, Page

from collector.checks.browser.session import Session

#: A fifth of the time that WebP takes, for twice the bytes.
MEDIA_TYPE: Final = "image/jpeg"
_QUALITY: Final = 70
_TIMEOUT_MS: Final = 5000
_FIELDS: Final = "input, textarea, select"
_READ: Final = "(all) => all.map((one) => one.type === 'password' ? null : String(one.value ?? ''))"
_COVER: Final = "#808080"
#: What moves would make each picture another one.
_FROZEN: Final = "*, ::before, ::after { caret-color: transparent !important; scroll-behavior: auto !important; }"


def picture(session: Session, secrets: Iterable[str] = ()) -> bytes:
    """Return what can be seen of the page that steps are done in, as JPEG. Raises Error."""
    page = session.page
    covered = list(secret_places(page, tuple(secrets)))
    if covered:
        return page.screenshot(
            type="jpeg", quality=_QUALITY, mask=covered, mask_color=_COVER, timeout=_TIMEOUT_MS, caret="initial", scale="css"
        )  # fmt: skip
    # The same without a wait for fonts and frames, which would take longer than most steps.
    options = {"format": "jpeg", "quality": _QUALITY, "optimizeForSpeed": True}
    return base64.b64decode(session.devtools().send("Page.captureScreenshot", options)["data"])


def still_picture(page: Page, secrets: Iterable[str], target: Locator | None, full_page: bool, masks: Iterable[Locator]) -> bytes:
    """Return a picture to compare, as PNG: nothing moves in it. Raises Error."""
    options: dict[str, Any] = {
        "type": "png", "animations": "disabled", "caret": "hide", "scale": "css", "style": _FROZEN, "mask_color": _COVER,
        "mask": [*masks, *secret_places(page, tuple(secrets))], "timeout": _TIMEOUT_MS * 2,
    }  # fmt: skip
    return target.screenshot(**options) if target else page.screenshot(full_page=full_page, **options)


def secret_places(page: Page, secrets: tuple[str, ...]) -> Iterator[Locator]:
    """Yield the elements that would show a secret: fields with one, password fields, texts with one."""
    if not secrets:
        return
    for frame in page.frames:
        try:
            fields = frame.locator(_FIELDS)
            for place, value in enumerate(fields.evaluate_all(_READ)):
                if value is None or any(secret in value for secret in secrets):
                    yield fields.nth(place)
            for secret in secrets:
                texts = frame.get_by_text(secret)
                if texts.count():
                    yield texts
        except Error:
            # It is just being left, and so it is not in the picture.
            continue
