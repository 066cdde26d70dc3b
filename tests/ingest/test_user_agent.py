"""What sent a beacon, by its headers."""

from __future__ import annotations

import pytest

from collector.ingest.user_agent import Hints, describe

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.2 Mobile/15E148 Safari/604.1"
)
IPAD = (
    "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("user_agent", "browser", "system", "device"),
    [
        pytest.param(CHROME, "Chrome 156", "Windows", "desktop", id="Chrome"),
        pytest.param(PHONE, "Chrome 156", "Android", "mobile", id="Chrome on Android"),
        pytest.param(IPHONE, "Safari 18", "iOS", "mobile", id="Safari on iPhone"),
        pytest.param(IPAD, "Safari 16", "iOS", "tablet", id="Safari on iPad"),
        pytest.param(FIREFOX, "Firefox 145", "macOS", "desktop", id="Firefox"),
    ],
)
def test_the_user_agent_string_tells_browser_system_and_device(user_agent: str, browser: str, system: str, device: str) -> None:
    facts = describe(Hints(user_agent))

    assert f"{facts['browser.name']} {facts['browser.version']}" == browser
    assert (facts["os.name"], facts["device.type"], facts["user_agent.is_bot"]) == (system, device, False)


def test_client_hints_come_first() -> None:
    brands = '"Chromium";v="157", "Microsoft Edge";v="157", "Not_A Brand";v="99"'
    facts = describe(Hints(PHONE, brands, "?1", '"Android"', '"15.0.0"', '"Pixel 9"'))

    assert (facts["browser.name"], facts["browser.version"]) == ("Edge", "157")
    assert (facts["os.name"], facts["os.version"], facts["device.model.name"]) == ("Android", "15", "Pixel 9")


@pytest.mark.parametrize("user_agent", [GOOGLEBOT, "Mozilla/5.0 (compatible; bingbot/2.0)", "SomeCrawler/1.0"])
def test_robots_are_flagged(user_agent: str) -> None:
    assert describe(Hints(user_agent))["user_agent.is_bot"] is True


def test_nothing_is_made_up_without_headers() -> None:
    assert describe(Hints()) == {"device.type": "other", "user_agent.is_bot": False}


@pytest.mark.parametrize("text", ["x" * 100_000, "\x00\xff", '"";v=', '"a";v="1"' * 1000])
def test_hostile_headers_are_survived(text: str) -> None:
    facts = describe(Hints(*[text] * 6))

    assert all(len(value) <= 256 for value in facts.values() if isinstance(value, str))
