"""How one page view goes: a story from the first packet to the last interaction, told in the dictionary's fields.

Marks ascend and the parts of a vital add up to it, as in a browser. All times are whole tenths of a millisecond until they are
written down, so that sums are exact.
"""

from __future__ import annotations

import math
from typing import Final

from collector.demo import shop
from collector.demo.conditions import Conditions, Fields
from collector.demo.resources import describe, waterfall
from collector.demo.visit import frames, habits

#: Browsers tell the duration of an interaction in steps of 8 ms. https://www.w3.org/TR/event-timing/
_INTERACTION_STEP: Final = 80


def load_page(c: Conditions) -> Fields:
    """Return the timings of a page that comes from the server."""
    marks = _marks(c)
    fcp = marks["response_start"] + c.trip() + c.work(430, 0.4)
    lcp, loaded = _lcp(c, marks["response_start"], fcp)
    _finish_marks(c, marks, fcp, loaded)
    vitals = {"ttfb": _ttfb(marks), "fcp": _fcp(c, fcp, marks), "lcp": lcp}
    times: Fields = {f"navigation.{name}": at for name, at in marks.items() if at <= c.stay}
    if marks["load_event_end"] <= c.stay:
        times["navigation.duration"] = marks["load_event_end"]
    for vital, fields in vitals.items():
        # What happens after the visitor has left is not measured.
        times |= fields if fields[f"{vital}.value"] <= c.stay else {}
    shifts = _cls(c, marks) if fcp <= c.stay else {}
    inp = _in_ms(_inp(c, fcp, marks))
    hero = _hero(lcp) if c.page.hero_kb else None
    return (
        _in_ms(times) | inp | shifts | _document(c, marks) | _left(c, fcp, lcp["lcp.value"], marks["load_event_end"])
        | describe(waterfall(c, marks["response_start"], hero)) | frames(c, fcp / 10, inp) | habits(c, bool(inp))
    )  # fmt: skip


def change_route(c: Conditions) -> Fields:
    """Return the timings of a view that a page makes of itself: it fetches data and pictures, and nothing else.

    Only Chromium tells when a soft navigation was painted. https://wicg.github.io/soft-navigations/
    """
    answered = c.trip() + c.about(c.page.server * 0.6, 0.4)
    fcp = answered + c.work(70, 0.4)
    marks = dict.fromkeys(("dom_interactive", "dom_content_loaded_event_start", "dom_complete", "response_end"), 0)
    fields: Fields = {}
    if c.agent.engine == "chromium":
        image = c.trip() + c.transfer(c.page.hero_kb) if c.page.hero_kb else 0
        lcp = fcp + image + c.work(40, 0.5)
        painted = {"fcp.value": fcp, "lcp.value": lcp, "lcp.element": c.page.element} if lcp <= c.stay else {}
        fields = painted | _cls(c, marks)
    inp = _in_ms(_inp(c, fcp, marks))
    items = waterfall(c, answered, None, ("fetch", "img"))
    return _in_ms(fields) | inp | describe(items) | frames(c, fcp / 10, inp) | habits(c, bool(inp))


def restore_page(c: Conditions) -> Fields:
    """Return the timings of a page that comes back from the back/forward cache: nothing is loaded, so little is to tell."""
    shown = c.about(45 * c.slowness, 0.5)
    fields = _in_ms({"ttfb.value": 0, "fcp.value": shown, "lcp.value": shown})
    if c.agent.engine == "chromium":
        fields["cls.value"] = 0
    return fields | describe([]) | habits(c, False)


# --- Navigation ----------------------------------------------------------------------------------------------------


def _marks(c: Conditions) -> dict[str, int]:
    """Return the marks up to the last byte, in their order."""
    at = 0
    marks: dict[str, int] = {}
    if c.random.random() < 0.06:
        marks["redirect_start"], marks["redirect_end"] = 0, (at := c.trip() + c.about(90, 0.5))
    marks["fetch_start"] = at = at + c.about(4, 0.9)
    marks["domain_lookup_start"] = at = at + c.about(0.8, 0.8)
    marks["domain_lookup_end"] = at = at + (0 if c.reused else c.about(9 + c.round_trip / 6, 0.7))
    marks["connect_start"] = at
    handshake = 0.0 if c.reused else c.country.connect_factor
    marks["secure_connection_start"] = at = at + round(handshake * c.trip() if handshake else 0)
    marks["connect_end"] = at = at + round(handshake * c.trip() if handshake else 0)
    marks["request_start"] = at = at + c.about(0.4, 0.4)
    marks["response_start"] = at = at + c.trip() + c.about(c.page.server, 0.45)
    if c.agent.engine == "chromium":
        marks["final_response_headers_start"] = at
    marks["response_end"] = at + c.transfer(32) + c.about(1, 0.5)
    return marks


