"""A week of three checks of the demo shop: their runs, steps and probes, and the page views that they caused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Final

from collector.events import Event

_DAY: Final = 86_400
_JOURNEY: Final = (
    ("open the shop", "open"), ("search for boots", "fill"), ("see results", "expect_text"), ("put into the cart", "click"),
    ("go to the checkout", "click"), ("see the total", "expect_text"),
)  # fmt: skip
#: Name, title, kind, seconds between runs.
_CHECKS: Final = (
    ("shop/buy", "Buy a pair of boots", "journey", 7200),
    ("shop/home", "Speed of the home page", "page", 3600),
    ("shop/api", "Stock is answered", "http", 3600),
)
_LOCATIONS: Final = ("frankfurt", "virginia")


def checked(now: int, days: int, seen: Sequence[Event]) -> Iterator[dict[str, Any]]:
    """Yield the events.

    Args:
        now: epoch seconds, where the week ends.
        seen: page views of people: those of checks are such of fast machines, by another name.
    """
    random = Random(2)
    fast = [one for one in seen if one.get("geo.country.iso_code") == "DE" and one.get("navigation.type") == "navigate"]
    for name, title, kind, every in _CHECKS:
        for number, at in enumerate(range(now - days * _DAY + 60, now, every)):
            run = f"{random.getrandbits(128):032x}"
            hours = (now - at) / 3600
            status = "fail" if 60 < hours < 66 and name == "shop/buy" else "degraded" if 66 < hours < 74 else "pass"
            flaky = status == "pass" and number % 29 == 7
            common = {
                "check.run_id": run, "check.name": name, "check.title": title, "check.kind": kind, "check.suite": "shop",
                "check.location": _LOCATIONS[number % 2], "check.trigger": "schedule", "check.attempt": 2 if flaky else 1,
                "user_agent.is_bot": True,
            }  # fmt: skip
            steps = list(_steps(random, kind, status))
            taken = sum(step["check.step.duration"] for step in steps) or random.lognormvariate(6.2, 0.2)
            result = common | {
                "check.is_final": True, "check.status": status, "check.duration": round(taken, 1), "check.is_flaky": flaky,
                "check.assertions": 3, "check.failed_assertions": int(status != "pass"), "check.console_errors": 0,
                "check.failed_requests": 0,
            }  # fmt: skip
            if status != "pass":
                result |= {
                    "check.reason": "assertion",
                    "check.message": "“In stock” was not seen within 5 s." if status == "fail" else "lcp.value <= 2500: 3120 ms.",
                    "check.failed_step": _JOURNEY[2][0] if kind == "journey" else "",
                }
            if kind == "http":
                result |= _probe(random)
            if kind == "page":
                lcp = random.lognormvariate(7.2, 0.08) * (1.9 if status == "degraded" else 1)
                result |= {
                    "lcp.value": round(lcp),
                    "speed_index.value": round(lcp * 0.86),
                    "tbt.value": round(random.lognormvariate(4.2, 0.4)),
                }
            yield _event(random, "check_run", at, result)
            for step in steps:
                yield _event(random, "check_step", at, common | step)
            if kind == "http":
                yield _event(random, "probe", at, common | _probe(random))
            for view in [] if kind == "http" else random.sample(fast, 3 if kind == "journey" else 1):
                moved = {"ts": at * 1000 + 900, "time": at * 1000 + 900, "received_at": at * 1000 + 9_000}
                caused = {
                    key: common[key] for key in ("check.run_id", "check.name", "check.kind", "check.location", "user_agent.is_bot")
                }
                yield {**view, **moved, **caused, "id": f"{random.getrandbits(128):032x}"}


def _event(random: Random, kind: str, at: int, fields: dict[str, Any]) -> dict[str, Any]:
    moments = {"ts": at * 1000, "time": at * 1000, "received_at": at * 1000}
    return {"id": f"{random.getrandbits(128):032x}", "kind": kind, **moments, "clock.state": "ok", **fields}


def _steps(random: Random, kind: str, status: str) -> Iterator[dict[str, Any]]:
    for index, (name, action) in enumerate(_JOURNEY if kind == "journey" else ()):
        failed, skipped = status == "fail" and index == 2, status == "fail" and index > 2
        yield {
            "check.step.name": name, "check.step.index": index, "check.step.action": action,
            "check.step.status": "fail" if failed else "skipped" if skipped else "pass",
            "check.step.duration": 5000.0 if failed else 0.0 if skipped else round(random.lognormvariate(6, 0.4), 1),
            "check.step.is_healed": index == 3 and random.random() < 0.05,
        }  # fmt: skip


def _probe(random: Random) -> dict[str, Any]:
    phases = {name: round(random.lognormvariate(mean, 0.25), 1) for name, mean in
              (("dns", 1.6), ("connect", 2.4), ("tls", 3.1), ("send", -1.0), ("wait", 4.4), ("receive", 1.0))}  # fmt: skip
    return {f"probe.{name}_duration": value for name, value in phases.items()} | {
        "probe.duration": round(sum(phases.values()), 1), "url.full": "https://shop.example/api/stock",
        "server.address": "shop.example",
        "server.port": 443, "http.request.method": "GET", "http.response.status_code": 200, "cert.days_left": 41.0,
        "network.protocol.version": "2", "tls.protocol.version": "1.3",
    }  # fmt: skip
