"""Everything that can be the largest paint, and what is said of it."""

from __future__ import annotations

import pytest
from watching import SHOP, Watch

pytestmark = pytest.mark.browser

PICTURE = "/hero.svg?ms=100"
SIZE = 'width="900" height="400"'


@pytest.mark.parametrize(
    ("body", "has_url"),
    [
        pytest.param(f'<p>words</p><img id="big" src="{PICTURE}" {SIZE}>', True, id="image"),
        pytest.param(f'<p>words</p><svg {SIZE}><image id="big" href="{PICTURE}" {SIZE}/></svg>', True, id="image-in-svg"),
        pytest.param('<p>words</p><h1 id="big" style="font-size: 90px">The largest words of all</h1>', False, id="text"),
        pytest.param(
            f'<p>words</p><div id="big" style="width: 900px; height: 400px; background: url({PICTURE})"></div>',
            True,
            id="background",
        ),
        pytest.param(f'<p>words</p><video id="big" poster="{PICTURE}" {SIZE}></video>', True, id="video"),
        pytest.param(f'<p>words</p><img id="big" src="{{other}}{PICTURE}" {SIZE}>', True, id="image-from-another-host"),
        pytest.param(
            f'<p>words</p><img id="big" src="{PICTURE}" {SIZE} loading="lazy" fetchpriority="high">', True, id="lazy-image"
        ),
    ],
)
def test_largest_paint(watch: Watch, body: str, has_url: bool) -> None:
    tab = watch.visit(body.replace("{other}", watch.collector.url))
    tab.wait_until("oracle.metrics.LCP.target === '#big'")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["lcp.element"] == "#big"
    assert row.get("lcp.url", "").endswith("/hero.svg") is has_url
    assert not has_url or row["lcp.resource_load_duration"] > 90


def test_largest_element_that_is_removed_later(watch: Watch) -> None:
    tab = watch.visit(SHOP)
    tab.wait_until("oracle.metrics.LCP.target === '#hero'")
    tab.evaluate("document.getElementById('hero').remove()")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["lcp.element"] == "#hero"
    assert row["lcp.resource_load_duration"] > 140


@pytest.mark.parametrize("name", ["id", "class"])
def test_largest_element_that_was_removed_before_the_scripts_came(watch: Watch, name: str) -> None:
    tab = watch.open(watch.page(f'<p>words</p><h1 {name}="big">The largest words of all</h1>', scripts=""))
    tab.wait_until("performance.getEntriesByName('first-contentful-paint').length")
    tab.evaluate("document.querySelector('h1').remove()")
    tab.rest()
    watch.add_scripts(tab)
    tab.wait_until("oracle.metrics.LCP && oracle.metrics.TTFB && oracle.metrics.CLS")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row.get("lcp.element") == ("#big" if name == "id" else None)


def test_nothing_counts_after_the_first_click(watch: Watch) -> None:
    tab = watch.visit(SHOP.replace('id="hero" src="/hero.svg?ms=150"', 'id="hero" hidden'))
    watch.slow_click(tab, "#buy")
    tab.evaluate("Object.assign(document.getElementById('hero'), {hidden: false, src: '/hero.svg'})")
    tab.wait_until("document.getElementById('hero').complete")
    tab.rest()
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["lcp.element"] == "#title"


def test_second_picture_from_the_same_address(watch: Watch) -> None:
    tab = watch.visit('<p>words</p><img id="small" src="/hero.svg?ms=30" width="300" height="133">')
    tab.evaluate(
        """new Promise((onload) => document.body.append(
          Object.assign(new Image(900, 400), {id: 'big', src: '/hero.svg?ms=30', onload}))).then(() => 0)"""
    )
    tab.wait_until("oracle.metrics.LCP.target === '#big'")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["lcp.element"] == "#big"
