"""Explore and the panels that lead there, used in a browser as a reader would: by pointer, by keyboard, by link."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
import pytest
from playwright.sync_api import Browser, Locator, expect
from watching import Watched, sign_in

from bench.running import Running, collector

pytestmark = pytest.mark.browser

DEFINITIONS = Path(__file__).parents[2] / "dashboards" / "definitions"
USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36",
)
#: The tables in which something is cut off.
CUT = """[...document.querySelectorAll('.table-scroll')]
    .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.ariaLabel)"""
VIEWS = 480
HOURS = 5.8


def page_view(number: int, now: float) -> dict[str, Any]:
    """Return one of the page views of some hours: those of release 2.0, a third, are slow in Chrome, and all become slower."""
    is_new = number % 3 == 0
    browser = ("Chrome", "Firefox")[number % 2]
    slow = is_new and browser == "Chrome"
    return {
        "id": str(UUID(int=(number * 0x9E3779B97F4A7C15F39CC0605CEDC835) % 2**128)),
        "kind": "page_view",
        "time": int((now - HOURS * 3600 * (1 - number / VIEWS)) * 1000),
        "page.path": ("/", "/search", "/cart")[number // 7 % 3],
        "service.version": "2.0" if is_new else "1.0",
        "plan": browser.lower(),
        "lcp.value": (5200.0 if slow else 1300.0) + 37 * (number % 13) + number / 4,
        "lcp.time_to_first_byte": 300.0,
        "lcp.resource_load_delay": 4000.0 if slow else 100.0,
        "lcp.resource_load_duration": 400.0,
        "lcp.element_render_delay": 500.0 + 37 * (number % 13) + number / 4,
        "cls.value": 0.01 * (number % 7),
    }


@pytest.fixture(scope="module")
def shop() -> Iterator[Running]:
    """A collector with the page views of some hours."""
    now = time.time() - 60
    with collector() as running:
        events = [page_view(number, now) for number in range(VIEWS)]
        for place, agent in enumerate(USER_AGENTS):
            some = [event for number, event in enumerate(events) if number // 5 % 2 == place]
            body = {"v": 1, "sent_at": int(time.time() * 1000), "events": some}
            answer = httpx2.post(f"{running.url}/v1/beacon/demo", json=body, headers={"user-agent": agent})
            assert answer.json() == {"accepted": len(some), "rejected": []}
        deadline = time.monotonic() + 30
        while running.count() < VIEWS:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield running


@pytest.fixture(scope="module")
def signed_in(browser: Browser, shop: Running) -> Any:
    return sign_in(browser, shop)


@pytest.fixture
def reader(browser: Browser, shop: Running, signed_in: Any) -> Iterator[Watched]:
    context = browser.new_context(storage_state=signed_in, viewport={"width": 1440, "height": 1000})
    yield Watched(context, shop)
    context.close()


def chart(reader: Watched, panel: str) -> Locator:
    return reader.page.locator(f"[data-panel='{panel}'] .chart")


def drag(reader: Watched, area: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag over an element, from and to parts of its width and height."""
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box
    points = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in (start, end)]
    reader.page.mouse.move(*points[0])
    reader.page.mouse.down()
    reader.page.mouse.move(*points[1], steps=4)
    reader.page.mouse.up()


def query_of(reader: Watched) -> dict[str, list[str]]:
    return parse_qs(urlsplit(reader.page.url).query)


def test_a_box_of_a_heat_map_tells_what_is_different(reader: Watched) -> None:
    reader.open("view=metric&time=6h")
    drag(reader, chart(reader, "heat"), (0.1, 0.02), (0.98, 0.3))
    reader.settle()

    expect(reader.page.get_by_role("heading", name="Explore", level=1)).to_be_visible()
    bubble = reader.page.get_by_role("region", name="What is different")
    expect(bubble.locator(".bubble-summary")).to_contain_text("service.version = 2.0")
    expect(bubble.get_by_role("group", name="plan")).to_contain_text("100 %")
    assert reader.audit() == []
    assert reader.inaccessible() == []