def _finish_marks(c: Conditions, marks: dict[str, int], fcp: int, loaded: int) -> None:
    """Add the marks from the parsed document to its load handlers."""
    marks["dom_interactive"] = at = max(marks["response_end"] + c.work(90, 0.4), fcp - c.work(140, 0.4))
    marks["dom_content_loaded_event_start"] = at = at + c.work(70, 0.6)
    marks["dom_content_loaded_event_end"] = at = at + c.work(9, 0.7)
    tag = c.about(2200, 0.3) if c.heavy_tag else 0
    marks["dom_complete"] = at = max(at + c.work(330, 0.5) + tag, loaded + 5)
    marks["load_event_start"] = at = at + 1
    marks["load_event_end"] = at + c.work(3, 0.7)


def _document(c: Conditions, marks: dict[str, int]) -> Fields:
    """Return what the navigation says of the document itself."""
    fields: Fields = {"navigation.redirect_count": int("redirect_end" in marks), "navigation.next_hop_protocol": "h2"}
    if c.agent.engine != "webkit":
        fields["navigation.response_status"] = 200
    if c.agent.engine == "chromium":
        fields["navigation.content_encoding"] = "br"
        fields["navigation.next_hop_protocol"] = "h3" if c.random.random() < 0.6 else "h2"
    if marks["response_end"] <= c.stay:
        body = round(26_000 * c.page.work * c.random.uniform(0.9, 1.1))
        fields |= {"navigation.encoded_body_size": body, "navigation.transfer_size": body + 300}
        fields["navigation.decoded_body_size"] = body * 5
    return fields


# --- Vitals --------------------------------------------------------------------------------------------------------


def _ttfb(marks: dict[str, int]) -> Fields:
    return {
        "ttfb.value": marks["response_start"],
        "ttfb.waiting_duration": marks["fetch_start"],
        "ttfb.cache_duration": marks["domain_lookup_start"] - marks["fetch_start"],
        "ttfb.dns_duration": marks["connect_start"] - marks["domain_lookup_start"],
        "ttfb.connection_duration": marks["connect_end"] - marks["connect_start"],
        "ttfb.request_duration": marks["response_start"] - marks["connect_end"],
    }


def _fcp(c: Conditions, fcp: int, marks: dict[str, int]) -> Fields:
    first_byte = marks["response_start"]
    fields: Fields = {"fcp.value": fcp, "fcp.time_to_first_byte": first_byte, "fcp.time_since_first_byte": fcp - first_byte}
    fields["fcp.load_state"] = _load_state(fcp, marks)
    if c.agent.engine == "chromium":
        fields["fp.value"] = fcp - c.random.randrange(0, min(200, fcp - first_byte))
    return fields


def _lcp(c: Conditions, first_byte: int, fcp: int) -> tuple[Fields, int]:
    """Return LCP in its four parts, and when its image was there."""
    delay = duration = 0
    render = c.work(60, 0.7)
    if c.page.hero_kb:
        delay = c.work(320, 0.45) + c.trip()
        if c.bad_release:
            # The bad release fetches the hero image from a script, after the page has been set up.
            delay += c.work(620, 0.35) + c.about(500, 0.3)
        duration = c.trip() + c.transfer(c.page.hero_kb)
        render = c.work(130, 0.7)
    if c.heavy_tag:
        render += c.work(110, 0.5)
    # Nothing is the largest paint before there was a first one.
    render += max(0, fcp - (first_byte + delay + duration + render))
    fields: Fields = {
        "lcp.value": first_byte + delay + duration + render,
        "lcp.element": c.page.element,
        "lcp.time_to_first_byte": first_byte,
        "lcp.resource_load_delay": delay,
        "lcp.resource_load_duration": duration,
        "lcp.element_render_delay": render,
    }
    if c.page.hero_kb:
        fields["lcp.url"] = f"https://{shop.IMAGES}/hero/{c.random.randrange(90)}.avif"
    if c.agent.engine == "chromium":
        fields["lcp.size"] = 180_000.0 if c.page.hero_kb else 24_000.0
        fields |= {"lcp.loading": "eager", "lcp.fetch_priority": "high"} if c.page.hero_kb else {}
    return fields, first_byte + delay + duration


def _hero(lcp: Fields) -> tuple[str, int, int]:
    """Return path, start and duration of the largest image."""
    start = lcp["lcp.time_to_first_byte"] + lcp["lcp.resource_load_delay"]
    return lcp["lcp.url"].removeprefix(f"https://{shop.IMAGES}"), start, lcp["lcp.resource_load_duration"]


