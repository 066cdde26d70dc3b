"""What journeys leave behind: pictures, texts, traces; and that no secret is in any of it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from collector.checks.attempt import Attempt
from collector.checks.browser.values import totp
from collector.checks.evidence import place_of
from collector.checks.runs.verdict import judge
from tests.checks.conftest import Go, ends
from tests.checks.served import make_certificate
from tests.checks.shop import PASSWORD, USER, Shop, shop

pytestmark = pytest.mark.browser
FAILING = {"expect_text": "h1", "value": "Nothing", "timeout": 0.2}
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def read(attempt: Attempt, folder: Path, kind: str) -> list[bytes]:
    return [place_of(folder / "evidence", one.sha256).read_bytes() for one in attempt.evidence if one.kind == kind]


def test_a_step_has_a_picture_of_what_it_left(go: Go, tmp_path: Path) -> None:
    attempt = go([{"open": "/products/mug"}, {"store": "x", "into": "x"}, {"click": "#add"}, FAILING], screenshots="all")

    assert [bool(step.screenshot) for step in attempt.steps] == [True, False, True, True]
    assert Image.open(io.BytesIO(read(attempt, tmp_path, "screenshot")[0])).size == (1280, 800)


def test_pictures_may_be_kept_of_failures_only_or_never(go: Go) -> None:
    steps = [{"open": "/"}, {"expect_text": "h1", "value": "Hat", "soft": True, "timeout": 0.1}, FAILING]

    assert [bool(step.screenshot) for step in go(steps, screenshots="failure").steps] == [False, True, True]
    assert not any(step.screenshot for step in go(steps, screenshots="none").steps)
    assert go(steps, {"evidence_dir": None}, screenshots="all").evidence == []


def test_no_secret_is_in_any_evidence(go: Go, site: Shop, tmp_path: Path) -> None:
    site.pages["/leaky"] = (
        f"<h1>Leaky</h1><p>{PASSWORD}</p><input id='field'><img src='/missing?key={PASSWORD.replace(' ', '+')}'>"
        f"<script>console.error('{PASSWORD}')</script>"
    )
    attempt = go(
        [{"open": "/leaky"}, {"fill": "#field", "value": "${password}"},
         {"store": "one-more-secret", "into": "more", "secret": True},
         {"eval": "console.log('one-more-secret')"}, {"expect_text": "p", "value": "Hello ${password}", "timeout": 0.2}],
        {"secrets": {"password": PASSWORD}, "variables": {}}, screenshots="all", secrets=["password"], trace=True,
    )  # fmt: skip

    kept = b"".join(path.read_bytes() for path in (tmp_path / "evidence").rglob("*") if path.is_file())
    for secret in (PASSWORD, PASSWORD.replace(" ", "+"), "one-more-secret"):
        assert secret.encode() not in kept
        assert secret not in repr((attempt.steps, attempt.results, attempt.evidence))
    assert "trace" not in {piece.kind for piece in attempt.evidence}
    assert {"console", "requests", "dom", "aria"} <= {piece.kind for piece in attempt.evidence}


def test_a_picture_covers_secrets(go: Go, site: Shop, tmp_path: Path) -> None:
    style = "position: fixed; inset: 0; width: 100%; height: 100%; margin: 0; background: #f00; color: #f00"
    site.pages["/red"] = f"<p style='{style}'>sesame-open</p>"
    open_page = [{"open": "/red"}, {"expect_js": "true"}]
    shown = go(open_page, screenshots="all")
    covered = go(open_page, {"secrets": {"key": "sesame-open"}, "variables": {}}, screenshots="all", secrets=["key"])

    colours = [
        Image.open(io.BytesIO(read(one, tmp_path, "screenshot")[0])).convert("RGB").getpixel((640, 400)) for one in (shown, covered)
    ]
    assert isinstance(colours[0], tuple) and isinstance(colours[1], tuple)
    assert (colours[0][0] > 200 > colours[1][0], abs(colours[1][0] - colours[1][1]) < 20) == (True, True)


def test_a_trace_is_kept_of_a_failure_without_secrets(go: Go, tmp_path: Path) -> None:
    steps = [{"open": "/"}, FAILING]
    (trace,) = read(go(steps, trace=True), tmp_path, "trace")

    assert any(name.endswith(".trace") for name in zipfile.ZipFile(io.BytesIO(trace)).namelist())
    assert go([{"open": "/"}, {"expect_js": "true"}], trace=True).evidence == []


@pytest.mark.parametrize(("now", "password"), [(59, "287082"), (1111111109, "081804"), (2000000000, "279037")])
def test_one_time_passwords_are_those_of_the_rfc(now: int, password: str) -> None:
    assert totp(SEED, now) == password


def test_a_one_time_password_is_a_secret(go: Go) -> None:
    attempt = go([{"open": "/"}, {"totp": SEED, "into": "code"}, {"expect_text": "h1", "value": "${code}", "timeout": 0.1}])

    assert (ends(attempt), "•••" in attempt.steps[2].message) == (["pass", "pass", "fail"], True)


def test_a_certificate_of_its_own_is_an_error_unless_taken(go: Go, tmp_path: Path) -> None:
    with shop(make_certificate(tmp_path / "shop.pem", days=1)) as secure:
        steps = [{"open": f"{secure.url}/cart"}, {"expect_text": "h1", "value": "Cart"}]
        refused, taken = go(steps), go(steps, browser={"insecure": True})

    assert refused.error and refused.error.reason == "tls_error"
    assert ends(taken) == ["pass", "pass"]


def test_a_picture_is_compared_with_the_accepted_one_only(go: Go, site: Shop, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from collector.cli import main

    def command(*arguments: str) -> str:
        result = CliRunner().invoke(main, ["check", "baselines", *arguments, "--evidence", str(tmp_path / "evidence")])
        assert result.exit_code == 0, result.output
        return result.output

    steps = [{"open": "/moving"}, {"screenshot": "moving", "compare": True, "mask": ["#clock"]}]
    new, still_new = go(steps), go(steps)
    id_ = command("list").split()[0]
    command("accept", id_[:6], "--by", "jane")
    same = go(steps)
    site.pages["/moving"] = site.pages["/moving"].replace("<h1>", "<h1 style='background: gold'>")
    different = go(steps)
    listed = command("list", "--waiting")
    command("reject", id_, "--by", "jo")

    # Without an accepted picture nothing was looked at; what moves and what is masked makes no difference.
    assert [judge(one).status for one in (new, still_new, same, different)] == ["no_data", "no_data", "pass", "fail"]
    assert "% of the picture differ" in different.steps[1].message
    assert {"difference", "baseline"} <= {piece.kind for piece in different.evidence}
    assert "differs by" in listed and "difference.png" in listed
    assert "accepted by jane" in command("list")


def test_the_page_tells_which_run_it_is_of(go: Go, site: Shop) -> None:
    site.head = f'<script async src="{site.url}/beacon.js" data-key="shop"></script>'
    site.pages["/api-stub"] = "<script>document.title = JSON.stringify(wideload.q)</script>"
    attempt = go([{"open": "/api-stub"}, {"expect_title": '"check.run_id":"a1b2c3d4e5f60718293a4b5c6d7e8f90"'}])

    assert ends(attempt) == ["pass", "pass"]
    assert USER not in str(attempt.found.facts)
