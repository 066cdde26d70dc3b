"""What happens on a page of the demo shop after it was loaded: long animation frames, clicks, and how long it was looked at."""

from __future__ import annotations

from collector.demo import shop
from collector.demo.conditions import Conditions, Fields

#: A frame that takes longer than this is a long one. https://w3c.github.io/long-animation-frames/
_LONG_MS = 50
_SCRIPT = ("url", "function", "invoker", "invoker_type", "duration", "count", "forced_layout_duration")


def frames(c: Conditions, begin: float, inp: Fields) -> Fields:
    """Return what the browser tells of long animation frames, where it tells them.

    Args:
        c: the conditions.
        begin: when the page's scripts began to run, in ms.
        inp: the fields of its slowest interaction.
    """
    if c.agent.engine != "chromium":
        return {}
    scripts = sorted((row for row in _scripts(c, inp) if row[4] > _LONG_MS), key=lambda row: -row[4])
    fields: Fields = {"loaf.count": sum(row[5] for row in scripts)}
    if not scripts:
        return fields
    longest = scripts[0][4] / scripts[0][5]
    busy = sum(row[4] for row in scripts)
    fields |= {
        "loaf.duration": round(busy * 1.2, 1),
        "loaf.script_duration": round(busy, 1),
        "loaf.blocking_duration": round(sum(max(0, row[4] - _LONG_MS * row[5]) for row in scripts), 1),
        "loaf.forced_layout_duration": round(sum(row[6] for row in scripts), 1),
        "loaf.longest_start": round(begin + 200 * c.random.random() * c.slowness, 1),
        "loaf.longest_duration": round(longest * 1.2, 1),
        "loaf.longest_blocking_duration": round(max(0, longest * 1.2 - _LONG_MS), 1),
    }
    return fields | {f"loaf_scripts.{name}": list(values) for name, values in zip(_SCRIPT, zip(*scripts, strict=True), strict=True)}


def _scripts(c: Conditions, inp: Fields) -> list[tuple[str, str, str, str, float, int, float]]:
    assets, work = f"https://{shop.HOST}/assets", c.slowness * c.page.work
    rows = [
        (f"{assets}/vendor.js", "", f"{assets}/vendor.js", "classic-script", _part(c, 42 * work), 1, 0.0),
        (f"{assets}/app.js", "hydrate", f"{assets}/app.js", "module-script", _part(c, 95 * work), 1, _part(c, 8 * work)),
    ]
    if c.heavy_tag:
        timer = ("flushQueue", "TimerHandler:setTimeout", "user-callback")
        rows.append((shop.HEAVY_SCRIPT, *timer, _part(c, 260 * work), 3, _part(c, 40 * work)))
    if "inp.script.duration" in inp:
        spent = inp["inp.script.duration"]
        names = inp["inp.script.function"], inp["inp.script.invoker"]
        rows.append((inp["inp.script.url"], *names, "event-listener", spent, 1, round(spent * 0.2, 1)))
    return rows


def _part(c: Conditions, milliseconds: float) -> float:
    return round(milliseconds * (0.5 + c.random.random()), 1)


def habits(c: Conditions, has_interacted: bool) -> Fields:
    """Return how the visitor used the page."""
    clicks = int(c.random.expovariate(0.7)) + 1 if has_interacted else 0
    fields: Fields = {"interaction.count": clicks, "click.count": clicks, "click.rage_count": 0, "click.dead_count": 0}
    if clicks > 2 and c.slowness > 2 and c.random.random() < 0.3:
        fields |= {"click.rage_count": 1, "click.rage_target": c.page.targets[0]}
    if has_interacted and c.random.random() < 0.03:
        fields |= {"click.dead_count": 1, "click.dead_target": "div.badge"}
    return fields | {"scroll.depth": round(min(1, 0.2 + c.random.random() * c.stay / 300_000), 2)} | _visibility(c)


def _visibility(c: Conditions) -> Fields:
    """Return when the page was visible; some visitors look at something else in between."""
    age, states, times = c.stay / 10, ["visible"], [0.0]
    if age > 20_000 and c.random.random() < 0.3:
        away = age * (0.2 + 0.3 * c.random.random())
        states, times = [*states, "hidden", "visible"], [*times, round(away, 1), round(away + age * 0.2, 1)]
    seen = age if len(times) == 1 else age - (times[2] - times[1])
    return {"visibility.state": states, "visibility.time": times, "page.visible_time": round(seen, 1)}