def test_a_bar_of_what_is_different_filters_excludes_and_groups(reader: Watched) -> None:
    selection = json.dumps({"column": "lcp.value", "min": 5000})
    reader.open(f"view=explore&time=6h&show=heatmap&c=P75(lcp.value)&select={selection}")
    plan = reader.page.get_by_role("group", name="plan")

    plan.get_by_role("button", name=re.compile("^firefox")).click()
    plan.get_by_role("button", name="Without plan = firefox").click()
    reader.settle()
    assert "plan:!=:firefox" in query_of(reader)["f"]

    reader.page.go_back()
    reader.settle()
    plan.get_by_role("button", name=re.compile("^chrome")).click()
    plan.get_by_role("button", name="Group by plan").click()
    reader.settle()
    assert query_of(reader)["by"] == ["plan"]
    expect(reader.page.locator(".curve-legend")).to_contain_text("firefox")
    assert reader.problems == []


def test_cells_are_selected_with_the_keyboard(reader: Watched) -> None:
    reader.open("view=explore&time=6h&show=heatmap&c=P75(lcp.value)")
    heat = chart(reader, "heatmap")
    heat.focus()
    for key in ("ArrowRight", "PageUp", "Home"):
        reader.page.keyboard.press(key)
    reader.page.keyboard.press("Shift+End")
    for _ in range(4):
        reader.page.keyboard.press("Shift+ArrowDown")
    expect(reader.page.locator("[data-panel=heatmap] .readout")).to_contain_text(re.compile(r": 80$"))

    reader.page.keyboard.press("Enter")
    reader.settle()

    selected = json.loads(query_of(reader)["select"][0])
    assert selected["column"] == "lcp.value" and selected["min"] > 2000
    expect(reader.page.locator(".sides")).to_contain_text("80 selected")


def test_what_is_different_leads_to_the_events_themselves(reader: Watched) -> None:
    selection = json.dumps({"column": "lcp.value", "min": "P90"})
    reader.open(f"view=explore&time=6h&show=heatmap&c=P75(lcp.value)&f=kind:=:page_view&select={selection}")
    selected = reader.page.locator("[data-side=selection]").first.inner_text().removesuffix(" selected")
    reader.page.get_by_role("link", name="List them").click()
    reader.settle()

    assert query_of(reader)["view"] == ["page-views"]
    expect(reader.page.locator(".list-end")).to_contain_text(f"{selected} page views")
    assert reader.problems == []


def test_a_panel_leads_to_its_page_views(reader: Watched) -> None:
    reader.open("time=6h&f=plan:=:chrome")
    reader.page.locator("[data-panel=lcp] .panel-menu button").click()
    reader.page.get_by_role("link", name="List the page views").click()
    reader.settle()

    expect(reader.page.get_by_role("heading", name="Page views", level=1)).to_be_visible()
    assert "plan:=:chrome" in query_of(reader)["f"]


def test_what_is_slower_than_a_percentile_needs_no_box(reader: Watched) -> None:
    reader.open("view=explore&time=6h&show=histogram&c=P75(lcp.value)")
    reader.page.get_by_role("button", name="p90").click()
    reader.settle()

    expect(reader.page.locator(".bubble-summary")).to_contain_text("service.version = 2.0")


def test_a_group_is_a_selection(reader: Watched) -> None:
    reader.open("view=explore&time=6h&by=plan&c=P75(lcp.value)")
    row = reader.page.locator("[data-panel=groups] tbody tr").filter(has_text="chrome")
    row.hover()
    row.get_by_role("button", name="Different how?").click()
    reader.settle()

    assert json.loads(query_of(reader)["select"][0]) == {"group": {"plan": "chrome"}}
    expect(reader.page.locator(".sides")).to_contain_text("240 selected")


def test_a_question_is_built_from_nothing(reader: Watched) -> None:
    page = reader.page
    reader.open("time=6h")
    page.get_by_role("link", name="Explore").click()
    reader.settle()

    page.get_by_role("button", name="Add a field to group by").click()
    page.get_by_role("form", name="Field").get_by_label("Field").fill("service.version")
    page.get_by_role("button", name="Group", exact=True).click()
    reader.settle()
    page.get_by_role("button", name="Add a calculation").click()
    form = page.get_by_role("form", name="Calculation")
    form.get_by_label("Calculation").select_option("COUNT")
    form.get_by_role("button", name="Add").click()
    reader.settle()
    page.get_by_role("combobox", name="Order").select_option("COUNT:ascending")
    reader.settle()

    assert query_of(reader)["c"] == ["P75(lcp.value)", "COUNT"]
    cells = page.locator("[data-panel=groups] tbody tr .cell-number").all_inner_texts()
    assert cells == ["160", "320"]
    assert reader.audit() == []
    assert reader.inaccessible() == []


