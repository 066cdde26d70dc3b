"""Sends the demo shop's traffic through the public endpoint, as browsers would: by browser, in beacons of many events."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import orjson

from collector.client import read_answer, refusal, unreachable
from collector.config import is_loopback
from collector.demo import shop
from collector.demo.traffic import MAX_DAYS, View
from collector.demo.visitors import SLOW_COUNTRY, Agent
from collector.errors import ClientError

#: With its resources a page view has some 10 kB.
BATCH_EVENTS: Final = 30
#: A collector that is out of disk, is restarting or has had enough gets so many tries a beacon.
TRIES: Final = 6
MAX_WAIT_SECONDS: Final = 10.0


@dataclass(slots=True)
class Sent:
    """What was sent, and how it was received."""

    accepted: int = 0
    rejected: int = 0
    first_rejection: str = ""


class Sender:
    """Posts beacons to one site key.

    Args:
        url: the collector's address.
        key: the site key.
        transport: what carries the requests; by default the network.
        sleep: waits between tries.
        clock: epoch seconds.
    """

    def __init__(
        self,
        url: str,
        key: str,
        transport: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url, self._path, self._sleep, self._clock = url, f"/v1/beacon/{key}", sleep, clock
        trust = not is_loopback(urlsplit(url).hostname or "")
        self._http = httpx2.Client(base_url=url, timeout=httpx2.Timeout(30, connect=3), transport=transport, trust_env=trust)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, agent: Agent, events: list[dict[str, Any]], sent: Sent) -> None:
        """Post events of one browser and add the outcome to `sent`; tries again where the collector asks for it.

        Raises:
            ClientError: it was refused, or too many tries failed.
        """
        body = gzip.compress(orjson.dumps({"v": 1, "sent_at": int(self._clock() * 1000), "events": events}), 1)
        headers = {"user-agent": agent.user_agent, "content-type": "text/plain", "content-encoding": "gzip", **agent.hints}
        response = self._post(body, headers)
        if response.status_code == 413 and len(events) > 1:
            # A collector may be set to take smaller beacons.
            middle = len(events) // 2
            self.send(agent, events[:middle], sent)
            self.send(agent, events[middle:], sent)
            return
        answer = read_answer(response)
        if "accepted" not in answer:
            raise refusal(response.status_code, answer)
        sent.accepted += int(answer["accepted"])
        sent.rejected += len(answer["rejected"])
        if answer["rejected"]:
            sent.first_rejection = sent.first_rejection or str(answer["rejected"][0]["error"])

    def _post(self, body: bytes, headers: dict[str, str]) -> httpx2.Response:
        for remaining in reversed(range(TRIES)):
            try:
                response = self._http.post(self._path, content=body, headers=headers)
            except httpx2.ConnectError as error:
                raise unreachable(self._url, error) from error
            except httpx2.HTTPError as error:
                if not remaining:
                    raise ClientError(f"{self._url} broke off while it received a beacon: {error}.") from error
                self._sleep(1.0)
                continue
            if response.status_code not in (429, 503) or not remaining:
                break
            self._sleep(_retry_after(response))
        return response


def _retry_after(response: httpx2.Response) -> float:
    value = response.headers.get("retry-after", "")
    return min(float(value) if value.isdecimal() else 1.0, MAX_WAIT_SECONDS)


def beacons(views: Iterable[View]) -> Iterator[tuple[Agent, list[dict[str, Any]]]]:
    """Group views, with what came of them, by browser into beacons: a beacon has the headers of one browser."""
    waiting: dict[str, tuple[Agent, list[dict[str, Any]]]] = {}
    for view in views:
        for event in (view.event, *view.others):
            beacon = waiting.setdefault(view.agent.name, (view.agent, []))
            beacon[1].append(event)
            if len(beacon[1]) == BATCH_EVENTS:
                yield waiting.pop(view.agent.name)
    yield from waiting.values()


def run(url: str, key: str, views: Iterable[View], progress: Callable[[int], None]) -> Sent:
    """Send page views to a site key of a collector. Raises ClientError."""
    sender = Sender(url, key)
    try:
        return seed(sender, views, progress)
    finally:
        sender.close()


def conclusion(sent: Sent, seconds: float) -> str:
    """Return how it went."""
    text = f"{sent.accepted:,} events (page views and their errors) were accepted in {seconds:.1f} s.\n"
    if sent.rejected:
        text += f"{sent.rejected:,} were rejected, the first because: {sent.first_rejection}\n"
    return text


def seed(sender: Sender, views: Iterable[View], progress: Callable[[int], None]) -> Sent:
    """Send page views; `progress` is told how many more have been sent."""
    sent = Sent()
    for agent, events in beacons(views):
        sender.send(agent, events, sent)
        progress(sum(event.get("kind") == "page_view" for event in events))
    return sent


def stories(url: str, dataset: str, now: int, days: float) -> str:
    """Return what there is to find in the traffic, and where to look."""
    days = min(days, MAX_DAYS)
    begin, end = (datetime.fromtimestamp(at / 1000, UTC) for at in shop.plan_releases(now, days).bad)
    loads = "--where 'kind = page_view' --where 'navigation.type not-in soft-navigation,route-change'"
    scope = f"--dataset {dataset} --last {days * 24 + 1:.0f}h {loads}"
    ask, compare = f"wideload query {scope} --calc COUNT", f"wideload bubbleup {scope}"
    return f"""\
Look at {url}/?time={"24h" if days <= 1 else "7d"} . Three things are wrong with this shop:

1. A bad release: {shop.BAD_RELEASE}, live from {begin:%d %b %H:%M} to {end:%d %b %H:%M} UTC. It fetches the hero images late
   (lcp.resource_load_delay) and pushes the page down with div.promo-banner.
   {ask} --calc 'P75(lcp.value)' --calc 'P75(cls.value)' --by service.version
   or, without knowing where to look: {compare} --select 'lcp.value >= P90'

2. A slow country: {SLOW_COUNTRY.code}. Its visitors wait for connections (ttfb.connection_duration).
   {ask} --calc 'P75(ttfb.value)' --calc 'P75(ttfb.connection_duration)' --by geo.country.iso_code
   or: {compare} --select 'ttfb.value >= P90'

3. A heavy third party: {shop.HEAVY_HOST} on product pages. It makes interactions wait (inp.input_delay).
   {ask} --calc 'P75(inp.value)' --calc 'P75(inp.input_delay)' --by resource.slowest_host
   or: {compare} --select 'inp.input_delay >= P90'"""
