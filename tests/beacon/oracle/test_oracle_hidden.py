"""Pages that nobody looks at, from the start or for a while: a paint counts only if the page was visible until then."""

from __future__ import annotations

import pytest
from devtools import Tab
from watching import SHIFT, SHOP, Watch

pytestmark = pytest.mark.browser

PAINTS = {"fcp.value", "lcp.value", "cls.value"}


def hide(watch: Watch, tab: Tab) -> None:
    """Open another tab in front."""
    watch.open()
    tab.wait_until("document.hidden")


def show(tab: Tab) -> None:
    tab.show()
    tab.wait_until("!document.hidden")
    tab.rest()


def test_page_opened_and_left_in_the_background(watch: Watch) -> None:
    tab = watch.open_behind(watch.page(SHOP))
    tab.wait_until("document.readyState === 'complete' && oracle.metrics.TTFB")
    watch.leave(tab)

    (row,) = watch.rows()

    assert not PAINTS & set(row)
    assert row["page.hidden_at_start"] is True


def test_page_opened_in_the_background_and_looked_at_later(watch: Watch) -> None:
    tab = watch.open_behind(watch.page(SHOP))
    tab.wait_until("document.readyState === 'complete' && oracle.metrics.TTFB")
    show(tab)
    tab.evaluate(SHIFT)
    watch.slow_click(tab, "#buy")
    watch.leave(tab)

    (row,) = watch.rows()

    assert not PAINTS & set(row)
    assert row["inp.value"] >= 88


def test_page_covered_before_its_first_paint_and_looked_at_again(watch: Watch) -> None:
    tab = watch.open(watch.page('<link rel="stylesheet" href="/style.css?hold=1">' + SHOP))
    watch.site.wait_for("/style.css?hold=1")
    hide(watch, tab)
    watch.site.release.set()
    tab.wait_until("document.readyState === 'complete' && oracle.metrics.TTFB")
    show(tab)
    tab.wait_until("performance.getEntriesByName('first-contentful-paint').length")
    tab.evaluate(SHIFT)
    watch.leave(tab)

    (row,) = watch.rows()

    assert not PAINTS & set(row)
    assert row["page.hidden_at_start"] is False


def test_page_covered_between_first_and_largest_paint(watch: Watch) -> None:
    tab = watch.open(watch.page(SHOP.replace("ms=150", "hold=1")))
    tab.wait_until("oracle.metrics.LCP")
    hide(watch, tab)
    watch.site.release.set()
    tab.wait_until("document.readyState === 'complete' && oracle.metrics.TTFB")
    show(tab)
    tab.evaluate(SHIFT)
    tab.wait_until("oracle.metrics.CLS.value > 0")
    watch.slow_click(tab, "#buy")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["lcp.element"] == "#title"
    assert row["inp.value"] >= 88


def test_page_covered_twice_after_it_has_loaded(watch: Watch) -> None:
    tab = watch.visit(SHOP)
    hide(watch, tab)
    show(tab)
    tab.evaluate(SHIFT)
    tab.wait_until("oracle.metrics.CLS.value > 0")
    hide(watch, tab)
    show(tab)
    watch.slow_click(tab, "#buy")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["cls.value"] > 0
    assert row["inp.value"] >= 88