def test_any_percentile_is_asked_and_kept(reader: Watched) -> None:
    page = reader.page
    reader.open("view=explore&time=6h&show=table")
    page.get_by_role("button", name="Add a calculation").click()
    form = page.get_by_role("form", name="Calculation")
    form.get_by_label("Calculation").select_option("another percentile")
    form.get_by_label("Field").fill("lcp.value")
    form.get_by_label("Percent").fill("120")
    expect(form.get_by_text("A percentile lies from 0 to 99.99.")).to_be_visible()
    form.get_by_label("Percent").fill("99.5")
    form.get_by_role("button", name="Add").click()
    reader.settle()
    assert query_of(reader)["c"] == ["P75(lcp.value)", "P99.5(lcp.value)"]

    page.get_by_role("button", name="Add to a dashboard").click()
    form = page.get_by_role("form", name="Add to a dashboard")
    form.get_by_label("Its title").fill("The slowest")
    form.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="The slowest", level=1)).to_be_visible()
    reader.settle()
    assert reader.audit() == []


def test_every_panel_of_the_overview_opens_in_explore(reader: Watched) -> None:
    reader.open("time=6h&f=plan:=:chrome")
    for panel in ("lcp", "lcp-over-time", "slowest-pages"):
        reader.open("time=6h&f=plan:=:chrome")
        reader.page.locator(f"[data-panel={panel}] .panel-menu button").click()
        reader.page.get_by_role("link", name="Open in Explore").click()
        reader.settle()

        assert {"kind:=:page_view", "plan:=:chrome"} <= set(query_of(reader)["f"])
        assert "P75(lcp.value)" in query_of(reader)["c"]
        expect(reader.page.locator(".explore-panels .panel").first).to_be_visible()
    assert reader.audit() == []


def test_a_time_is_dragged_over_to_be_shown(reader: Watched) -> None:
    reader.open("time=6h")
    drag(reader, chart(reader, "lcp-over-time"), (0.6, 0.5), (0.9, 0.5))
    reader.settle()
    start, end = query_of(reader)["time"][0].split("_")
    assert start < end

    reader.page.go_back()
    reader.settle()
    assert query_of(reader)["time"] == ["6h"]

    chart(reader, "lcp-over-time").focus()
    for key in ("End", "Shift+ArrowLeft", "Shift+ArrowLeft", "Enter"):
        reader.page.keyboard.press(key)
    reader.settle()
    assert "_" in query_of(reader)["time"][0]


def test_a_stretch_of_a_histogram_filters(reader: Watched) -> None:
    reader.open("view=metric&time=6h")
    drag(reader, chart(reader, "distribution"), (0.6, 0.5), (0.98, 0.5))
    reader.settle()

    reader.page.mouse.move(0, 0)
    assert [text.split(":")[1] for text in query_of(reader)["f"]] == [">=", "<="]
    expect(reader.page.locator("[data-panel=distribution] .readout")).to_contain_text("80 samples")


def test_every_vital_has_its_detail(reader: Watched) -> None:
    reader.open("view=metric&time=6h")
    assert reader.inaccessible() == []

    reader.page.get_by_role("button", name="CLS", exact=True).click()
    reader.settle()

    assert query_of(reader)["var-vital"] == ["cls"]
    expect(reader.page.locator("[data-panel=p75] .big-value")).to_have_text("0.050")
    assert reader.audit() == []


def test_charts_and_tiles_compare_with_the_time_before(reader: Watched) -> None:
    reader.open("time=1h&compare=previous")

    expect(reader.page.locator("[data-panel=lcp] .change")).to_contain_text("slower than before")
    expect(reader.page.locator("[data-panel=lcp-over-time] .past path").first).to_be_attached()
    assert reader.audit() == []


def test_what_happened_is_seen_on_charts_over_time(reader: Watched, shop: Running) -> None:
    marker = {"dataset": "demo", "message": "deploy <b>4.2</b>", "type": "deploy", "start_time": int(time.time()) - 3600}
    answer = httpx2.post(f"{shop.url}/api/markers", json=marker, headers={"authorization": f"Bearer {shop.token}"})
    assert answer.status_code == 201

    reader.open("time=6h")
    expect(reader.page.locator("[data-panel=lcp-over-time] .marker")).to_have_count(1)
    reader.page.locator("[data-panel=lcp-over-time] .marker path").hover()
    expect(reader.page.locator("[data-panel=lcp-over-time] .marker-text")).to_have_text("deploy <b>4.2</b>")
    assert reader.audit() == []


