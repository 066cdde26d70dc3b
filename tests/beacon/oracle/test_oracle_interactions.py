"""Interactions: which one of many stands for the page, and what is known of it."""

from __future__ import annotations

import pytest
from watching import SHOP, Watch

pytestmark = pytest.mark.browser

# Keys that take their time, in ms; all others are quick.
KEYS = """<h1>Keys</h1><input id="field" autofocus>
<script>
  const COSTS = {s: 60, m: 110, l: 180};
  document.getElementById('field').addEventListener('keydown', function onKey({key}) {
    const end = Date.now() + (COSTS[key] ?? 0);
    while (Date.now() < end);
  });
</script>"""


@pytest.mark.parametrize(("count", "left_out"), [(49, 0), (60, 1)])
def test_one_interaction_in_fifty_is_left_out(watch: Watch, count: int, left_out: int) -> None:
    tab = watch.visit(KEYS)
    for key in "slm" + "a" * (count - 3):
        tab.press(key)
    tab.wait_until(f"performance.interactionCount === {count}")
    tab.wait_until("Object.values(oracle.interactions).filter((duration) => duration >= 48).length >= 3")
    tab.rest()
    durations = sorted(tab.evaluate("Object.values(oracle.interactions)"), reverse=True)
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["inp.value"] == durations[left_out]
    assert (row["inp.interaction_type"], row["inp.interaction_target"]) == ("keyboard", "#field")
    assert row.get("interaction.count", count) == count


def test_single_quick_interaction(watch: Watch) -> None:
    tab = watch.visit(SHOP)
    tab.evaluate("slowness = 0")
    tab.click("#buy")
    # The browser tells of the first one however quick it was.
    tab.wait_until("performance.getEntriesByType('first-input').length")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["inp.value"] > 0


def test_element_that_removes_itself_is_still_named_where_the_browser_can(watch: Watch) -> None:
    tab = watch.visit(SHOP)
    tab.evaluate("document.getElementById('buy').addEventListener('click', ({target}) => target.remove())")
    watch.slow_click(tab, "#buy")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["inp.value"] >= 88


def test_work_of_others_before_and_after_the_handler(watch: Watch) -> None:
    script = """<script>
      const busy = (ms) => { const end = Date.now() + ms; while (Date.now() < end); };
      document.getElementById('buy').addEventListener('pointerdown', function onDown() {
        busy(40);
        requestAnimationFrame(function onFrame() { busy(70); });
      });
    </script>"""
    tab = watch.visit(SHOP + script)
    watch.slow_click(tab, "#buy")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["inp.total_script_duration"] > 80
