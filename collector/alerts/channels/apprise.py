"""A service that Apprise knows: chat, pager, phone. Needs the extra `wideload[apprise]`."""

from __future__ import annotations

from dataclasses import dataclass

from collector.alerts.channels.model import ChannelError, Kept, Message


@dataclass(frozen=True, slots=True)
class Service:
    """Tells one service; `url` is Apprise's, and a secret."""

    url: Kept

    def send(self, message: Message) -> None:
        """See `Channel`."""
        try:
            # It is large, and most have no such channel.
            import apprise
        except ImportError:
            raise ChannelError('This channel needs Apprise: install it with `pip install "wideload[apprise]"`.') from None
        service = apprise.Apprise()
        if not service.add(self.url.read()):
            raise ChannelError("The url is none that Apprise knows; its list is at https://github.com/caronc/apprise.")
        kind = {"resolved": apprise.NotifyType.SUCCESS, "test": apprise.NotifyType.INFO}.get(
            message.event, apprise.NotifyType.FAILURE
        )
        if not service.notify(title=message.title, body=message.text, notify_type=kind):
            raise ChannelError("The service did not take the message; Apprise's log says more at the level debug.")