def test_devices_are_seen_side_by_side(reader: Watched) -> None:
    reader.open("time=6h&f=device.type:=:mobile")
    reader.page.get_by_role("button", name="Split", exact=True).click()
    reader.settle()

    assert query_of(reader) == {"time": ["6h"], "split": ["1"]}
    expect(reader.page.locator("[data-panel=lcp] .vital-groups li")).to_have_count(2)
    expect(reader.page.locator("[data-panel=lcp-over-time] .curve-legend")).to_contain_text("mobile")
    assert reader.audit() == []
    assert reader.inaccessible() == []


def test_a_question_is_kept_on_an_own_dashboard(reader: Watched) -> None:
    page = reader.page
    for show in ("line", "heatmap"):
        reader.open(f"view=explore&time=6h&show={show}&c=P75(lcp.value)&f=plan:=:chrome")
        page.get_by_role("button", name="Add to a dashboard").click()
        form = page.get_by_role("form", name="Add to a dashboard")
        if show == "line":
            form.get_by_label("Its title").fill("Chrome only")
        else:
            form.get_by_label("Dashboard").select_option("Chrome only")
        form.get_by_label("Title of the panel").fill(f"As {show}")
        form.get_by_role("button", name="Add").click()
        expect(page.get_by_role("heading", name="Chrome only", level=1)).to_be_visible()
        reader.settle()
    expect(page.locator(".slot")).to_have_count(3)
    expect(page.get_by_role("link", name="Chrome only")).to_be_visible()
    assert reader.audit() == []
    assert reader.inaccessible() == []

    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("button", name="Remove As line: Groups").or_(page.get_by_role("button", name="Remove As line: In all")).click()
    expect(page.locator(".edit-slot")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".edit-slot")).to_have_count(3)
    assert reader.inaccessible() == []
    page.get_by_role("button", name="Done", exact=True).click()
    page.get_by_role("button", name="Do more with this dashboard").click()
    page.get_by_role("button", name="Delete the dashboard").click()
    page.get_by_role("button", name="Delete it and the links to it, for good").click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Chrome only")).to_have_count(0)
    assert reader.problems == []


def edit(reader: Watched, shop: Running, title: str) -> str:
    """Make a dashboard of three charts beside each other and begin to change it; return its path in the API."""
    one = {"kind": "timeseries", "query": "all", "mark": "bars", "value": "COUNT", "width": 4}
    panels = [{**one, "id": name, "title": name.upper()} for name in ("a", "b", "c")]
    queries = {"all": {"calculations": [{"op": "COUNT"}]}}
    whole = {"title": title, "description": "", "queries": queries, "panels": panels}
    answer = httpx2.post(f"{shop.url}/api/dashboards", json=whole, headers={"authorization": f"Bearer {shop.token}"})
    assert answer.status_code == 201
    id_ = answer.json()["id"]
    reader.open(f"view={id_}&time=6h")
    reader.page.get_by_role("button", name="Edit", exact=True).click()
    expect(reader.page.locator(".edit-slot")).to_have_count(3)
    reader.settle()
    return f"/api/dashboards/{id_}"


def pull(reader: Watched, handle: Locator, x: float, y: float = 0) -> None:
    """Drag a handle by so many pixels."""
    box = handle.bounding_box()
    assert box
    mouse = reader.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 2 + x, box["y"] + box["height"] / 2 + y, steps=4)
    mouse.up()


def layout(shop: Running, path: str) -> list[tuple[str, int]]:
    return [(panel["id"], panel["width"]) for panel in shop.get(path)["panels"]]


def test_panels_are_dragged_to_a_place_and_a_width(reader: Watched, shop: Running) -> None:
    page, path = reader.page, edit(reader, shop, "Dragged")
    slots = page.locator(".edit-slot")
    width = (slots.first.bounding_box() or {})["width"]

    pull(reader, slots.nth(2).locator(".grip"), -2 * width)
    expect(slots.first).to_have_attribute("data-id", "c")
    pull(reader, slots.nth(0).locator(".edit-edge"), width / 2)
    expect(slots.first.get_by_role("slider")).to_have_attribute("aria-valuenow", "6")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".edit-grid")).to_have_count(0)
    reader.settle()

    assert layout(shop, path) == [("c", 6), ("a", 4), ("b", 4)]
    expect(page.locator(".row")).to_have_count(2)
    assert reader.audit() == []


