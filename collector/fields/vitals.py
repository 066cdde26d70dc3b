"""Paint, the vitals with their attribution, and long animation frames."""

from __future__ import annotations

from typing import Final

from collector.fields.model import LOAF, WEB_VITALS, Field, group, long_string, ms, number, numbers, string, strings

#: Upper ends of "good" and "needs-improvement"; a value on the line is in the better band.
#: https://web.dev/articles/vitals
THRESHOLDS: Final[dict[str, tuple[float, float]]] = {
    "lcp": (2500, 4000),
    "inp": (200, 500),
    "cls": (0.1, 0.25),
    "fcp": (1800, 3000),
    "ttfb": (800, 1800),
}


def _rating(vital: str) -> Field:
    good, poor = THRESHOLDS[vital]
    value = f"`{vital}.value`"
    # The value is a Float32: its 0.1 is a little more than the 0.1 of a literal, and would not be good.
    bands = f"{value} <= toFloat32({good}), 'good', {value} <= toFloat32({poor}), 'needs-improvement', 'poor'"
    return Field(
        f"{vital}.rating",
        "string",
        f"good (≤ {good:g}), needs-improvement (≤ {poor:g}) or poor, from {vital}.value.",
        origin="table",
        expression=f"multiIf(isNull({value}), NULL, {bands})",
        # Dashboards count each band of each vital; computing them again took five times as long.
        materialized=True,
        source="https://web.dev/articles/vitals",
    )


PAINT: Final = group(
    "Paint",
    ms("fp.value", "First Paint.", source="https://www.w3.org/TR/paint-timing/"),
    ms("fcp.value", "First Contentful Paint.", source=WEB_VITALS),
    _rating("fcp"),
    ms("fcp.time_to_first_byte", "The part of FCP until the first byte.", source=WEB_VITALS),
    ms("fcp.time_since_first_byte", "The part of FCP after the first byte.", source=WEB_VITALS),
    string("fcp.load_state", "How far the document was loaded at FCP.", source=WEB_VITALS),
)  # fmt: skip

LCP: Final = group(
    "Largest Contentful Paint",
    ms("lcp.value", "Largest Contentful Paint.", source=WEB_VITALS),
    _rating("lcp"),
    string("lcp.element", "The largest element, as a short selector.", high=512, source=WEB_VITALS, privacy="page"),
    long_string("lcp.url", "The largest element's resource, without query.", source=WEB_VITALS, privacy="page", holds="address"),
    ms("lcp.time_to_first_byte", "The part of LCP until the first byte of the page.", source=WEB_VITALS),
    ms("lcp.resource_load_delay", "The part of LCP from the first byte to the start of the resource's load.", source=WEB_VITALS),
    ms("lcp.resource_load_duration", "The part of LCP in which the resource was loaded.", source=WEB_VITALS),
    ms("lcp.element_render_delay", "The part of LCP from the loaded resource to the painted element.", source=WEB_VITALS),
    number("lcp.size", "The area of the largest element that was visible.", unit="px²",
           source="https://www.w3.org/TR/largest-contentful-paint/"),
    string("lcp.loading", "The largest image's loading attribute: eager or lazy.", high=32,
           source="https://html.spec.whatwg.org/multipage/urls-and-fetching.html#lazy-loading-attributes"),
    string("lcp.fetch_priority", "The largest image's fetchpriority attribute: high, low or auto.", high=32,
           source="https://html.spec.whatwg.org/multipage/urls-and-fetching.html#fetch-priority-attributes"),
)  # fmt: skip

CLS: Final = group(
    "Cumulative Layout Shift",
    number("cls.value", "Cumulative Layout Shift.", source=WEB_VITALS),
    _rating("cls"),
    string("cls.largest_shift_target", "What moved in the largest shift, as a short selector.", high=512, source=WEB_VITALS,
           privacy="page"),
    ms("cls.largest_shift_time", "When the largest shift happened.", source=WEB_VITALS),
    number("cls.largest_shift_value", "The largest single shift.", source=WEB_VITALS),
    string("cls.load_state", "How far the document was loaded at the largest shift.", source=WEB_VITALS),
)  # fmt: skip

