"""A recording on its way to a journey: what the importers of recorded steps have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from collector.checks.importers.model import MISSHAPEN, Draft, Imported, Line, Step, Untranslatable
from collector.checks.importers.names import Names
from collector.checks.importers.targets import Target

#: Fields whose values nobody shall read in a file.
_PRIVATE: Final = re.compile(
    r"(?i)pass-?_?(?:word|wd|phrase)|\bpwd\b|\bpasscode|api-?_?key|secret|card-?_?number|\bcvc\b|\bcvv\b|\biban\b"
)
_VARIABLE: Final = re.compile(r"\$\{\w+\}")
#: How a step begins that stands for one which was not translated.
REFUSAL: Final = "Not translated"
_SHOWN: Final = 120
_MESSAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Made:
    """What a step became; the note says what is different."""

    steps: tuple[Step, ...]
    note: str = ""


def made(*steps: Step, note: str = "") -> Made:
    """Return what a step became."""
    return Made(steps, note)


def with_keys(step: Step, **keys: Any) -> Step:
    """Return a step with further keys; those that are None, false or empty are left out."""
    return step | {key.rstrip("_"): value for key, value in keys.items() if value not in (None, False, "", [])}


def seconds(milliseconds: float) -> float:
    """Return seconds, as a whole number where they are one."""
    found = round(milliseconds / 1000, 3)
    return int(found) if found == int(found) else found


def shorten(text: str) -> str:
    """Return a text in one line of a report."""
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def body(script: str) -> str:
    """Return the body of a function as a step takes it: without `return` it ends with a semicolon, else it is an expression."""
    script = script.strip()
    return f"{script};" if ";" in script[:-1] and not script.endswith(";") and not re.search(r"\breturn\b", script) else script


class Recording:
    """Fills in the draft of a journey.

    Args:
        draft: is filled in.
        imported: takes the secrets.
        names: of variables and secrets.
    """

    def __init__(self, draft: Draft, imported: Imported, names: Names) -> None:
        self.draft, self._imported, self._names = draft, imported, names
        draft.document.setdefault("kind", "journey")

    def add(self, place: str, source: str, translate: Callable[[], Made], keys: Mapping[str, Any] | None = None) -> None:
        """Translate one step.

        Args:
            place: of it, for the report.
            source: what stands there, without secrets.
            translate: makes the steps, or raises Untranslatable.
            keys: that all of these get: `if`, `optional`, `frame`, …
        """
        source = shorten(source)
        try:
            found = _translated(translate)
        except Untranslatable as error:
            # Only `--keep-going` writes it: it fails when it is run, and says why.
            step = {"exit": "fail", "message": f"{REFUSAL}: {source}. {error}"[:_MESSAGE]}
            self.draft.lines.append(Line(place, source, "refused", str(error), (with_keys(step, **_only_if(keys)),)))
            return
        steps = tuple(with_keys(step, **(keys or {})) for step in found.steps)
        self.draft.lines.append(Line(place, source, "noted" if found.note else "translated", found.note, steps))

    def put(self, place: str, source: str, found: Made) -> None:
        """Add steps that are made already."""
        self.add(place, source, lambda: found)

    def browser(self, key: str, value: Any) -> None:
        """Set up the browser."""
        self.draft.document.setdefault("browser", {})[key] = value

    def secret(self, wish: str, value: str) -> str:
        """Return what stands in the file for a secret."""
        same = next((name for name, other in self._imported.secrets.items() if other == value), None)
        name = same or self._names.free(wish)
        self._imported.secrets[name] = value
        return f"${{{name}}}"

    def address(self, url: str) -> str:
        """Return a URL as `open` takes it: without the host that the check's `url` has. Raises Untranslatable: it is not http."""
        if variable := _VARIABLE.match(url):
            self.draft.document.setdefault("url", variable[0])
            return url
        if url.startswith("/"):
            return url
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise Untranslatable(f"{shorten(url)!r} is no address that checks open: only http and https are.")
        host = parts.netloc.rpartition("@")[2]
        if parts.username:
            self.sign_in(parts.username, parts.password or "")
        site = self.draft.document.setdefault("url", f"{parts.scheme}://{host}")
        rest = parts._replace(scheme="", netloc="").geturl() or "/"
        return rest if site == f"{parts.scheme}://{host}" else f"{parts.scheme}://{host}{rest}"

    def sign_in(self, user: str, password: str) -> None:
        """Set up HTTP authentication."""
        self.browser("auth", {"user": user, "password": self.secret(f"{self.draft.title} password", password)})

    def text_for(self, target: Target, text: str, literal: str) -> tuple[str, bool]:
        """Return the text for a field, and whether it is a secret: one for a password becomes one.

        Args:
            target: the field.
            text: as a check file has it, with variables.
            literal: as it was recorded.
        """
        # What is put together of variables holds nothing by itself.
        is_private = _PRIVATE.search(" ".join([target] if isinstance(target, str) else target)) is not None
        if is_private and literal and text.replace("$${", "${") == literal:
            return self.secret(f"{self.draft.title} {_wish(target)}", literal), True
        return text, is_private


def _translated(translate: Callable[[], Made]) -> Made:
    try:
        return translate()
    except MISSHAPEN as error:
        raise Untranslatable(f"It is not as it is documented: {error!r}.") from None


def _only_if(keys: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (keys or {}).items() if key in ("if", "if_", "optional")}


def _wish(target: Target) -> str:
    first = target if isinstance(target, str) else target[0]
    found = _PRIVATE.search(first)
    return found[0] if found else "password"
