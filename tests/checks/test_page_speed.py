"""How fast a page is: vitals, visual progress, requests; and the arithmetic behind it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import orjson
import pytest
from PIL import Image

from collector.checks.attempt import Attempt
from collector.checks.browser.page import Load, middle
from collector.checks.browser.progress import MAX_FRAMES, Frame, measure
from collector.checks.evidence import place_of
from collector.checks.runs.verdict import judge
from tests.checks.conftest import Go
from tests.checks.shop import Shop

SLOW = """<h1>Slow</h1><script>
setTimeout(() => { document.body.style.background = 'red'; }, 300);
setTimeout(() => { const end = performance.now() + 200; while (performance.now() < end); document.title = 'done'; }, 700);
</script><img src="/picture" width="10" height="10">"""


def picture(colours: str) -> bytes:
    """Return a strip of colours, each as wide as the others."""
    image = Image.new("RGB", (16 * len(colours), 16))
    for place, colour in enumerate(colours):
        image.paste({"w": "white", "r": "red", "b": "blue"}[colour], (16 * place, 0, 16 * place + 16, 16))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue()


def frames(*shown: tuple[float, str]) -> list[Frame]:
    return [Frame(at, picture(colours)) for at, colours in shown]


def test_speed_index_is_the_area_above_the_curve() -> None:
    found = measure(frames((-30, "wwww"), (100, "rrww"), (200, "rrww"), (300, "rrrr")))

    assert found
    assert found.speed_index == pytest.approx(100 + 200 * 0.5, abs=4)
    assert (found.first_change, found.last_change, found.complete_85) == (100, 300, 300)
    assert [frame.at for frame in found.strip] == [0, 100, 300]


def test_what_falls_back_is_not_complete() -> None:
    found = measure(frames((0, "wwww"), (100, "rrrr"), (200, "wwww"), (300, "rrrr")))

    assert found and (found.complete_85, found.speed_index) == (300, pytest.approx(200, abs=4))


def test_a_page_that_never_changes_has_no_progress() -> None:
    assert measure(frames((-1, "ww"), (50, "ww"))) is None
    assert measure([]) is None


def test_a_filmstrip_is_short() -> None:
    shown = [(float(at), "r" * (at // 2) + "w" * (60 - at // 2)) for at in range(0, 121, 2)]
    found = measure(frames(*shown))

    assert found and len(found.strip) <= MAX_FRAMES
    assert found.strip[-1].at == 120


@pytest.mark.parametrize(("values", "chosen"), [([3, 1, 2], 2), ([1, 2], 1), ([5], 5)])
def test_the_load_in_the_middle_counts(values: list[float], chosen: float) -> None:
    loads: list[Any] = [Load({"lcp.value": value}, None, None, [], b"") for value in values]  # type: ignore[arg-type]

    assert middle(loads).facts["lcp.value"] == chosen


def piece(attempt: Attempt, folder: Path, kind: str) -> Any:
    sha256 = next(piece.sha256 for piece in attempt.evidence if piece.kind == kind)
    return orjson.loads(place_of(folder, sha256).read_bytes())


@pytest.mark.browser
def test_a_page_is_measured_as_real_users_are(go: Go, site: Shop, tmp_path: Path) -> None:
    site.pages["/slow-page"] = SLOW
    # The page's policy must not stop the measurement, nor its own beacon meet ours.
    attempt = go(
        kind="page", url=f"{site.url}/slow-page", loads=2, quiet=1, timeout=120,
        expect=["lcp.value > 0", "speed_index.value > 200", "tbt.value > 100", "bytes.html > 100", "status == 200",
                "check.failed_requests == 1 warn"],
    )  # fmt: skip

    facts = attempt.found.facts
    assert (attempt.error, judge(attempt).status) == (None, "pass"), judge(attempt)
    assert facts["visual.last_change"] >= 300
    assert facts["visual.first_change"] <= facts["speed_index.value"] <= facts["visual.last_change"]
    assert (facts["check.samples"], facts["page.path"], facts["resources.path"][0]) == (2, "/slow-page", "/picture")
    assert facts["page.fully_loaded"] >= facts["navigation.load_event_start"]
    folder = tmp_path / "evidence"
    assert [row["status"] for row in piece(attempt, folder, "requests")["requests"][:2]] == [200, 404]
    assert len(piece(attempt, folder, "progress")["loads"]) == 2
    assert {"screenshot", "frame"} <= {piece.kind for piece in attempt.evidence}


@pytest.mark.browser
@pytest.mark.parametrize(
    ("path", "timeout", "reason"),
    [("/broken", 60, "http_error"), ("/to-cloud", 60, "refused_address"), ("/slow?s=3", 1, "timeout")],
)
def test_a_page_that_cannot_be_measured_says_why(go: Go, site: Shop, path: str, timeout: float, reason: str) -> None:
    attempt = go(kind="page", url=f"{site.url}{path}", timeout=timeout, expect=["lcp.value < 1"])

    assert attempt.error and (attempt.error.reason, attempt.results) == (reason, [])


@pytest.mark.browser
def test_a_strict_policy_does_not_stop_the_measurement(go: Go, site: Shop) -> None:
    attempt = go(kind="page", url=f"{site.url}/strict", loads=1, quiet=0.2, timeout=60, expect=["ttfb.value > 0"])

    assert judge(attempt).status == "pass", attempt.error
