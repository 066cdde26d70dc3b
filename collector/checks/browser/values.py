"""Steps that take or make values, and the one that ends a journey."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import struct
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from playwright.sync_api import Error

from collector.checks.browser.stage import Ended, Stage, StepFailed
from collector.checks.conditions import look, parse, take
from collector.checks.probes import http
from collector.checks.probes.connect import Way
from collector.checks.probes.model import Found, ProbeError

Values = dict[str, Any]
#: https://www.rfc-editor.org/rfc/rfc6238
_TOTP_SECONDS: Final = 30
_TOTP_DIGITS: Final = 6


def totp(seed: str, now: float) -> str:
    """Return the one-time password of a moment.

    Args:
        seed: in base32; spaces do not count.
        now: epoch seconds.

    Raises:
        StepFailed: the seed is no base32.
    """
    text = "".join(seed.split()).upper().rstrip("=")
    try:
        key = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        raise StepFailed("The seed is not base32, so there is no one-time password.") from None
    digest = hmac.digest(key, struct.pack(">Q", int(now) // _TOTP_SECONDS), hashlib.sha1)
    place = digest[-1] & 15
    number = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**_TOTP_DIGITS:0{_TOTP_DIGITS}d}"


def as_text(value: Any) -> str:
    """Return what JavaScript or JSON gives as the text of a variable."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)


def _eval(stage: Stage, step: Values) -> None:
    found = stage.script(step, step["eval"])
    if "into" in step:
        stage.set(step["into"], as_text(found), step.get("secret", False))


def _extract(stage: Stage, step: Values) -> None:
    element = stage.element(step, step["extract"], must_be_seen=False)
    name, milliseconds = step.get("attribute"), stage.left() * 1000
    if name is None:
        found = element.inner_text(timeout=milliseconds) if element.is_visible() else element.text_content() or ""
        found = found.strip()
    elif name == "value":
        try:
            found = element.input_value(timeout=milliseconds)
        except Error:
            found = element.get_attribute("value") or ""
    else:
        attribute = element.get_attribute(name, timeout=milliseconds)
        if attribute is None:
            raise StepFailed(f"{stage.step.selector} has no attribute {name}.")
        found = attribute
    stage.set(step["into"], found, step.get("secret", False))


def _store(stage: Stage, step: Values) -> None:
    stage.set(step["into"], step["store"], step.get("secret", False))


def _totp(stage: Stage, step: Values) -> None:
    # One that is about to end would have ended when it arrives.
    if _TOTP_SECONDS - time.time() % _TOTP_SECONDS < 2 < stage.left():
        stage.session.page.wait_for_timeout(2000)
    stage.set(step["into"], totp(step["totp"], time.time()), is_secret=True)


def _request(stage: Stage, step: Values) -> None:
    url = stage.session.url(step["request"])
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in stage.session.context.cookies(url))
    options = {
        "url": url, "method": step.get("method", "GET"), "body": step.get("body", ""), "max_redirects": 10,
        "headers": ({"cookie": cookies} if cookies else {}) | step.get("headers", {}),
    }  # fmt: skip
    found, way = Found(), Way(stage.deadline, stage.setting.allow_private)
    try:
        http.probe(replace(stage.check, options=options), way, found)
    except ProbeError as error:
        raise StepFailed(str(error)) from None
    finally:
        stage.attempt.found.entries += found.entries
    for text in step.get("expect", ()):
        result = look(parse(text), found.facts)
        result = replace(result, message=stage.mask(result.message))
        if not result.holds and not result.condition.is_soft:
            raise StepFailed(result.message)
        stage.attempt.results.append(result)
    for name, path in step.get("save", {}).items():
        try:
            stage.set(name, as_text(take(path, found.facts)), step.get("secret", False))
        except KeyError:
            raise StepFailed(f"The answer has no {path}.") from None


def _exit(stage: Stage, step: Values) -> None:
    if step["exit"] == "fail":
        raise StepFailed(step.get("message") or "The journey ends here as failed.")
    raise Ended


VALUES: Final[dict[str, Callable[[Stage, Values], None]]] = {
    "eval": _eval, "extract": _extract, "store": _store, "totp": _totp, "request": _request, "exit": _exit,
}  # fmt: skip
