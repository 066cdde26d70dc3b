"""How often somebody may be wrong when signing in, and what is said to who was wrong more often."""

from __future__ import annotations

from dataclasses import dataclass

from collector.access.throttle import Throttle
from collector.errors import RequestError


@dataclass(frozen=True)
class Attempts:
    """How often somebody may be wrong. The right password costs nothing.

    Args:
        account: by user name: ten at once, then one a minute.
        client: by network: thirty at once, then one every ten seconds, as an office has one address.
        logged: what the audit log takes of them, so that a flood can't fill the disk: 1,000 at once, then one a second.
    """

    account: Throttle
    client: Throttle
    logged: Throttle

    @classmethod
    def usual(cls) -> Attempts:
        """Return the limits above."""
        return cls(Throttle(10, 60), Throttle(30, 10), Throttle(1000, 1))

    def take(self, account: str, client: str) -> float:
        """Count an attempt and return 0, or return how many seconds to wait."""
        wait = self.client.take(client)
        if not wait and account:
            wait = self.account.take(account)
            if wait:
                self.client.give_back(client)
        return wait

    def give_back(self, account: str, client: str) -> None:
        """Forget an attempt that was right."""
        self.client.give_back(client)
        if account:
            self.account.give_back(account)


class TooManyAttempts(RequestError):
    """Somebody was wrong too often; `headers` say when to try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(429, "too_many_attempts", f"There were too many attempts. Try again in {seconds} seconds.")
        self.headers = {"retry-after": str(seconds)}
