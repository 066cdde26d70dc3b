"""Layout shifts: session windows, what moved, and what does not count."""

from __future__ import annotations

import pytest
from devtools import Tab
from watching import SHOP, Watch

pytestmark = pytest.mark.browser


def shift(tab: Tab, height: int) -> None:
    """Make the banner so high, and wait until the browser has told of the shift."""
    shifts = tab.evaluate("oracle.shifts")
    tab.evaluate(f"document.getElementById('banner').style.height = '{height}px'")
    tab.wait_until(f"oracle.shifts > {shifts}")


def test_the_worse_of_two_session_windows_counts(watch: Watch) -> None:
    tab = watch.visit(SHOP)
    shift(tab, 40)
    shift(tab, 90)
    # A window ends after a second without a shift.
    tab.evaluate("new Promise((done) => setTimeout(done, 1050))")
    shift(tab, 20)
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["cls.value"] > row["cls.largest_shift_value"] * 1.2


def test_later_window_may_be_the_worse_one(watch: Watch) -> None:
    tab = watch.visit(SHOP)
    shift(tab, 20)
    first = tab.evaluate("oracle.metrics.CLS.value")
    tab.evaluate("new Promise((done) => setTimeout(done, 1050))")
    shift(tab, 200)
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["cls.value"] == pytest.approx(row["cls.largest_shift_value"], abs=0.0001)
    assert row["cls.value"] > first


def test_shift_after_a_click_is_the_visitors_own_doing(watch: Watch) -> None:
    tab = watch.visit(SHOP)
    tab.evaluate("slowness = 0")
    tab.click("#buy")
    shift(tab, 100)
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["cls.value"] == 0


def test_frame_that_is_moved_counts_and_what_moves_within_does_not(watch: Watch) -> None:
    watch.site.pages["/inner"] = '<div id="top" style="padding: 1px"></div><p>words within'
    frame = '<iframe id="frame" src="/inner" width="900" height="500"></iframe>'
    tab = watch.visit(f'<div id="banner" style="padding: 1px"></div><h1 id="title">Shop</h1>{frame}')
    inner = "document.getElementById('frame').contentWindow"
    tab.evaluate(
        f"""new Promise((done) => {{
          new ({inner}.PerformanceObserver)(done).observe({{type: 'layout-shift'}});
          {inner}.document.getElementById('top').style.height = '90px';
        }}).then(() => 0)"""
    )
    assert tab.evaluate("oracle.metrics.CLS.value") == 0
    shift(tab, 90)
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["cls.largest_shift_target"] in ("#frame", "#title")


def test_element_that_is_gone_afterwards_is_still_named(watch: Watch) -> None:
    tab = watch.visit('<div id="banner" style="padding: 1px"></div><h1 id="title">Shop</h1>')
    shift(tab, 90)
    tab.evaluate("document.getElementById('title').remove()")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["cls.largest_shift_target"] == "#title"
