"""How the page was fetched and built: the marks of Navigation Timing, sizes, and the spans between the marks."""

from __future__ import annotations

from typing import Final

from collector.fields.model import NAVIGATION as SPEC
from collector.fields.model import RESOURCE, WEB_VITALS, Field, group, ms, number, size, string


def _span(name: str, start: str, end: str, meaning: str) -> Field:
    expression = f"`navigation.{end}` - `navigation.{start}`"
    return ms(f"navigation.{name}", meaning, origin="table", expression=expression, source=SPEC)


def _marks() -> tuple[Field, ...]:
    """The marks of Navigation Timing, each in ms since the navigation began; absent where the browser says 0."""
    marks = {
        "unload_event_start": "The previous page's unload handler began.",
        "unload_event_end": "The previous page's unload handler ended.",
        "redirect_start": "The first redirect began.",
        "redirect_end": "The last redirect's answer was complete.",
        "worker_start": "The service worker was woken or asked.",
        "worker_router_evaluation_start": "The service worker's static routes were looked at.",
        "worker_cache_lookup_start": "Its cache was asked for the page.",
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
    return tuple(ms(f"navigation.{name}", meaning, source=SPEC) for name, meaning in marks.items())


NAVIGATION: Final = group(
    "Navigation",
    string("navigation.type", "navigate, reload, back-forward, back-forward-cache, prerender or restore; soft-navigation or "
           "route-change where the page stayed and only its content changed, so that their times are of another kind.",
           source=WEB_VITALS),
    *_marks(),
    ms("navigation.duration", "From the start of the navigation to the end of its load handlers.", source=SPEC),
    number("navigation.redirect_count", "Redirects on the way, as far as the browser may tell.", source=SPEC),
    size("navigation.transfer_size", "Bytes of the page over the network, headers included; 0 from a cache.", source=RESOURCE),
    size("navigation.encoded_body_size", "Bytes of the page's body as sent.", source=RESOURCE),
    size("navigation.decoded_body_size", "Bytes of the page's body after decompression.", source=RESOURCE),
    number("navigation.response_status", "The page's HTTP status.", high=999, whole=True, column="Nullable(UInt16)",
           source=RESOURCE),
    string("navigation.next_hop_protocol", "The page's network protocol, such as h2 or h3.", source=RESOURCE),
    string("navigation.content_encoding", "The page's content encoding, such as br.", source=RESOURCE),
    string("navigation.delivery_type", "How the page was delivered: cache, navigational-prefetch, …", source=RESOURCE),
    string("navigation.confidence", "low where the browser itself was busy starting up.", source=SPEC),
    string("navigation.not_restored_reasons", "Why the browser could not bring the page back from its back-forward cache, sorted "
           "and separated by commas.", high=1024,
           source="https://html.spec.whatwg.org/multipage/nav-history-apis.html#the-notrestoredreasons-interface"),
    ms("navigation.critical_ch_restart", "When the browser began anew because the server asked for client hints.",
       source="https://wicg.github.io/client-hints-infrastructure/"),
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
)  # fmt: skip
