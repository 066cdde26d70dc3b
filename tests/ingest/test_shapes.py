"""Which paths are one route, and which errors one kind."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.ingest.shapes import fingerprint, shape_route


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/product/4711", "/product/:id"),
        ("/product/4711/", "/product/:id/"),
        ("/archive/2026-11-24/news", "/archive/:id/news"),
        ("/o/0b5e8f3c-0d3a-4f7e-9a59-8f0a8a3ddc11", "/o/:id"),
        ("/commit/3f9a1c2", "/commit/:id"),
        ("/s/dXNlcjoxMjM0NTY3ODkw", "/s/:id"),
        ("/user/ann%40mail.example", "/user/:id"),
        ("/user/[email]/edit", "/user/:id/edit"),
        ("/page/17.html", "/page/:id.html"),
        ("/about-us", "/about-us"),
        ("/feedback/facade", "/feedback/facade"),
        ("/product.html", "/product.html"),
        ("/v2/docs", "/v2/docs"),
        ("/1" * 40, "/:id" * 31 + "/1" * 9),
    ],
)
def test_route_is_the_shape_of_the_path(path: str, route: str) -> None:
    assert shape_route(path) == route


@given(st.text(max_size=3000))
def test_any_path_has_a_route_that_fits(path: str) -> None:
    assert len(shape_route(path)) <= 512


def error(**changes: str) -> dict[str, str]:
    stack = "TypeError: no 1\n    at buy (https://shop.example/app.3f9a1c2d.js:10:20)\n    at https://shop.example/app.js:1:1"
    event = {"error.source": "exception", "exception.type": "TypeError", "exception.message": "no 1", "exception.stacktrace": stack}
    return {**event, **changes}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"exception.message": "no 2"}, id="number in the message"),
        pytest.param({"exception.stacktrace": "at buy (https://shop.example/app.77aa01bc.js:99:1)"}, id="next release"),
        pytest.param(
            {"exception.stacktrace": "buy@https://shop.example/app.1.js:1:1\nx@https://shop.example/b.js:1:1"}, id="Firefox"
        ),
    ],
)
def test_errors_that_look_the_same_share_a_fingerprint(changes: dict[str, str]) -> None:
    assert fingerprint(error(**changes)) == fingerprint(error())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 4095 + ".", id="name"),
        pytest.param("a" + " " * 4094 + "b", id="spaces"),
        pytest.param("https://a:1:2" * 315, id="places"),
        pytest.param("https://" * 512, id="addresses"),
        pytest.param("a@http://a)" * 400, id="brackets"),
        pytest.param("1" * 4096, id="digits"),
        pytest.param("\n" * 4096, id="lines"),
    ],
)
def test_a_text_made_to_take_long_does_not(text: str) -> None:
    start = time.process_time()
    for _ in range(10):
        fingerprint({"exception.stacktrace": text, "exception.message": text})
        shape_route.__wrapped__(text)

    # A pattern that takes quadratic time on one of these needs seconds.
    assert time.process_time() - start < 0.2


@pytest.mark.parametrize(
    "changes",
    [
        {"exception.message": "yes"},
        {"exception.type": "RangeError"},
        {"error.source": "unhandled-rejection"},
        {"exception.stacktrace": "at sell (https://shop.example/app.3f9a1c2d.js:10:20)"},
    ],
)
def test_other_errors_have_another_one(changes: dict[str, str]) -> None:
    assert fingerprint(error(**changes)) != fingerprint(error())


def test_failed_resources_are_told_apart_by_their_address() -> None:
    first = {"error.source": "resource", "exception.type": "img", "error.url": "https://shop.example/a.png"}

    assert fingerprint(first) != fingerprint({**first, "error.url": "https://shop.example/b.png"})
