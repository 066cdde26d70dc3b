"""Probes against servers on loopback: what they find, what they take the time of, and what they refuse."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.checks.files.load import Check, load
from collector.checks.probes import http, ports
from collector.checks.probes.addresses import check_address
from collector.checks.probes.connect import Way
from collector.checks.probes.model import Found, ProbeError
from tests.checks.served import Server, make_certificate, silent_port, site


@pytest.fixture
def shop() -> Iterator[Server]:
    with site() as server:
        yield server


def check(tmp_path: Path, **keys: Any) -> Check:
    path = tmp_path / "it.check.yaml"
    path.write_text("expect: [status exists]\n" + "".join(f"{key}: {value}\n" for key, value in keys.items()))
    (found,), problems = load([path])
    assert problems == []
    return found


def look(probe: Any, what: Check, seconds: float = 10, **way: Any) -> Found:
    found = Found()
    probe(what, Way(time.monotonic() + seconds, **{"allow_private": True} | way), found)
    return found


def ask(tmp_path: Path, server: Server, path: str, seconds: float = 10, **keys: Any) -> Found:
    url = f"http://127.0.0.1:{server.server_port}{path}"
    return look(http.probe, check(tmp_path, kind="http", url=url, **keys), seconds)


def test_every_redirect_is_an_entry_with_its_phases(tmp_path: Path, shop: Server) -> None:
    found = ask(tmp_path, shop, "/old")

    assert [(entry["http.response.status_code"], entry["http.request.resend_count"]) for entry in found.entries] == [
        (302, 0), (302, 1), (200, 2),
    ]  # fmt: skip
    phases = {f"probe.{name}_duration" for name in ("dns", "connect", "send", "wait", "receive")}
    assert all(phases <= entry.keys() for entry in found.entries)
    assert (found.facts["status"], found.facts["redirects"], found.facts["json"]["items"][0]["id"]) == (200, 2, "a1")
    assert found.facts["header.content-type"] == "application/json"


def test_an_entry_has_no_query(tmp_path: Path, shop: Server) -> None:
    found = ask(tmp_path, shop, "/?token=secret")

    assert (shop.seen[0][0], found.entries[0]["url.full"].endswith("/")) == ("/?token=secret", True)


def test_another_origin_sees_no_credentials(tmp_path: Path, shop: Server) -> None:
    with site() as other:
        shop.away = f"http://127.0.0.1:{other.server_port}/"
        ask(tmp_path, shop, "/away", headers="{Authorization: Bearer x, X-Plan: gold}")

    assert "authorization" in {name.lower() for name in shop.seen[0][1]}
    assert {name.lower() for name in other.seen[0][1]} & {"authorization", "x-plan"} == {"x-plan"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/loop", "redirect_error"),
        ("/file", "refused_address"),
        ("/cloud", "refused_address"),
        ("/junk", "http_error"),
        ("/short", "http_error"),
    ],
)
def test_a_bad_answer_has_a_reason(tmp_path: Path, shop: Server, path: str, reason: str) -> None:
    with pytest.raises(ProbeError) as error:
        ask(tmp_path, shop, path)

    assert error.value.reason == reason, error.value


def test_the_time_is_up_though_each_byte_comes_in_time(tmp_path: Path, shop: Server) -> None:
    begin = time.monotonic()
    with pytest.raises(ProbeError) as error:
        ask(tmp_path, shop, "/drip", 0.3)

    assert (error.value.reason, time.monotonic() - begin < 2) == ("timeout", True)


def test_who_takes_a_connection_and_is_silent_times_out(tmp_path: Path) -> None:
    with silent_port() as port, pytest.raises(ProbeError) as error:
        look(ports.tcp, check(tmp_path, kind="tcp", host="127.0.0.1", port=port, send="hello"), 0.2)

    assert error.value.reason == "timeout"


def test_tcp_sends_and_takes_the_answer(tmp_path: Path, shop: Server) -> None:
    what = check(tmp_path, kind="tcp", host="127.0.0.1", port=shop.server_port, send=r'"GET / HTTP/1.0\r\n\r\n"')

    assert look(ports.tcp, what).facts["answer"].startswith("HTTP/1.0 200")


def test_tls_tells_the_certificate(tmp_path: Path) -> None:
    trust = make_certificate(tmp_path / "shop.pem")
    with site(trust) as server:
        found = look(ports.tls, check(tmp_path, kind="tls", host="127.0.0.1", port=server.server_port), trust=str(trust))
        web = check(tmp_path, kind="http", url=f"https://127.0.0.1:{server.server_port}/")
        by_http = look(http.probe, web, trust=str(trust))

    assert (found.facts["cert.subject"], 6.9 < found.facts["cert.days_left"] <= 7) == ("shop.test", True)
    assert (by_http.facts["status"], by_http.entries[0]["probe.tls_duration"] > 0) == (200, True)


@pytest.mark.parametrize(("days", "is_trusted"), [(-1, True), (7, False)])
def test_a_certificate_that_is_not_good_is_a_tls_error(tmp_path: Path, days: float, is_trusted: bool) -> None:
    trust = make_certificate(tmp_path / "shop.pem", days)
    with site(trust) as server, pytest.raises(ProbeError, match="is not good") as error:
        what = check(tmp_path, kind="tls", host="127.0.0.1", port=server.server_port)
        look(ports.tls, what, trust=str(trust) if is_trusted else None)

    assert error.value.reason == "tls_error"


def test_a_name_is_resolved(tmp_path: Path) -> None:
    assert look(ports.dns, check(tmp_path, kind="dns", name="localhost")).facts["dns.resolved"] == ["127.0.0.1"]


def test_a_name_that_resolves_to_a_private_address_is_refused(tmp_path: Path, shop: Server) -> None:
    what = check(tmp_path, kind="http", url=f"http://localhost:{shop.server_port}/")
    with pytest.raises(ProbeError) as error:
        look(http.probe, what, allow_private=False)

    assert (error.value.reason, shop.seen) == ("refused_address", [])


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fe80::1%eth0", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "0.0.0.0", "::", "224.0.0.1",
     "255.255.255.255", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"],
)  # fmt: skip
def test_some_addresses_are_always_refused(address: str) -> None:
    with pytest.raises(ProbeError, match="no check may connect"):
        check_address(address, allow_private=True)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "fc00::1", "100.64.0.1", "::ffff:10.0.0.1"]
)
def test_private_addresses_are_opt_in(address: str) -> None:
    check_address(address, allow_private=True)
    with pytest.raises(ProbeError, match="--allow-private"):
        check_address(address, allow_private=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_public_addresses_are_taken(address: str) -> None:
    check_address(address, allow_private=False)