def test_panels_are_moved_and_resized_by_keys(reader: Watched, shop: Running) -> None:
    page, path = reader.page, edit(reader, shop, "Keyed")
    page.get_by_role("button", name="Move A, place 1 of 3").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Move A, place 3 of 3")).to_be_focused()
    page.get_by_role("slider", name="Width of A").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("Title of panel 3").fill("Page views")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".edit-grid")).to_have_count(0)

    assert layout(shop, path) == [("b", 4), ("c", 4), ("a", 5)]
    expect(page.get_by_role("heading", name="Page views", level=2)).to_be_visible()
    assert reader.problems == []


@pytest.mark.parametrize(
    ("way", "mine", "copies"),
    [("Replace it with mine", True, False), ("Drop mine and show theirs", False, False), ("Keep mine beside it", False, True)],
)
def test_who_saves_second_is_told_and_chooses(reader: Watched, shop: Running, way: str, mine: bool, copies: bool) -> None:
    page, path = reader.page, edit(reader, shop, way)
    headers = {"authorization": f"Bearer {shop.token}", "if-match": '"1"'}
    theirs = {**shop.get(path), "title": "Theirs"}
    assert httpx2.put(shop.url + path, json=theirs, headers=headers).status_code == 200

    page.get_by_role("button", name="Make A wider").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("saved another version of this dashboard")
    assert layout(shop, path)[0] == ("a", 4)
    page.get_by_role("button", name=way).click()
    expect(page.locator(".edit-grid")).to_have_count(0)
    reader.settle()

    shown = f"{way} (mine)" if copies else way if mine else "Theirs"
    expect(page.get_by_role("heading", name=shown, level=1)).to_be_visible()
    assert layout(shop, path)[0] == ("a", 5 if mine else 4)
    # The browser itself says of the refusal that it is one.
    assert [problem for problem in reader.problems if "412" not in problem] == []


def test_changes_that_are_not_saved_outlast_a_reload(reader: Watched, shop: Running) -> None:
    page = reader.page
    edit(reader, shop, "Reloaded")
    page.get_by_role("button", name="Make A wider").click()
    page.reload()
    reader.settle()

    expect(page.get_by_role("slider", name="Width of A")).to_have_attribute("aria-valuenow", "5")
    page.get_by_role("button", name="Drop the changes").click()
    page.reload()
    reader.settle()
    expect(page.locator(".edit-grid")).to_have_count(0)


def test_a_file_becomes_a_dashboard(reader: Watched, tmp_path: Path) -> None:
    page = reader.page
    whole = json.loads((DEFINITIONS / "releases.json").read_text())
    for name, text, seen in (
        ("good", json.dumps({**whole, "title": "Ours"}), "Ours"),
        ("bad", '{"title": 1}', None),
        ("none", "{", None),
    ):
        (tmp_path / name).write_text(text)
        reader.open("time=6h")
        page.get_by_role("button", name="Do more with this dashboard").click()
        page.get_by_label("Make one of a JSON file").set_input_files(tmp_path / name)
        if seen:
            expect(page.get_by_role("heading", name=seen, level=1)).to_be_visible()
        else:
            expect(page.get_by_role("alert")).to_contain_text(re.compile("not of the published shape|not JSON"))


def test_a_copied_link_has_the_time_as_it_was(reader: Watched) -> None:
    reader.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.open("view=metric&time=6h&var-vital=cls")
    reader.page.get_by_role("button", name="Copy a link").click()
    expect(reader.page.get_by_role("button", name="Copied")).to_be_visible()
    link = reader.page.evaluate("navigator.clipboard.readText()")

    assert re.fullmatch(rf"{reader.url}/\?view=metric&time=\S+Z_\S+Z&var-vital=cls", link)


def test_values_are_suggested_for_a_filter(reader: Watched) -> None:
    reader.open("time=6h")
    reader.page.get_by_role("button", name="Add filter").click()
    form = reader.page.get_by_role("form", name="Filter")
    form.get_by_label("Field").fill("service.version")

    options = reader.page.locator("#field-values option")
    expect(options).to_have_count(2)
    form.get_by_label("Value").fill("1")
    expect(options.first).to_have_attribute("value", "1.0")


def test_keys_do_what_their_list_says(reader: Watched) -> None:
    page = reader.page
    reader.open("time=6h")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert reader.inaccessible() == []
    page.keyboard.press("Escape")

    page.keyboard.press("2")
    expect(page.get_by_role("heading", name="Metric detail", level=1)).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("e")
    expect(page.get_by_role("form", name="Filter").get_by_label("Field")).to_have_value("e")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Explore", level=1)).to_be_visible()
    reader.settle()
    assert reader.audit() == []


