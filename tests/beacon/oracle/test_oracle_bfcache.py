"""Returns from the back/forward cache: each is a view of its own."""

from __future__ import annotations

import pytest
from watching import SHIFT, SHOP, STEADY_CLOCK, Watch

pytestmark = pytest.mark.browser


def test_two_returns(watch: Watch) -> None:
    tab = watch.visit(STEADY_CLOCK + SHOP)
    watch.slow_click(tab, "#buy")
    watch.go_and_return(tab)
    # A shift within half a second of a click is the visitor's own doing.
    tab.evaluate("new Promise((done) => setTimeout(done, 500))")
    tab.evaluate(SHIFT)
    tab.wait_until("oracle.metrics.CLS.value > 0")
    watch.go_and_return(tab)
    tab.evaluate("slowness = 60")
    watch.slow_click(tab, "#buy", 2)
    watch.leave(tab)

    load, first, second = watch.rows(3)

    assert [row["navigation.type"] for row in (load, first, second)] == ["navigate", "back-forward-cache", "back-forward-cache"]
    assert load["inp.value"] >= 88
    assert second["inp.value"] >= 56
    assert load["inp.interaction_time"] < load["page.age"] < second["inp.interaction_time"]
    assert "inp.value" not in first
    assert first["cls.value"] > load["cls.value"] == second["cls.value"] == 0
    assert first["fcp.value"] > 0


def test_return_to_a_page_that_is_then_covered(watch: Watch) -> None:
    tab = watch.visit(STEADY_CLOCK + SHOP)
    watch.go_and_return(tab)
    watch.open()
    tab.wait_until("document.hidden")
    tab.show()
    tab.wait_until("!document.hidden")
    tab.evaluate(SHIFT)
    tab.wait_until("oracle.metrics.CLS.value > 0")
    watch.leave(tab)

    load, back = watch.rows(2)

    assert back["cls.value"] > load["cls.value"]
