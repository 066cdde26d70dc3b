"""Some views look as they did when somebody last looked at them; `make screenshots CHECK=--check` compares all."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, sync_playwright

from bench.beacon.browser import CHROMIUM
from bench.running import Running
from bench.viewer.reader import sign_in
from tests.screenshots.pictures import FOLDER, difference, encode, made_here, made_with
from tests.screenshots.shoot import ARGUMENTS, LOOKS, opened, shoot
from tests.screenshots.shop import serving
from tests.screenshots.views import View, views

COMPARED = ("overview", "metric", "bubbleup", "page-views", "page-view")
LIGHT = LOOKS[0]


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[Page, Running, dict[str, View]]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        if (here := made_here(browser.version)) != (kept := made_with()):
            browser.close()
            pytest.skip(f"the pictures were made with {kept}, and here is {here}")
        with serving() as running, opened(browser, LIGHT, sign_in(browser, running)) as page:
            yield page, running, {view.name: view for view in views(running)}
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", COMPARED)
def test_a_view_looks_as_it_did(shop: tuple[Page, Running, dict[str, View]], name: str, tmp_path: Path) -> None:
    page, running, known = shop
    picture = shoot(page, running, known[name], LIGHT)
    (tmp_path / f"{name}.png").write_bytes(picture)

    assert difference(FOLDER / f"{name}-{LIGHT.name}.webp", picture) == "", (
        f"see {tmp_path / name}.png; `make screenshots` keeps it"
    )


def test_fewer_colours_are_no_difference_and_a_word_is(tmp_path: Path) -> None:
    page = Image.linear_gradient("L").convert("RGB").resize((600, 400))
    (tmp_path / "kept.webp").write_bytes(encode(_png(page)))

    assert difference(tmp_path / "kept.webp", _png(page)) == ""
    ImageDraw.Draw(page).rectangle((10, 300, 90, 320), "blue")
    assert difference(tmp_path / "kept.webp", _png(page)).endswith("of the pixels are others")
    assert difference(tmp_path / "kept.webp", _png(page.crop((0, 0, 600, 399)))) == "600 x 399 pixels, before 600 x 400"


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
