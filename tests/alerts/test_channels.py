"""Channels: real receivers on loopback."""

from __future__ import annotations

import gc
import json
import socket
import ssl
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from receiving import SECRET, Receiver, receiving

from collector.alerts.channels.apprise import Service
from collector.alerts.channels.load import load_channels
from collector.alerts.channels.mail import Mail, compose
from collector.alerts.channels.model import ChannelError, Kept, Message
from collector.alerts.channels.webhook import Webhook, sign
from tests.checks.served import make_certificate

INCIDENT: dict[str, Any] = {
    "id": "a1b2c3d4e5f60718", "rule": "shop/front", "title": "The shop is down", "subject": "front", "severity": "critical",
    "dataset": "shop", "reason": "It fails at berlin: status is 503", "description": "Call the host.", "runbook": "https://wiki.example/1",
    "differences": [{"field": "http.response.status_code", "before": 200, "after": 503}],
    "impact": {"sessions": 1200, "page_views": 5000, "errors": 3, "paths": ["/cart"]},
}  # fmt: skip
MESSAGE = Message("msg_1", "opened", 1_794_823_200, INCIDENT, "https://rum.example/?view=incident")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


def hook(url: str, *, allow_private: bool = True, secret: str = SECRET) -> Webhook:
    return Webhook(Kept("url", url), Kept("secret", secret), allow_private, now=lambda: 1_794_823_205.9)


def test_a_signature_is_that_of_standard_webhooks() -> None:
    # The example of its libraries.
    found = sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_webhook_posts_the_incident_signed(receiver: Receiver) -> None:
    hook(receiver.url).send(MESSAGE)

    path, headers, body = receiver.got.get(timeout=5)
    assert (path, headers["webhook-id"], headers["webhook-timestamp"]) == ("/hook?x=1", "msg_1", "1794823205")
    assert headers["webhook-signature"] == sign(SECRET, "msg_1", 1_794_823_205, body)
    document = json.loads(body)
    assert (document["type"], document["timestamp"]) == ("incident.opened", "2026-11-16T10:00:00Z")
    assert document["data"]["incident"] == INCIDENT


@pytest.mark.parametrize(
    ("status", "said"), [(500, "status 500"), (302, "status 302"), (404, "status 404")], ids=["error", "redirect", "missing"]
)
def test_a_receiver_that_does_not_take_it_is_said_to(receiver: Receiver, status: int, said: str) -> None:
    receiver.status = status

    with pytest.raises(ChannelError, match=said):
        hook(receiver.url).send(MESSAGE)
    assert receiver.got.qsize() == 1


def test_a_private_address_has_to_be_allowed(receiver: Receiver) -> None:
    with pytest.raises(ChannelError, match="private address"):
        hook(receiver.url, allow_private=False).send(MESSAGE)
    with pytest.raises(ChannelError, match="metadata"):
        hook("http://169.254.169.254/").send(MESSAGE)
    assert receiver.got.empty()


@pytest.mark.parametrize(
    ("url", "secret"),
    [("file:///etc/passwd", SECRET), ("http://127.0.0.1:1/", SECRET), ("http://[::1", SECRET), ("http://127.0.0.1/", "hunter2")],
)
def test_what_is_wrong_with_a_webhook_is_said_without_its_secret(url: str, secret: str) -> None:
    with pytest.raises(ChannelError) as caught:
        hook(url, secret=secret).send(MESSAGE)
    assert secret not in str(caught.value)


class Mails:
    """Keeps the mails of a server."""

    def __init__(self) -> None:
        self.got: list[tuple[list[str], Any]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"


class MailServer(Controller):
    """Serves on a port of its own."""

    listener: socket.socket

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self.listener)


@pytest.fixture
def mails(tmp_path: Path) -> Iterator[tuple[Mails, Controller, str]]:
    """A mail server with STARTTLS and a login (bot, pass)."""
    trust = make_certificate(tmp_path / "mail.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trust)
    handler = Mails()

    def login(_: Any, __: Any, ___: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"bot", b"pass"), handled=False)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = listener.getsockname()
        login_kinds = {"authenticator": login, "auth_required": True, "auth_exclude_mechanism": ["LOGIN"]}
        server = MailServer(handler, *place, tls_context=context, require_starttls=True, **login_kinds)
        server.listener = listener.dup()
    server.start()
    yield handler, server, str(trust)
    server.stop()
    # It leaves the sockets of those who break off to the garbage collector, which would complain in the middle of another test.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def mail(server: Controller, trust: str, password: str = "pass") -> Mail:
    return Mail("127.0.0.1", server.port, "starttls", "alerts@shop.example", ("ops@shop.example", "boss@shop.example"),
                Kept("user", "bot"), Kept("password", password), trust)  # fmt: skip


