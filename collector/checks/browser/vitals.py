"""The vitals of a page, measured by our own beacon: the same code as for real users.

It runs in a world of its own beside the page's scripts, so it neither meets the beacon that the page may have, nor is it stopped
by the page's security policy, and what it would send stays here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import CDPSession, Error

from collector.errors import WideloadError

BEACON: Final = Path(__file__).parents[2] / "static" / "beacon" / "beacon.full.js"
_WORLD: Final = "wideload"
#: The script reads its settings from its tag, and sends by `fetch`.
_AROUND: Final = """(() => {
  if (window !== top) return;
  const sent = (globalThis.__sent = []);
  const tasks = (globalThis.__tasks = []);
  try {
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({startTime, duration}) => [startTime, duration])))
      .observe({type: 'longtask', buffered: true});
  } catch {}
  const fetch = (url, {body}) => {
    sent.push(body);
    return Promise.resolve(new Response('{}', {status: 202}));
  };
  const fetchLater = undefined;
  const tag = {dataset: {key: 'check', gpc: 'ignore'}, src: location.href};
  Object.defineProperty(document, 'currentScript', {configurable: true, get: () => tag});
  try {
    BEACON
  } finally {
    delete document.currentScript;
  }
})();"""
_READ: Final = """(() => {
  window.wideload?.('flush');
  const [entry] = performance.getEntriesByType('navigation');
  const ends = performance.getEntriesByType('resource').map(({responseEnd}) => responseEnd);
  return JSON.stringify({
    bodies: __sent, tasks: __tasks, origin: performance.timeOrigin,
    loaded: Math.max(entry?.responseEnd ?? 0, entry?.loadEventEnd ?? 0, ...ends),
  });
})()"""
#: What tells of the beacon and of the visit, not of the page.
_NOT_OF_THE_PAGE: Final = ("id", "kind", "time", "revision", "page.age", "page.visible_time", "sample_rate")
_GROUPS_LEFT_OUT: Final = ("beacon.", "visibility.", "view.", "session.")
_LONG_TASK_MS: Final = 50


class Vitals:
    """Measures what a page loads next.

    Args:
        session: of the page.

    Raises:
        WideloadError: the beacon is not built.
    """

    def __init__(self, session: CDPSession) -> None:
        if not BEACON.exists():
            raise WideloadError(f"The beacon is not built, so pages cannot be measured: {BEACON} is missing. Run `make build`.")
        self._session, self._worlds = session, list[int]()
        session.on("Runtime.executionContextCreated", self._on_world)
        session.send("Page.enable")
        # A frame within the page has such a world, too.
        self._frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        session.send("Runtime.enable")
        source = _AROUND.replace("BEACON", BEACON.read_text(encoding="utf-8"))
        session.send("Page.addScriptToEvaluateOnNewDocument", {"source": source, "worldName": _WORLD})

    def read(self) -> tuple[dict[str, Any], float]:
        """Return the page view's fields, and when its times begin, in epoch milliseconds. Raises WideloadError."""
        try:
            answer = self._session.send("Runtime.evaluate", {"contextId": self._worlds[-1], "expression": _READ})
            found = json.loads(answer["result"]["value"])
        except (Error, IndexError, KeyError) as error:
            raise WideloadError(f"The page told no vitals: {type(error).__name__}.") from None
        fields: dict[str, Any] = {}
        for body in found["bodies"]:
            for event in json.loads(body)["events"]:
                if event["kind"] == "page_view":
                    fields = event
        kept = {
            name: value for name, value in fields.items()
            if name not in _NOT_OF_THE_PAGE and not name.startswith(_GROUPS_LEFT_OUT)
        }  # fmt: skip
        kept["page.fully_loaded"] = round(found["loaded"], 1)
        if (fcp := kept.get("fcp.value")) is not None:
            kept["tbt.value"] = round(sum(max(0, took - _LONG_TASK_MS) for start, took in found["tasks"] if start >= fcp), 1)
        return kept, found["origin"]

    def _on_world(self, event: dict[str, Any]) -> None:
        context = event["context"]
        if context["name"] == _WORLD and context["auxData"].get("frameId") == self._frame:
            self._worlds.append(event["context"]["id"])
