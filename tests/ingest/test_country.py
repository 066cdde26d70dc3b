"""From an address to a country."""

from __future__ import annotations

from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from collector.ingest.country import Countries


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True)
    writer.insert_network(IPSet(["203.0.113.0/24"]), {"country": {"iso_code": "DE"}})
    writer.insert_network(IPSet(["198.51.100.0/24"]), {"country_code": "BR"})
    writer.insert_network(IPSet(["192.0.2.0/24"]), {"country": {"iso_code": 7}})
    path = tmp_path_factory.mktemp("mmdb") / "country.mmdb"
    writer.to_db_file(str(path))
    return path


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "country"),
    [
        pytest.param("203.0.113.9", "", "DE", id="nested code"),
        pytest.param("198.51.100.9", "", "BR", id="flat code"),
        pytest.param("192.0.2.9", "", None, id="odd record"),
        pytest.param("8.8.8.8", "", None, id="unknown address"),
        pytest.param("not an address", "", None, id="no address"),
        pytest.param("127.0.0.1", "203.0.113.9", "DE", id="behind a trusted proxy"),
        pytest.param("127.0.0.1", "198.51.100.9, 203.0.113.9", "DE", id="what the sender claims is not believed"),
        pytest.param("127.0.0.1", "198.51.100.9, 127.0.0.1", "BR", id="two trusted proxies"),
        pytest.param("203.0.113.9", "198.51.100.9", "DE", id="an untrusted peer vouches for nobody"),
        pytest.param("::ffff:127.0.0.1", "203.0.113.9", "DE", id="a trusted proxy that comes over IPv6"),
        pytest.param("127.0.0.1", "<script>", None, id="junk"),
    ],
)
def test_the_country_is_that_of_the_last_untrusted_address(
    database: Path, peer: str, forwarded_for: str, country: str | None
) -> None:
    countries = Countries(database, ["127.0.0.1"])

    assert countries.country(peer, forwarded_for) == country
    countries.close()


def test_without_a_database_nothing_is_known() -> None:
    assert Countries(None, []).country("203.0.113.9", "") is None
