"""A small site on loopback, plain or with TLS, and a port that never answers."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.checks.serving import QuietHandler, RememberingServer, running

REDIRECTS = {
    "/old": "/older",
    "/older": "/data",
    "/loop": "/loop",
    "/file": "file:///etc/passwd",
    "/cloud": "http://169.254.169.254/",
}


class Handler(QuietHandler):
    """Answers by path; `/flaky` fails the first time."""

    def do_GET(self) -> None:
        server: Any = self.server
        server.seen.append((self.path, dict(self.headers)))
        if self.path == "/away":
            self.answer(302, b"", location=server.away)
        elif self.path in REDIRECTS:
            self.answer(302, b"", location=REDIRECTS[self.path])
        elif self.path == "/data":
            self.answer(200, b'{"items": [{"id": "a1"}]}', **{"content-type": "application/json"})
        elif self.path == "/flaky" and len(server.seen) == 1:
            self.answer(503, b"not yet")
        elif self.path == "/drip":
            # Each byte comes in time; the whole does not.
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")
            for _ in range(100):
                self.wfile.write(b".")
                time.sleep(0.05)
        elif self.path == "/short":
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
        elif self.path == "/junk":
            self.wfile.write(b"hello\r\n\r\n")
        else:
            self.answer(200, b"<h1>Shop</h1>", **{"content-type": "text/html"})


class Server(RememberingServer):
    """`/away` leads to `away`."""

    handler = Handler
    away = ""


@contextmanager
def site(certificate: Path | None = None) -> Iterator[Server]:
    """Yield a running server; with TLS if there is a certificate (see `make_certificate`)."""
    with running(Server(), certificate) as server:
        yield server


@contextmanager
def silent_port() -> Iterator[int]:
    """Yield a port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def make_certificate(path: Path, days: float = 7) -> Path:
    """Write a key and its own certificate for 127.0.0.1 that ends after some days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=30)).not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path