def _left(c: Conditions, fcp: int, lcp: int, load: int) -> Fields:
    """Return what had not happened yet when the visitor left."""
    moments = {"fcp": fcp, "lcp": lcp, "load": load}
    return {f"page.left_before_{name}": True for name, at in moments.items() if at > c.stay}


def _cls(c: Conditions, marks: dict[str, int]) -> Fields:
    """Return CLS: small where anything moved at all, and large in the bad release."""
    if c.agent.engine != "chromium":
        return {}
    value, target = 0.0, c.random.choice((c.page.element, "div.cookie-notice"))
    if c.random.random() < c.page.shift_chance:
        value = c.page.shift * (1.3 if c.agent.mobile else 1) * math.exp(c.random.gauss(0, 0.8))
    if c.bad_release and c.page.hero_kb:
        value, target = value + 0.15 * math.exp(c.random.gauss(0, 0.35)), "div.promo-banner"
    if not value:
        return {"cls.value": 0}
    at = min(marks["response_end"] + c.work(700, 0.5), c.stay)
    return {
        "cls.value": round(value, 4),
        "cls.largest_shift_value": round(value * c.random.uniform(0.6, 1), 4),
        "cls.largest_shift_target": target,
        "cls.largest_shift_time": at / 10,
        "cls.load_state": _load_state(at, marks),
    }


def _inp(c: Conditions, fcp: int, marks: dict[str, int]) -> Fields:
    """Return INP in its parts, if the visitor stayed long enough to interact, and did."""
    at = fcp + c.about(4000, 0.9)
    if at > c.stay or c.random.random() < 0.25 or not c.agent.interacts:
        return {}
    delay = c.work(7, 0.9)
    tag = c.heavy_tag and c.random.random() < 0.7
    if tag:
        delay += c.work(105, 0.5)
    processing = c.work(c.page.interaction * 0.4, 0.75)
    presentation = c.work(c.page.interaction * 0.3, 0.6)
    value = -(-(delay + processing + presentation) // _INTERACTION_STEP) * _INTERACTION_STEP
    presentation = value - delay - processing
    target = c.random.choice(c.page.targets)
    fields: Fields = {
        "inp.value": value,
        "inp.interaction_target": target,
        "inp.interaction_type": "keyboard" if "input" in target else "pointer",
        "inp.interaction_time": at,
        "inp.next_paint_time": at + value,
        "inp.input_delay": delay,
        "inp.processing_duration": processing,
        "inp.presentation_delay": presentation,
        "inp.load_state": _load_state(at, marks),
    }
    if c.agent.engine == "chromium" and value > 500:
        fields |= _long_script(c, fields, tag)
    return fields


def _long_script(c: Conditions, inp: Fields, tag: bool) -> Fields:
    """Return what the long animation frame says of an interaction, where it took more than 50 ms."""
    name = "inp.input_delay" if tag else "inp.processing_duration"
    script = round(inp[name] * c.random.uniform(0.7, 0.98))
    others = round((inp["inp.processing_duration"] if tag else inp["inp.input_delay"]) * 0.5)
    style, paint = round(inp["inp.presentation_delay"] * 0.5), round(inp["inp.presentation_delay"] * 0.2)
    return {
        "inp.script.url": shop.HEAVY_SCRIPT if tag else f"https://{shop.HOST}/assets/{'search' if c.page.work > 1.1 else 'app'}.js",
        "inp.script.function": "flushQueue" if tag else c.random.choice(("onClick", "render", "applyFilters")),
        "inp.script.invoker": "TimerHandler:setTimeout" if tag else f"{inp['inp.interaction_target']}.onclick",
        "inp.script.duration": script,
        "inp.script.subpart": "input-delay" if tag else "processing-duration",
        "inp.total_script_duration": script + others,
        "inp.total_style_and_layout_duration": style,
        "inp.total_paint_duration": paint,
        "inp.total_unattributed_duration": inp["inp.value"] - script - others - style - paint,
    }


# --- Writing down --------------------------------------------------------------------------------------------------


def _in_ms(fields: Fields) -> Fields:
    return {name: value / 10 if isinstance(value, int) else value for name, value in fields.items()}


def _load_state(at: int, marks: dict[str, int]) -> str:
    """How far the document was, as web-vitals says it."""
    for mark, state in (("dom_interactive", "loading"), ("dom_content_loaded_event_start", "dom-interactive"),
                        ("dom_complete", "dom-content-loaded")):  # fmt: skip
        if at < marks[mark]:
            return state
    return "complete"