def test_a_key_right_after_the_list_was_closed_counts(reader: Watched) -> None:
    page = reader.page
    reader.open("time=6h")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()

    # Without a moment between, in which the browser would take the focus out of the closed list.
    page.evaluate("""() => {
        document.querySelector('dialog.keys').close();
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: '2', bubbles: true, cancelable: true}));
    }""")
    expect(page.get_by_role("heading", name="Metric detail", level=1)).to_be_visible()


def test_keys_can_be_switched_off(reader: Watched) -> None:
    page = reader.page
    reader.open("time=6h")
    page.keyboard.press("?")
    page.get_by_label("Keys of one letter").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("e")

    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_label("Keys of one letter")).not_to_be_checked()


def test_another_percentile_is_shown_and_not_rated(reader: Watched) -> None:
    reader.open("time=6h")
    reader.page.get_by_role("combobox", name="Percentile").select_option("95")
    reader.settle()

    assert query_of(reader)["var-percentile"] == ["95"]
    expect(reader.page.locator("[data-panel=lcp] .rating")).to_have_text("rated at p75 only")
    expect(reader.page.locator("[data-panel=lcp-over-time] h2")).to_have_text("LCP, p95")
    assert reader.audit() == []


def test_parts_of_a_cohort_add_up_to_what_it_felt_like(reader: Watched) -> None:
    reader.open("view=lcp&time=6h&f=plan:=:firefox")

    parts = reader.page.locator("[data-panel=parts]")
    expect(parts.locator(".parts dd").nth(1)).to_have_text(re.compile("100.ms"))
    expect(parts.locator(".parts-total")).to_have_text(re.compile(r"1\.7\d.s together"))


def test_a_tile_leads_to_its_detail(reader: Watched) -> None:
    reader.open("time=6h&f=plan:=:chrome")
    reader.page.locator("[data-panel=cls]").get_by_role("link").first.click()
    reader.settle()

    assert (query_of(reader)["view"], query_of(reader)["var-vital"]) == (["metric"], ["cls"])
    assert query_of(reader)["f"] == ["plan:=:chrome"]


@pytest.mark.parametrize("name", sorted(path.stem for path in DEFINITIONS.glob("*.json")))
def test_every_dashboard_is_drawn_and_accessible(reader: Watched, name: str) -> None:
    reader.open(f"view={name}&time=6h")

    expect(reader.page.locator(".panel, .notice").first).to_be_visible()
    assert reader.page.locator(".failure").count() == 0
    assert reader.audit() == []
    assert reader.inaccessible() == []


@pytest.mark.parametrize("panel", ["lcp", "lcp-over-time", "slowest-pages"])
def test_a_panel_is_taken_along(reader: Watched, panel: str) -> None:
    reader.open("time=6h")
    starts = {"CSV": b"", "JSON": b"{", "SVG": b"<svg", "PNG": b"\x89PNG"}
    for kind, start in starts.items():
        reader.page.locator(f"[data-panel={panel}] .panel-menu button").click()
        with reader.page.expect_download() as download:
            reader.page.get_by_role("button", name=f"Save as {kind}").click()
        content = download.value.path().read_bytes()

        assert download.value.suggested_filename == f"{panel}.{kind.lower()}"
        assert content.startswith(start) and len(content) > 40


def test_every_chart_has_its_table(reader: Watched) -> None:
    reader.open("view=metric&time=6h")
    for title in ("Distribution", "Over time", "Percentiles", "Shares of the bands"):
        reader.page.get_by_role("button", name=f"Show {title} as a table").click()
        expect(reader.page.get_by_role("region", name=f"{title}: table").locator("tbody tr").first).to_be_visible()
    assert reader.audit() == []


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize(
    "view",
    [
        "view=metric", "view=compare", "view=synthetic", "view=impact", "view=explore&by=plan",
        'view=explore&show=heatmap&select={"column":"lcp.value","min":"P75"}',
    ],
)  # fmt: skip
def test_a_narrow_window_shows_everything(reader: Watched, view: str, width: int) -> None:
    reader.page.set_viewport_size({"width": width, "height": 800})
    reader.open(f"time=6h&{view}")

    assert reader.audit() == []
    assert reader.inaccessible() == []
    assert reader.page.evaluate(CUT) == []
