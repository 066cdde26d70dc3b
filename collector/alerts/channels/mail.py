"""A mail over SMTP. All mails of an incident are one thread."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from collector.alerts.channels.model import SEND_SECONDS, ChannelError, Kept, Message


@dataclass(frozen=True, slots=True)
class Mail:
    """Sends mails.

    Attributes:
        host, port: the server.
        security: `starttls`, `tls` or `none`.
        sender, to: addresses.
        user, password: to log in with; None where nobody has to.
        trust: a file of certificates to trust instead of the system's.
    """

    host: str
    port: int
    security: str
    sender: str
    to: tuple[str, ...]
    user: Kept | None = None
    password: Kept | None = None
    trust: str | None = None

    def send(self, message: Message) -> None:
        """See `Channel`."""
        user, password = self.user.read() if self.user else "", self.password.read() if self.password else ""
        try:
            with self._connect() as server:
                if self.security == "starttls":
                    server.starttls(context=ssl.create_default_context(cafile=self.trust))
                if user:
                    server.login(user, password)
                server.send_message(compose(message, self.sender, self.to), self.sender, list(self.to))
        except smtplib.SMTPResponseException as error:
            # What the server says may quote what it was told.
            raise ChannelError(f"The mail server {self.host} refused with code {error.smtp_code}.") from None
        except smtplib.SMTPRecipientsRefused:
            raise ChannelError(f"The mail server {self.host} takes no mail for any of the recipients.") from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise ChannelError(f"The mail server {self.host}:{self.port} did not take the mail: {why}.") from None

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            context = ssl.create_default_context(cafile=self.trust)
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SEND_SECONDS, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=SEND_SECONDS)


def compose(message: Message, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """Return the mail."""
    mail = EmailMessage()
    # What checks and pages say may have line ends.
    mail["Subject"] = " ".join(message.title.split())
    mail["From"], mail["To"] = sender, ", ".join(to)
    mail["Date"] = format_datetime(datetime.fromtimestamp(message.created_at, UTC))
    mail["Message-ID"] = f"<{message.id}@wideload.invalid>"
    mail["References"] = f"<{message.incident['id']}@wideload.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    return mail
