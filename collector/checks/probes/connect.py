"""Connects to a checked address, and times name, connection and TLS handshake on the way."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from collector.checks.probes.addresses import check_address
from collector.checks.probes.model import ProbeError

_SECONDS_PER_DAY: Final = 86_400


@dataclass(slots=True)
class Way:
    """How a probe goes out.

    Attributes:
        deadline: when it must be over, by `time.monotonic`.
        allow_private: whether loopback and private addresses may be connected to.
        trust: a file with the certificates to trust instead of the system's.
    """

    deadline: float
    allow_private: bool = False
    trust: str | None = None

    def left(self) -> float:
        """Return the seconds left. Raises ProbeError: `timeout`."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise ProbeError("timeout", "The time is up: raise the check's `timeout`, or look why it takes so long.")
        return seconds


@dataclass(slots=True)
class Phases:
    """Takes the time of phases: each `end` ends one, and begins the next."""

    fields: dict[str, Any] = field(default_factory=dict)
    _begin: float = field(default_factory=time.perf_counter)

    def end(self, name: str) -> None:
        """Note the milliseconds since the last phase."""
        now = time.perf_counter()
        self.fields[f"probe.{name}_duration"] = round((now - self._begin) * 1000, 3)
        self._begin = now


def resolve(host: str, port: int, way: Way, family: int = socket.AF_UNSPEC) -> list[str]:
    """Return the addresses of a host, as the system finds them. Raises ProbeError: `dns_error` or `timeout`."""
    answers: list[list[str] | OSError | UnicodeError] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
            answers.append(list(dict.fromkeys(str(one[4][0]) for one in found)))
        except (OSError, UnicodeError) as error:
            answers.append(error)

    # The system's resolver knows no deadline.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(way.left())
    if not answers:
        raise ProbeError("timeout", f"The name {host} was not resolved in time.")
    if not isinstance(answers[0], list):
        raise ProbeError("dns_error", f"The name {host} cannot be resolved: {answers[0]}.")
    return answers[0]


@contextmanager
def connected(host: str, port: int, way: Way, phases: Phases) -> Iterator[socket.socket]:
    """Yield a connection that ends at the deadline, whatever is being waited for.

    Every address that the name has is checked before; a name of which one is refused is refused. The connection goes to the
    checked address, so a second answer of the name server changes nothing.

    Raises:
        ProbeError: `dns_error`, `refused_address`, `connection_error` or `timeout`, also for what is raised within the block.
    """
    addresses = resolve(host, port, way)
    phases.end("dns")
    for address in addresses:
        check_address(address, way.allow_private)
    try:
        connection = _connect(addresses, port, way)
    except TimeoutError:
        raise ProbeError("timeout", f"{host}:{port} was not connected in time.") from None
    except OSError as error:
        raise ProbeError("connection_error", f"{host}:{port} cannot be connected: {error.strerror or error}.") from None
    phases.end("connect")
    phases.fields["network.peer.address"] = connection.getpeername()[0]
    # A socket's own time-out begins anew with each byte. This copy stays usable when TLS takes the socket over.
    copy = socket.socket(fileno=os.dup(connection.fileno()))
    timer = threading.Timer(way.left(), _shut, (copy,))
    timer.daemon = True
    timer.start()
    try:
        yield connection
    except OSError as error:
        way.left()
        if isinstance(error, TimeoutError):
            raise ProbeError("timeout", f"{host}:{port} did not answer in time.") from None
        raise ProbeError("connection_error", f"{host}:{port} broke off: {error.strerror or error}.") from None
    finally:
        timer.cancel()
        timer.join()
        copy.close()
        connection.close()


def encrypt(connection: socket.socket, host: str, way: Way, phases: Phases) -> ssl.SSLSocket:
    """Do the TLS handshake, and note version, cipher and certificate. Raises ProbeError: `tls_error`."""
    context = ssl.create_default_context(cafile=way.trust)
    try:
        secure = context.wrap_socket(connection, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        raise ProbeError("tls_error", f"The certificate of {host} is not good: {error.verify_message}.") from None
    except ssl.SSLError as error:
        way.left()
        raise ProbeError("tls_error", f"{host} and this machine do not agree on TLS: {error.reason}.") from None
    phases.end("tls")
    cipher, certificate = secure.cipher(), secure.getpeercert() or {}
    ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    phases.fields |= {
        "tls.protocol.version": (secure.version() or "").removeprefix("TLSv"),
        "tls.cipher": cipher[0] if cipher else "",
        "cert.days_left": round((ends - datetime.now(UTC).timestamp()) / _SECONDS_PER_DAY, 3),
        "cert.subject": _name(certificate.get("subject")),
        "cert.issuer": _name(certificate.get("issuer")),
    }
    return secure


def _connect(addresses: list[str], port: int, way: Way) -> socket.socket:
    last: OSError = OSError("it has no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), way.left())
        except OSError as error:
            last = error
    raise last


def _shut(copy: socket.socket) -> None:
    try:
        copy.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _name(parts: Any) -> str:
    """Return a certificate's name as text: its common name, else all of it."""
    pairs = [pair for part in parts or () for pair in part]
    return dict(pairs).get("commonName") or ", ".join(f"{key}={value}" for key, value in pairs)
