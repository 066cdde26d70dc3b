"""The probes `tcp`, `tls` and `dns`."""

from __future__ import annotations

import socket
import time
from typing import Any, Final

from collector.checks.files.load import Check
from collector.checks.probes.connect import Phases, Way, connected, encrypt, resolve
from collector.checks.probes.model import Found, ProbeError

_ANSWER_BYTES: Final = 1 << 12
_FAMILIES: Final = {"A": socket.AF_INET, "AAAA": socket.AF_INET6}


def tcp(check: Check, way: Way, found: Found) -> None:
    """Connect; with `send`, send it and take the first part of the answer as `answer`. Raises ProbeError."""
    host, port, text = check.options["host"], check.options["port"], check.options.get("send")
    entry, begin = _entry(found, {"server.address": host, "server.port": port}), time.perf_counter()
    phases = Phases(entry)
    with connected(host, port, way, phases) as connection:
        if text is not None:
            connection.sendall(text.encode())
            phases.end("send")
            found.facts["answer"] = connection.recv(_ANSWER_BYTES).decode("utf-8", "replace")
            way.left()
            phases.end("wait")
    _end(found, entry, begin)
    found.facts["connected"] = True


def tls(check: Check, way: Way, found: Found) -> None:
    """Do a TLS handshake. Raises ProbeError: also for a certificate that is not good."""
    host, port = check.options["host"], check.options["port"]
    entry, begin = _entry(found, {"server.address": host, "server.port": port}), time.perf_counter()
    phases = Phases(entry)
    with connected(host, port, way, phases) as connection:
        encrypt(connection, host, way, phases).close()
    _end(found, entry, begin)


def dns(check: Check, way: Way, found: Found) -> None:
    """Resolve a name as this machine does. Raises ProbeError: also `config_error` for what this version cannot ask for."""
    name, type_ = check.options["name"], check.options["type"]
    if type_ not in _FAMILIES or "server" in check.options:
        raise ProbeError("config_error", "This version looks up A and AAAA records only, with the system's name server.")
    entry, begin = _entry(found, {"dns.question.name": name, "dns.question.type": type_}), time.perf_counter()
    phases = Phases(entry)
    addresses = sorted(resolve(name, 0, way, _FAMILIES[type_]))
    phases.end("dns")
    entry["dns.resolved"] = ",".join(addresses)
    _end(found, entry, begin)
    found.facts["dns.resolved"] = addresses


def _entry(found: Found, fields: dict[str, Any]) -> dict[str, Any]:
    found.entries.append(fields)
    return fields


def _end(found: Found, entry: dict[str, Any], begin: float) -> None:
    entry["probe.duration"] = round((time.perf_counter() - begin) * 1000, 3)
    found.facts |= entry
