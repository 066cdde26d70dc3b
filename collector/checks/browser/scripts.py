"""Scripts that run in pages."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from playwright.sync_api import ElementHandle, Error, Frame

from collector.checks.marks import MARK_FIELD, Mark

#: Runs before every page's own scripts. The fields wait in the stub for the page's beacon, as a page's own calls do. A frame of
#: another site gets none: nobody but the site that is checked has to know the mark.
_INIT: Final = """(() => {
  try {
    if (top !== window && top.location.origin !== location.origin) return;
  } catch {
    return;
  }
  const stub = (window.wideload = window.wideload || function () {
    (stub.q = stub.q || []).push(arguments);
  });
  window.wideload('set', FIELDS);
})();"""
#: A page view is of the step that opened the page.
_OPENED: Final = """(fields) => {
  const told = Symbol.for('wideload.step');
  if (told in window || !window.wideload) return;
  window[told] = true;
  window.wideload('set', fields);
}"""
_FLUSH: Final = "(fields) => { if (window.wideload) { window.wideload('set', fields); window.wideload('flush'); } }"
#: Whether a page is measured: the beacon leaves this.
HAS_BEACON: Final = "() => Symbol.for('wideload') in window"
#: The browser waits for a promise for ever, and a function would come back as nothing.
_RACE: Final = """({vars, element, ms}) => Promise.race([
  (async () => {BODY})().then((value) => typeof value === 'function' || value),
  new Promise((_, reject) => setTimeout(() => reject(new Error('It took longer than ' + ms / 1000 + ' s.')), ms)),
])"""
_BODY: Final = re.compile(r"(?:^|[\s;{}()])return\b|^\s*(?:const|let|var|if|for|while|throw|try)\b|;\s*$")


def mark_fields(mark: Mark, about: Mapping[str, str], attempt: int) -> dict[str, str | int]:
    """Return the fields that say of a page view which run caused it."""
    return {"check.run_id": mark.run_id, MARK_FIELD: mark.text, **about, "check.attempt": attempt}


def init_script(fields: Mapping[str, str | int]) -> str:
    """Return the script that gives pages their fields."""
    return _INIT.replace("FIELDS", json.dumps(dict(fields)))


def set_fields(frame: Frame, fields: Mapping[str, str | int], flush: bool = False) -> None:
    """Give the page that is open further fields, once; with `flush` in any case, and its beacon sends now."""
    try:
        frame.evaluate(_FLUSH if flush else _OPENED, dict(fields))
    except Error:
        # The page is on its way to another one, whose script has them.
        return


def is_body(code: str) -> bool:
    """Whether JavaScript is a body of statements, not an expression."""
    return _BODY.search(code) is not None


def run_script(frame: Frame, code: str, variables: Mapping[str, str], seconds: float, element: ElementHandle | None = None) -> Any:
    """Return what JavaScript gives.

    Args:
        frame: where it runs.
        code: an expression, or a body with `return`; both may await.
        variables: are there as `vars`.
        seconds: how long it may take.
        element: is there as `element`.

    Raises:
        Error: it threw, or took longer.
    """
    body = code if is_body(code) else f"return (\n{code}\n);"
    function = _RACE.replace("BODY", f"\n{body}\n")
    return frame.evaluate(function, {"vars": dict(variables), "element": element, "ms": round(seconds * 1000)})
