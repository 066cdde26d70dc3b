"""The field dictionary: every known field of an event, once.

The table's columns, the checks at ingest, the names of the query language, the docs and the viewer's labels come from
`FIELDS`. A name is the same on the wire, in the column, in a query and on a chart. Names follow OpenTelemetry's semantic
conventions where one exists, else Honeycomb's web attributes, else our own in the same style.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

Type = Literal["string", "number", "boolean", "time"]
#: Who sets a field: the sender, the collector while it accepts the event, or the table (an expression over other fields).
Origin = Literal["sender", "collector", "table"]
#: `technical` says nothing about a person; `page` may by what a site puts into URLs; `person` can single someone out.
Privacy = Literal["technical", "page", "person"]

NAVIGATION: Final = "https://www.w3.org/TR/navigation-timing-2/"
RESOURCE: Final = "https://www.w3.org/TR/resource-timing/"
WEB_VITALS: Final = "https://github.com/GoogleChrome/web-vitals#attribution"
OTEL: Final = "https://opentelemetry.io/docs/specs/semconv/registry/attributes/"
NETWORK: Final = "https://wicg.github.io/netinfo/"

#: Upper ends of "good" and "needs-improvement"; a value on the line is in the better band.
#: https://web.dev/articles/vitals
THRESHOLDS: Final[dict[str, tuple[float, float]]] = {
    "lcp": (2500, 4000),
    "inp": (200, 500),
    "cls": (0.1, 0.25),
    "fcp": (1800, 3000),
    "ttfb": (800, 1800),
}

_CLICKHOUSE: Final = {"string": "LowCardinality(Nullable(String))", "number": "Nullable(Float32)", "boolean": "Nullable(Bool)"}


@dataclass(frozen=True, slots=True)
class Field:
    """One known field.

    Args:
        name: the name everywhere.
        type: what a query sees.
        meaning: one sentence for people.
        unit: `ms`, `bytes`, `px`, … or empty.
        column: the ClickHouse type; by default the nullable column of `type`.
        codec: the ClickHouse codec.
        origin: who sets it. A sender's value for a field that it does not set is ignored.
        low, high: the accepted range of a number; `high` is the longest accepted text, in characters.
        whole: a number without a fraction.
        expression: for `origin="table"`, the SQL that computes it.
        materialized: compute it once, when the event is stored, and not each time it is read.
        source: a link to its definition.
        privacy: see `Privacy`.
        group: the heading it stands under in docs and in the viewer.
    """

    name: str
    type: Type
    meaning: str
    unit: str = ""
    column: str = ""
    codec: str = "ZSTD(1)"
    origin: Origin = "sender"
    low: float = 0
    high: float = 1e9
    whole: bool = False
    expression: str = ""
    materialized: bool = False
    source: str = ""
    privacy: Privacy = "technical"
    group: str = ""

    @property
    def clickhouse_type(self) -> str:
        """The type of the column."""
        return self.column or _CLICKHOUSE[self.type]


def _string(name: str, meaning: str, *, high: int = 256, **more: object) -> Field:
    return Field(name, "string", meaning, high=high, **more)  # type: ignore[arg-type]


def _ms(name: str, meaning: str, **more: object) -> Field:
    return Field(name, "number", meaning, unit="ms", **more)  # type: ignore[arg-type]


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


def _span(name: str, start: str, end: str, meaning: str) -> Field:
    expression = f"`navigation.{end}` - `navigation.{start}`"
    return _ms(f"navigation.{name}", meaning, origin="table", expression=expression, source=NAVIGATION)


def _marks() -> list[Field]:
    """The marks of Navigation Timing, each in ms since the navigation began; absent where the browser says 0."""
    marks = {
        "unload_event_start": "The previous page's unload handler began.",
        "unload_event_end": "The previous page's unload handler ended.",
        "redirect_start": "The first redirect began.",
        "redirect_end": "The last redirect's answer was complete.",
        "worker_start": "The service worker was woken or asked.",
        "fetch_start": "The browser began to fetch the page.",
        "domain_lookup_start": "DNS lookup began.",
        "domain_lookup_end": "DNS lookup ended.",
        "connect_start": "The connection was begun.",
        "secure_connection_start": "The TLS handshake began.",
        "connect_end": "The connection was ready.",
        "request_start": "The request was sent.",
        "first_interim_response_start": "The first interim answer (103 early hints) arrived.",
        "final_response_headers_start": "The final answer's headers began to arrive.",
        "response_start": "The first byte of the answer arrived (interim answers included).",
        "response_end": "The last byte of the answer arrived.",
        "dom_interactive": "The document was parsed.",
        "dom_content_loaded_event_start": "DOMContentLoaded handlers began.",
        "dom_content_loaded_event_end": "DOMContentLoaded handlers ended.",
        "dom_complete": "The document and its subresources were loaded.",
        "load_event_start": "Load handlers began.",
        "load_event_end": "Load handlers ended.",
        "activation_start": "A prerendered page was activated.",
    }
    return [_ms(f"navigation.{name}", meaning, source=NAVIGATION) for name, meaning in marks.items()]


def _group(heading: str, *fields: Field) -> list[Field]:
    return [replace(field, group=heading) for field in fields]


FIELDS: Final[tuple[Field, ...]] = (
    *_group(
        "Event",
        _string("id", "The event's id, made by its sender; the same id again replaces the event.", column="String", high=64),
        _string("kind", "What the event is about: page_view, error, event, check, …", column="LowCardinality(String)", high=32),
        _string("dataset", "The dataset that the site key writes to.", column="LowCardinality(String)", origin="collector"),
        Field("revision", "number", "Counts the versions of an event; the highest one is kept.", column="UInt32",
              high=2**32 - 1, whole=True),
        Field("sample_rate", "number", "This row stands for so many events.", column="UInt32", low=1, high=1e6, whole=True),
        Field("ts", "time", "When it happened, corrected for the sender's clock and clamped to received −7 d … +5 min.",
              column="DateTime64(3, 'UTC')", codec="Delta, ZSTD(1)", origin="collector"),
        Field("time", "time", "When it happened, as the sender's clock had it.", column="DateTime64(3, 'UTC')",
              codec="Delta, ZSTD(1)", high=9.2e12, low=-2.2e12),
        Field("received_at", "time", "When the collector accepted it.", column="DateTime64(3, 'UTC')", codec="Delta, ZSTD(1)",
              origin="collector"),
        _ms("clock.skew", "The collector's clock minus the sender's when the beacon was sent.", column="Nullable(Float64)",
            origin="collector"),
        _string("clock.state", "ok, corrected (by clock.skew) or clamped (to the accepted range).", origin="collector"),
    ),
    *_group(
        "Page",
        _string("page.url", "The page's URL without query and fragment.", column="Nullable(String)", high=2048, privacy="page"),
        _string("page.host", "The page's host, with its port if it has one.", high=253),
        _string("page.path", "The page's path.", high=2048, privacy="page"),
        _string("page.route", "The path's template, such as /product/:id.", high=512),
        _string("page.referrer", "The referring page's URL without query and fragment.", column="Nullable(String)", high=2048,
                privacy="page"),
        _string("page.referrer_host", "The referring page's host.", high=253),
        Field("page.hidden_at_start", "boolean", "The page was opened in the background, so its paint timings say little."),
        _ms("page.visible_time", "How long the page was visible until this snapshot."),
        _ms("page.age", "How long after the navigation this snapshot was taken."),
        _string("session.id", "The visitor's session, where the site has switched it on.", column="Nullable(String)", high=64,
                privacy="person", source=OTEL + "session/"),
        _string("service.name", "The application that the page belongs to.", source=OTEL + "service/"),
        _string("service.version", "The release of the application.", source=OTEL + "service/"),
    ),
    *_group(
        "Navigation",
        _string("navigation.type", "navigate, reload, back-forward, back-forward-cache, prerender or restore.", source=WEB_VITALS),
        *_marks(),
        _ms("navigation.duration", "From the start of the navigation to the end of its load handlers.", source=NAVIGATION),
        Field("navigation.redirect_count", "number", "Redirects on the way, as far as the browser may tell.", source=NAVIGATION),
        Field("navigation.transfer_size", "number", "Bytes of the page over the network, headers included; 0 from a cache.",
              unit="bytes", column="Nullable(Float64)", high=1e13, source=RESOURCE),
        Field("navigation.encoded_body_size", "number", "Bytes of the page's body as sent.", unit="bytes",
              column="Nullable(Float64)", high=1e13, source=RESOURCE),
        Field("navigation.decoded_body_size", "number", "Bytes of the page's body after decompression.", unit="bytes",
              column="Nullable(Float64)", high=1e13, source=RESOURCE),
        Field("navigation.response_status", "number", "The page's HTTP status.", high=999, whole=True,
              column="Nullable(UInt16)", source=RESOURCE),
        _string("navigation.next_hop_protocol", "The page's network protocol, such as h2 or h3.", source=RESOURCE),
        _string("navigation.content_encoding", "The page's content encoding, such as br.", source=RESOURCE),
        _string("navigation.delivery_type", "How the page was delivered: cache, navigational-prefetch, …", source=RESOURCE),
        _string("navigation.confidence", "low where the browser itself was busy starting up.", source=NAVIGATION),
        _span("redirect_duration", "redirect_start", "redirect_end", "Time in redirects."),
        _span("worker_duration", "worker_start", "fetch_start", "Time until the service worker was ready."),
        _span("cache_duration", "fetch_start", "domain_lookup_start", "Time in the browser's caches before DNS."),
        _span("dns_duration", "domain_lookup_start", "domain_lookup_end", "Time in DNS lookup."),
        _span("connect_duration", "connect_start", "connect_end", "Time to connect, TLS included."),
        _span("tls_duration", "secure_connection_start", "connect_end", "Time in the TLS handshake."),
        _span("request_duration", "request_start", "response_start", "Time from the request to the first byte."),
        _span("response_duration", "response_start", "response_end", "Time to receive the page."),
        _span("dom_processing_duration", "response_end", "dom_complete", "Time from the last byte to the complete document."),
        _span("dom_content_loaded_duration", "dom_content_loaded_event_start", "dom_content_loaded_event_end",
              "Time in DOMContentLoaded handlers."),
        _span("load_event_duration", "load_event_start", "load_event_end", "Time in load handlers."),
    ),
    *_group(
        "Paint",
        _ms("fp.value", "First Paint.", source="https://www.w3.org/TR/paint-timing/"),
        _ms("fcp.value", "First Contentful Paint.", source=WEB_VITALS),
        _rating("fcp"),
        _ms("fcp.time_to_first_byte", "The part of FCP until the first byte.", source=WEB_VITALS),
        _ms("fcp.time_since_first_byte", "The part of FCP after the first byte.", source=WEB_VITALS),
        _string("fcp.load_state", "How far the document was loaded at FCP.", source=WEB_VITALS),
    ),
    *_group(
        "Largest Contentful Paint",
        _ms("lcp.value", "Largest Contentful Paint.", source=WEB_VITALS),
        _rating("lcp"),
        _string("lcp.element", "The largest element, as a short selector.", high=512, source=WEB_VITALS, privacy="page"),
        _string("lcp.url", "The largest element's resource, without query.", column="Nullable(String)", high=2048,
                source=WEB_VITALS, privacy="page"),
        _ms("lcp.time_to_first_byte", "The part of LCP until the first byte of the page.", source=WEB_VITALS),
        _ms("lcp.resource_load_delay", "The part of LCP from the first byte to the start of the resource's load.",
            source=WEB_VITALS),
        _ms("lcp.resource_load_duration", "The part of LCP in which the resource was loaded.", source=WEB_VITALS),
        _ms("lcp.element_render_delay", "The part of LCP from the loaded resource to the painted element.", source=WEB_VITALS),
    ),
    *_group(
        "Cumulative Layout Shift",
        Field("cls.value", "number", "Cumulative Layout Shift.", source=WEB_VITALS),
        _rating("cls"),
        _string("cls.largest_shift_target", "What moved in the largest shift, as a short selector.", high=512, source=WEB_VITALS,
                privacy="page"),
        _ms("cls.largest_shift_time", "When the largest shift happened.", source=WEB_VITALS),
        Field("cls.largest_shift_value", "number", "The largest single shift.", source=WEB_VITALS),
        _string("cls.load_state", "How far the document was loaded at the largest shift.", source=WEB_VITALS),
    ),
    *_group(
        "Interaction to Next Paint",
        _ms("inp.value", "Interaction to Next Paint; absent where nobody interacted.", source=WEB_VITALS),
        _rating("inp"),
        _string("inp.interaction_target", "What was interacted with, as a short selector.", high=512, source=WEB_VITALS,
                privacy="page"),
        _string("inp.interaction_type", "pointer or keyboard.", source=WEB_VITALS),
        _ms("inp.interaction_time", "When the interaction happened.", source=WEB_VITALS),
        _ms("inp.next_paint_time", "When the page was painted after it.", source=WEB_VITALS),
        _ms("inp.input_delay", "The part of INP before the handlers ran.", source=WEB_VITALS),
        _ms("inp.processing_duration", "The part of INP in which handlers ran.", source=WEB_VITALS),
        _ms("inp.presentation_delay", "The part of INP from the handlers to the next paint.", source=WEB_VITALS),
        _string("inp.load_state", "How far the document was loaded at the interaction.", source=WEB_VITALS),
        _string("inp.script.url", "The script that took longest within the interaction, without query.",
                column="Nullable(String)", high=2048, source=WEB_VITALS, privacy="page"),
        _string("inp.script.function", "The function that took longest within the interaction.", source=WEB_VITALS),
        _string("inp.script.invoker", "What called it, such as BUTTON#buy.onclick.", high=512, source=WEB_VITALS),
        _ms("inp.script.duration", "How long it took within the interaction.", source=WEB_VITALS),
        _string("inp.script.subpart", "The part of INP it fell into.", source=WEB_VITALS),
        _ms("inp.total_script_duration", "Script time within the interaction.", source=WEB_VITALS),
        _ms("inp.total_style_and_layout_duration", "Style and layout time within the interaction.", source=WEB_VITALS),
        _ms("inp.total_paint_duration", "Paint time within the interaction.", source=WEB_VITALS),
        _ms("inp.total_unattributed_duration", "Time within the interaction that nothing explains.", source=WEB_VITALS),
    ),
    *_group(
        "Time To First Byte",
        _ms("ttfb.value", "Time To First Byte.", source=WEB_VITALS),
        _rating("ttfb"),
        _ms("ttfb.waiting_duration", "The part of TTFB before the fetch: redirects, start-up.", source=WEB_VITALS),
        _ms("ttfb.cache_duration", "The part of TTFB in caches and the service worker.", source=WEB_VITALS),
        _ms("ttfb.dns_duration", "The part of TTFB in DNS lookup.", source=WEB_VITALS),
        _ms("ttfb.connection_duration", "The part of TTFB in connecting.", source=WEB_VITALS),
        _ms("ttfb.request_duration", "The part of TTFB from the request to the first byte.", source=WEB_VITALS),
    ),
    *_group(
        "Resources",
        Field("resource.count", "number", "Resources that the page loaded until this snapshot.", source=RESOURCE),
        Field("resource.transfer_size", "number", "Their bytes over the network.", unit="bytes", column="Nullable(Float64)",
              high=1e13, source=RESOURCE),
        Field("resource.third_party_count", "number", "Those from other hosts.", source=RESOURCE),
        Field("resource.third_party_transfer_size", "number", "Their bytes over the network, where the host allows to tell.",
              unit="bytes", column="Nullable(Float64)", high=1e13, source=RESOURCE),
        _ms("resource.slowest_duration", "The slowest resource's duration.", source=RESOURCE),
        _string("resource.slowest_host", "The slowest resource's host.", high=253, source=RESOURCE),
    ),
    *_group(
        "Browser and device",
        _string("browser.name", "The browser.", origin="collector", source=OTEL + "browser/"),
        _string("browser.version", "Its major version.", origin="collector"),
        _string("os.name", "The operating system.", origin="collector", source=OTEL + "os/"),
        _string("os.version", "Its major version.", origin="collector", source=OTEL + "os/"),
        _string("device.type", "desktop, mobile, tablet, tv or other.", origin="collector"),
        _string("device.manufacturer", "The device's maker.", origin="collector", source=OTEL + "device/"),
        _string("device.model.name", "The device's model.", origin="collector", source=OTEL + "device/"),
        Field("user_agent.is_bot", "boolean", "The user agent says that it is a robot.",
              origin="collector"),
        _string("geo.country.iso_code", "The country: from the address, which is then dropped, where a country database is "
                "configured; else what the sender says.", high=2, source=OTEL + "geo/"),
        Field("browser.webdriver", "boolean", "The browser is driven by a program.",
              source="https://www.w3.org/TR/webdriver2/#interface"),
        _string("browser.language", "The preferred language.", high=35, source=OTEL + "browser/"),
        _string("browser.time_zone", "The time zone, such as Europe/Berlin.", high=64),
        Field("browser.width", "number", "Width of the viewport.", unit="px"),
        Field("browser.height", "number", "Height of the viewport.", unit="px"),
        _string("browser.color_scheme", "The preferred colours: light or dark."),
        Field("browser.reduced_motion", "boolean", "The visitor prefers less motion."),
        Field("screen.width", "number", "Width of the screen.", unit="px"),
        Field("screen.height", "number", "Height of the screen.", unit="px"),
        Field("screen.pixel_ratio", "number", "Device pixels per CSS pixel."),
        _string("screen.orientation", "The screen's orientation, such as portrait-primary.", high=32),
        Field("device.memory", "number", "Memory of the device, rounded by the browser.", unit="GiB",
              source="https://www.w3.org/TR/device-memory/"),
        Field("device.cores", "number", "Logical processors."),
        _string("network.effective_type", "slow-2g, 2g, 3g or 4g.", high=16, source=NETWORK),
        _string("network.type", "wifi, cellular, … where the browser tells.", high=16, source=NETWORK),
        _ms("network.rtt", "Round-trip time, rounded by the browser.", source=NETWORK),
        Field("network.downlink", "number", "Bandwidth, rounded by the browser.", unit="Mbit/s", source=NETWORK),
        Field("network.save_data", "boolean", "The visitor asks for less data.", source=NETWORK),
    ),
    *_group(
        "Beacon",
        _string("beacon.version", "The version of the script.", high=32),
        _string("beacon.trigger", "Why this snapshot was sent: hidden or pagehide.", high=32),
    ),
)  # fmt: skip

BY_NAME: Final[dict[str, Field]] = {field.name: field for field in FIELDS}

#: The maps that hold what is not in the dictionary, by the type of the value.
ATTRIBUTE_COLUMNS: Final[dict[Type, str]] = {
    "string": "attrs_string",
    "number": "attrs_number",
    "boolean": "attrs_bool",
}


def stored_fields() -> list[Field]:
    """Return the fields that a row carries, in the table's order; the table computes the others."""
    return [field for field in FIELDS if field.origin != "table"]
