"""Which pages may send."""

from __future__ import annotations

import pytest

from collector.ingest.origins import Origins


@pytest.mark.parametrize(
    ("allowed", "origin", "expected"),
    [
        (["https://shop.example"], "https://shop.example", True),
        (["https://shop.example"], "HTTPS://SHOP.example", True),
        (["https://shop.example"], "http://shop.example", False),
        (["https://shop.example"], "https://shop.example.evil.test", False),
        (["https://shop.example"], "https://shop.example:8443", False),
        (["https://*.shop.example"], "https://a.b.shop.example", True),
        (["https://*.shop.example"], "https://shop.example", False),
        (["https://*.shop.example"], "https://evil.test/.shop.example", False),
        (["https://*.shop.example"], "https://evilshopxexample", False),
        (["https://shop.example"], "null", False),
        (["*"], "https://anything.test", True),
        ([], "https://shop.example", False),
        ([], "", True),
    ],
)
def test_an_origin_is_allowed_exactly_or_below_a_wildcard(allowed: list[str], origin: str, expected: bool) -> None:
    assert Origins(allowed).allows(origin) is expected
