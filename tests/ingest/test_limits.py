"""Who may send how much, and who counts as one."""

from __future__ import annotations

import pytest

from collector.config import Dataset, DatasetLimits
from collector.errors import RequestError
from collector.ingest.limits import BURST_SECONDS, SendLimits, client_prefix

SHOP = Dataset(
    "shop", ("k1", "k2"), limits=DatasetLimits(key_beacons_per_second=4, client_beacons_per_second=2, events_per_second=1)
)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def sent(limits: SendLimits, key: str, client: bytes, tries: int = 100) -> tuple[int, str]:
    """Return how many beacons passed, and why the next one did not."""
    for count in range(tries):
        try:
            limits.admit_beacon(SHOP, key, client)
        except RequestError as error:
            assert error.status == 429
            return count, error.reason
    return tries, ""


def test_a_client_is_limited_and_others_are_not() -> None:
    limits = SendLimits(Clock())

    assert sent(limits, "k1", b"one") == (2 * BURST_SECONDS, "client_rate")
    assert sent(limits, "k1", b"two", 5) == (5, "")


def test_a_site_key_is_limited_and_others_are_not() -> None:
    limits = SendLimits(Clock())

    assert sent(limits, "k1", b"") == (4 * BURST_SECONDS, "key_rate")
    assert sent(limits, "k2", b"", 5) == (5, "")


def test_a_limit_is_lifted_as_time_passes() -> None:
    clock = Clock()
    limits = SendLimits(clock)
    sent(limits, "k1", b"")
    clock.now += 1

    assert sent(limits, "k1", b"") == (4, "key_rate")


def test_a_dataset_is_limited_by_events() -> None:
    limits = SendLimits(Clock())
    limits.admit_events(SHOP, 8)

    with pytest.raises(RequestError) as caught:
        limits.admit_events(SHOP, 3)
    assert (caught.value.status, caught.value.reason) == (429, "dataset_rate")
    limits.admit_events(SHOP, 2)


def test_a_beacon_of_more_events_than_the_limit_passes_once_nothing_else_does() -> None:
    clock = Clock()
    limits = SendLimits(clock)
    limits.admit_events(SHOP, 400)
    with pytest.raises(RequestError):
        limits.admit_events(SHOP, 400)
    clock.now += 400

    limits.admit_events(SHOP, 400)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("203.0.113.9", "203.0.113.200", True, id="IPv4 /24"),
        pytest.param("203.0.113.9", "203.0.114.9", False, id="another IPv4 /24"),
        pytest.param("2001:db8:0:12ff::1", "2001:db8:0:1200::2", True, id="IPv6 /56"),
        pytest.param("2001:db8:0:1200::1", "2001:db8:0:1300::1", False, id="another IPv6 /56"),
        pytest.param("::ffff:203.0.113.9", "203.0.113.1", True, id="IPv4 within IPv6"),
        pytest.param("203.0.113.9:4711", "203.0.113.1", True, id="with a port"),
        pytest.param("[2001:db8::1]:4711", "2001:db8::2", True, id="IPv6 with a port"),
        pytest.param("fe80::1%eth0", "fe80::2", True, id="with a zone"),
        pytest.param("junk\udcff", "other junk", False, id="no addresses"),
        pytest.param("1.2.3.4\0", "1.2.3.4", False, id="a zero byte"),
    ],
)
def test_a_network_is_one_client(one: str, other: str, same: bool) -> None:
    assert (client_prefix(one) == client_prefix(other)) is same
    assert len(client_prefix("x" * 10_000)) <= 64
