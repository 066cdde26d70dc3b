"""What the tests ask of a browser, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from beacon_site import Server


class Tab(Protocol):
    """One page's place in a browser."""

    def goto(self, url: str) -> None: ...
    def evaluate(self, expression: str) -> Any: ...
    def click(self, selector: str) -> None: ...
    def hide(self) -> None: ...
    def close(self) -> None: ...


class Engine(Protocol):
    """A running browser."""

    def open_tab(self) -> Tab: ...


# An expression that waits until the page was painted and its observers have been told.
PAINTED = """new Promise((done) => {
  const look = () => performance.getEntriesByName('first-contentful-paint').length ? setTimeout(done, 100) : setTimeout(look, 20);
  look();
})"""

#: Serves `body` in a page that carries the beacon and opens it: see the fixture `visit`.
Visit = Callable[..., Tab]


def leave(tab: Tab, site: Server) -> None:
    """Go somewhere else."""
    tab.goto(site.url + "/left")