INP: Final = group(
    "Interaction to Next Paint",
    ms("inp.value", "Interaction to Next Paint; absent where nobody interacted.", source=WEB_VITALS),
    _rating("inp"),
    string("inp.interaction_target", "What was interacted with, as a short selector.", high=512, source=WEB_VITALS,
           privacy="page"),
    string("inp.interaction_type", "pointer or keyboard.", source=WEB_VITALS),
    ms("inp.interaction_time", "When the interaction happened.", source=WEB_VITALS),
    ms("inp.next_paint_time", "When the page was painted after it.", source=WEB_VITALS),
    ms("inp.input_delay", "The part of INP before the handlers ran.", source=WEB_VITALS),
    ms("inp.processing_duration", "The part of INP in which handlers ran.", source=WEB_VITALS),
    ms("inp.presentation_delay", "The part of INP from the handlers to the next paint.", source=WEB_VITALS),
    string("inp.load_state", "How far the document was loaded at the interaction.", source=WEB_VITALS),
    long_string("inp.script.url", "The script that took longest within the interaction, without query.", source=WEB_VITALS,
                privacy="page", holds="address"),
    string("inp.script.function", "The function that took longest within the interaction.", source=WEB_VITALS),
    string("inp.script.invoker", "What called it, such as BUTTON#buy.onclick.", high=512, source=WEB_VITALS),
    string("inp.script.invoker_type", "What sort of thing called it, such as event-listener.", source=LOAF),
    ms("inp.script.duration", "How long it took within the interaction.", source=WEB_VITALS),
    ms("inp.script.forced_layout_duration", "Its time in styles and layout that it forced.", source=LOAF),
    string("inp.script.subpart", "The part of INP it fell into.", source=WEB_VITALS),
    ms("inp.loaf_duration", "The long animation frame that the interaction fell into.", source=LOAF),
    ms("inp.total_script_duration", "Script time within the interaction.", source=WEB_VITALS),
    ms("inp.total_style_and_layout_duration", "Style and layout time within the interaction.", source=WEB_VITALS),
    ms("inp.total_paint_duration", "Paint time within the interaction.", source=WEB_VITALS),
    ms("inp.total_unattributed_duration", "Time within the interaction that nothing explains.", source=WEB_VITALS),
)  # fmt: skip

TTFB: Final = group(
    "Time To First Byte",
    ms("ttfb.value", "Time To First Byte.", source=WEB_VITALS),
    _rating("ttfb"),
    ms("ttfb.waiting_duration", "The part of TTFB before the fetch: redirects, start-up.", source=WEB_VITALS),
    ms("ttfb.cache_duration", "The part of TTFB in caches and the service worker.", source=WEB_VITALS),
    ms("ttfb.dns_duration", "The part of TTFB in DNS lookup.", source=WEB_VITALS),
    ms("ttfb.connection_duration", "The part of TTFB in connecting.", source=WEB_VITALS),
    ms("ttfb.request_duration", "The part of TTFB from the request to the first byte.", source=WEB_VITALS),
)  # fmt: skip

LONG_FRAMES: Final = group(
    "Long animation frames",
    number("loaf.count", "Long animation frames until this snapshot.", source=LOAF),
    ms("loaf.duration", "How long they took together.", source=LOAF),
    ms("loaf.blocking_duration", "How long they kept the page from answering, together.", source=LOAF),
    ms("loaf.longest_start", "When the longest one began.", source=LOAF),
    ms("loaf.longest_duration", "How long the longest one took.", source=LOAF),
    ms("loaf.longest_blocking_duration", "How long the longest one kept the page from answering.", source=LOAF),
    ms("loaf.script_duration", "Time of all scripts in long animation frames.", source=LOAF),
    ms("loaf.forced_layout_duration", "Time in styles and layout that these scripts forced.", source=LOAF),
    strings("loaf_scripts.url", "The scripts that took longest, longest first: their URLs without query.", source=LOAF,
            privacy="page", holds="address"),
    strings("loaf_scripts.function", "The function that was called.", source=LOAF),
    strings("loaf_scripts.invoker", "What called it, such as BUTTON#buy.onclick.", source=LOAF),
    strings("loaf_scripts.invoker_type", "The kind of call, such as event-listener or user-callback.", source=LOAF),
    numbers("loaf_scripts.duration", "How long its calls took together.", unit="ms", source=LOAF),
    numbers("loaf_scripts.count", "How many long calls it had.", source=LOAF),
    numbers("loaf_scripts.forced_layout_duration", "Time in styles and layout that it forced.", unit="ms", source=LOAF),
)  # fmt: skip