def test_a_mail_is_sent_encrypted_to_everybody(mails: tuple[Mails, Controller, str]) -> None:
    handler, server, trust = mails

    mail(server, trust).send(MESSAGE)

    ((to, got),) = handler.got
    assert to == ["ops@shop.example", "boss@shop.example"]
    assert str(make_header(decode_header(got["Subject"]))) == "Critical: The shop is down – front"
    text = got.get_payload(decode=True).decode()
    assert "http.response.status_code: 200 → 503" in text
    assert "Meanwhile 1,200 real sessions were on /cart, with 3 errors." in text


def test_a_mail_server_that_refuses_is_said_to_without_the_password(mails: tuple[Mails, Controller, str]) -> None:
    handler, server, trust = mails

    with pytest.raises(ChannelError) as caught:
        mail(server, trust, "wrong-password").send(MESSAGE)
    assert "code 535" in str(caught.value)
    assert "wrong-password" not in str(caught.value)
    with pytest.raises(ChannelError, match="did not take"):
        replace(mail(server, trust), trust=None).send(MESSAGE)
    assert handler.got == []


def test_mails_of_one_incident_are_one_thread_and_no_header_can_be_added() -> None:
    wicked = Message("msg_2", "resolved", 0, {**INCIDENT, "title": "x\r\nBcc: all@example.com"})

    composed = compose(wicked, "a@b.example", ("c@d.example",))
    assert (composed["References"], composed["Bcc"]) == ("<a1b2c3d4e5f60718@wideload.invalid>", None)
    assert composed["Subject"] == "Over: x Bcc: all@example.com – front"


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_apprise_tells_a_service(receiver: Receiver) -> None:
    Service(Kept("url", receiver.url.replace("http://", "json://").partition("?")[0])).send(MESSAGE)

    document = json.loads(receiver.got.get(timeout=5)[2])
    assert (document["title"], document["type"]) == ("Critical: The shop is down – front", "failure")
    receiver.status = 500
    with pytest.raises(ChannelError, match="did not take"):
        Service(Kept("url", receiver.url.replace("http://", "json://").partition("?")[0])).send(MESSAGE)
    with pytest.raises(ChannelError, match="none that Apprise knows"):
        Service(Kept("url", "nothing")).send(MESSAGE)


def test_without_apprise_its_channel_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ChannelError, match=r"wideload\[apprise\]"):
        Service(Kept("url", "json://localhost")).send(MESSAGE)


CHANNELS = """
channels:
  ops: {kind: webhook, url: {env: HOOK_URL}, secret: {file: %s}}
  mail: {kind: smtp, host: mail.example, from: a@b.example, to: [c@d.example], security: tls, severities: [critical]}
default: [ops, mail]
"""


def test_channels_are_read_from_a_file_and_secrets_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "channels.yaml").write_text(CHANNELS % (tmp_path / "secret"))
    channels, problems = load_channels(tmp_path / "channels.yaml")

    assert not problems
    ops, post = channels.by_name["ops"], channels.by_name["mail"]
    assert isinstance(ops, Webhook)
    assert isinstance(post, Mail)
    assert post.port == 465
    assert (channels.for_rule((), "warning"), channels.for_rule((), "critical")) == (["ops"], ["ops", "mail"])
    with pytest.raises(ChannelError, match="HOOK_URL, which is not set"):
        ops.url.read()
    with pytest.raises(ChannelError, match="No such file"):
        ops.secret.read()
    monkeypatch.setenv("HOOK_URL", "https://hooks.example/very-secret")
    (tmp_path / "secret").write_text(SECRET + "\n")
    assert (ops.url.read(), ops.secret.read()) == ("https://hooks.example/very-secret", SECRET)
    assert "very-secret" not in repr(channels)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("channels: {ops: {kind: pigeon}}\n", 1, "must be one of webhook, smtp, apprise"),
        ("channels:\n  ops:\n    kind: webhook\n    url: https://a.example\n    secret: hunter2\n", 5, "another shape"),
        ("channels:\n  ops:\n    kind: webhook\n    url: https://a.example\n", 2, "'secret' is a required property"),
        ("channels:\n  chat: {kind: apprise, url: {env: X}}\ndefault: [chta]\n", 3, "names 'chta'; there are: chat."),
        ("channel: {}\n", 1, "did you mean channels?"),
    ],
)
def test_a_mistake_in_channels_is_named_without_a_secret(tmp_path: Path, text: str, line: int, said: str) -> None:
    (tmp_path / "channels.yaml").write_text(text)

    _, problems = load_channels(tmp_path / "channels.yaml")
    assert problems[0].line == line
    assert said in problems[0].message
    assert "hunter2" not in str(problems)
