"""Page views as the engine makes them, in SQL: as wide as real ones, with heavy tails, and the same ones each time.

Everything about a view is a function of its hour and its number: draws are hashes, not random numbers. A statement makes one
hour, so that days fill up hour by hour as they do in life, and a run that was stopped goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Final

DATASET: Final = "bench"
HOUR: Final = 3600
#: How busy the hours of a day are (UTC); the mean is 1.
RHYTHM: Final = (
    0.45, 0.35, 0.3, 0.3, 0.35, 0.5, 0.7, 0.9, 1.05, 1.15, 1.2, 1.25, 1.3, 1.3, 1.3, 1.3, 1.35, 1.4, 1.5, 1.6, 1.6, 1.45, 1.0, 0.7,
)  # fmt: skip
ROUTES: Final = 500
PATHS: Final = 20_000
COUNTRIES: Final = (
    "US", "DE", "GB", "FR", "IN", "BR", "JP", "CA", "NL", "PL", "ES", "IT", "AU", "MX", "SE", "CH", "AT", "BE", "DK", "NO",
    "FI", "IE", "PT", "CZ", "RO", "HU", "GR", "TR", "ZA", "NG", "EG", "KE", "AR", "CL", "CO", "PE", "ID", "PH", "VN", "TH",
)  # fmt: skip
#: The 20 attributes: of the session or of the view (S or V), and how each is made.
ATTRIBUTES: Final[dict[str, dict[str, str]]] = {
    "attrs_string": {
        "plan": "['free', 'free', 'free', 'plus', 'plus', 'business'][1 + {S} % 6]",
        "experiment": "['control', 'one-page', 'two-page'][1 + {S} % 3]",
        "tenant": "concat('tenant-', toString(toUInt32(2000 * pow(({S} % 1000000) / 1e6, 3))))",
        "currency": "['EUR', 'USD', 'GBP', 'JPY'][1 + {S} % 4]",
        "campaign.variant": "['a', 'b', 'c', 'd', 'e'][1 + {S} % 5]",
        "page.kind": "['list', 'product', 'search', 'article', 'account'][1 + {V} % 5]",
        "search.sort": "['relevance', 'price', 'newest'][1 + {V} % 3]",
        "cdn.pop": "concat('pop', toString({S} % 60))",
        "cdn.cache": "['hit', 'hit', 'hit', 'miss', 'stale'][1 + {V} % 5]",
        "api.version": "['2026-08', '2026-10'][1 + {S} % 2]",
    },
    "attrs_number": {
        "cart.items": "{V} % 5",
        "cart.value": "round({V} % 100000 / 100, 2)",
        "server.duration": "round(exp(3 + 1.5 * pow(({V} % 1000003) / 1e6, 2)), 1)",
        "server.queries": "{V} % 40",
        "search.results": "toUInt32(500 * pow(({V} % 10007) / 1e4, 4))",
        "product.price": "round(5 + pow(({V} % 100003) / 1e4, 2.5), 2)",
        "visitor.visits": "1 + toUInt32(30 * pow(({S} % 10007) / 1e4, 3))",
    },
    "attrs_bool": {"logged_in": "{S} % 5 < 2", "is_member": "{S} % 9 = 0", "has_consent": "{S} % 10 < 7"},
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Hours that one INSERT fills.

    Args:
        start: of the first, in epoch seconds.
        rows: how many page views each hour has, in order.
        resources: how many resources each view lists; usually none, as they make a row three times as large.
    """

    start: int
    rows: tuple[int, ...]
    resources: int = 0


def chunks(rows: int, days: int, end: int, hours: int) -> list[Chunk]:
    """Return so many page views in the days before `end` (epoch seconds, a whole hour), in chunks of so many hours."""
    start = end - days * 24 * HOUR
    a_hour = rows / (days * 24)
    counts = [(at, round(a_hour * RHYTHM[at // HOUR % 24] / (sum(RHYTHM) / 24))) for at in range(start, end, HOUR)]
    return [
        Chunk(counts[first][0], tuple(count for _, count in counts[first : first + hours]))
        for first in range(0, len(counts), hours)
    ]


def fill(chunk: Chunk) -> str:
    """Return the INSERT of a chunk's page views."""
    columns = _columns() | (_resources(chunk.resources) if chunk.resources else {})
    names = ", ".join(f"`{name}`" for name in columns)
    shown = ",\n  ".join(columns.values())
    draws = ",\n  ".join(f"{sql} AS {name}" for name, sql in _draws(chunk).items())
    return f"INSERT INTO events ({names})\nWITH\n  {draws}\nSELECT\n  {shown}\nFROM numbers({sum(chunk.rows)})"


class _Dice:
    """Draws of a view (`v_hash`) or of its session (`s_hash`): each has its own salt."""

    def __init__(self) -> None:
        self._salt = 0

    def whole(self, of: str = "v_hash") -> str:
        self._salt += 1
        return f"intHash64(bitXor({of}, {self._salt * 0x9E3779B97F4A7C15 % 2**64}))"

    def unit(self, of: str = "v_hash") -> str:
        """Return a number between 0 and 1, neither of which it is."""
        return f"((bitShiftRight({self.whole(of)}, 12) + 0.5) / 4503599627370496)"

    def normal(self, of: str = "v_hash") -> str:
        """Return a standard normal deviate, by Box and Muller."""
        return f"(sqrt(-2 * log({self.unit(of)})) * cos(2 * pi() * {self.unit(of)}))"

    def chance(self, share: float, of: str = "v_hash") -> str:
        return f"({self.unit(of)} < {share})"

    def one_of(self, values: list[str] | tuple[str, ...], of: str = "v_hash") -> str:
        listed = ", ".join(f"'{value}'" for value in values)
        return f"[{listed}][1 + {self.whole(of)} % {len(values)}]"

    def lognormal(self, mean: float, spread: float, of: str = "v_hash") -> str:
        """Return milliseconds with a tenth's precision; `mean` is of the logarithm."""
        return f"round(exp({mean} + {spread} * {self.normal(of)}), 1)"


def _draws(chunk: Chunk) -> dict[str, str]:
    """Return what several columns need, each made of those before it."""
    d = _Dice()
    # Sixteen views are six visits, of one to six views.
    session = "intDiv(v_number, 16) * 6 + [0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 5, 5, 5, 5, 5, 5][1 + v_number % 16]"
    place = "[1, 1, 2, 1, 2, 3, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6][1 + v_number % 16]"
    return {
        "v_hour": f"arrayFirstIndex(last -> number < last, {list(accumulate(chunk.rows))})",
        "v_number": f"(number - {[0, *accumulate(chunk.rows)]}[v_hour])",
        "v_start_hour": f"({chunk.start} + {HOUR} * (v_hour - 1))",
        "v_hash": "cityHash64(v_number, v_start_hour, 'view')",
        "s_hash": f"cityHash64({session}, v_start_hour, 'session')",
        "v_place": place,
        "v_ms": f"toInt64(v_start_hour * 1000 + least(3599999, toInt64({d.unit('s_hash')} * 3300000) + v_place * 40000"
        f" + toInt64({d.unit()} * 20000)))",
        # A Zipf law by its inverse: the share of the first k of n pages is ln(k) / ln(n), nearly.
        "v_path": f"toUInt32(exp({d.unit()} * log({PATHS})))",
        "s_mobile": d.chance(0.55, "s_hash"),
        "s_agent": f"if(s_mobile, [1, 1, 1, 2, 2, 2, 2, 3][1 + {d.whole('s_hash')} % 8],"
        f" [4, 4, 4, 4, 5, 6, 7, 8][1 + {d.whole('s_hash')} % 8])",
        "s_chromium": "s_agent NOT IN (2, 6, 7)",
        "s_country": f"toUInt32(exp({d.unit('s_hash')} * log({len(COUNTRIES)} + 1)))",
        "s_slow": f"exp(if(s_mobile, 0.35, 0) + 0.02 * s_country + 0.35 * {d.normal('s_hash')})",
        "v_bfcache": f"({d.chance(0.08)} AND v_place > 1)",
        "v_soft": f"({d.chance(0.1)} AND v_place > 1 AND NOT v_bfcache)",
        "v_hard": "NOT v_bfcache AND NOT v_soft",
        "v_reused": f"(v_place > 1 OR {d.chance(0.2)})",
        "v_dns": f"if(v_reused, 0, {d.lognormal(2.6, 0.8)})",
        "v_connect": f"if(v_reused, 0, round(s_slow * {d.lognormal(3.6, 0.6)}, 1))",
        "v_start": d.lognormal(1.2, 0.9),
        "v_request": f"round(v_start + v_dns + v_connect + {d.lognormal(-0.8, 0.5)}, 1)",
        "v_first_byte": f"round(v_request + s_slow * {d.lognormal(5.2, 0.65)}, 1)",
        "v_response": f"round(v_first_byte + s_slow * {d.lognormal(3.2, 0.8)}, 1)",
        "v_fcp": f"round(v_first_byte + s_slow * {d.lognormal(5.9, 0.5)}, 1)",
        "v_delay": f"round(s_slow * {d.lognormal(5.2, 0.7)}, 1)",
        "v_duration": f"round(s_slow * {d.lognormal(5.0, 0.9)}, 1)",
        "v_lcp": f"round(greatest(v_fcp, v_first_byte + v_delay + v_duration) + s_slow * {d.lognormal(4.2, 0.8)}, 1)",
        "v_interactive": f"round(v_response + s_slow * {d.lognormal(5.3, 0.5)}, 1)",
        "v_content": f"round(v_interactive + s_slow * {d.lognormal(4.2, 0.6)}, 1)",
        "v_complete": f"round(v_content + s_slow * {d.lognormal(6.2, 0.6)}, 1)",
        "v_age": f"round(800 + {d.lognormal(10.2, 1.2)}, 1)",
        "v_loaded": "(v_hard AND v_age > v_complete)",
        "v_painted": "((v_hard AND v_age > v_lcp) OR (v_soft AND s_chromium))",
        "v_interacts": f"({d.chance(0.65)} AND NOT v_bfcache)",
        "v_input": f"round(s_slow * {d.lognormal(1.6, 1.0)}, 1)",
        "v_processing": f"round(s_slow * {d.lognormal(3.1, 0.9)}, 1)",
        "v_inp": f"8 * ceil((v_input + v_processing + s_slow * {d.lognormal(2.6, 0.6)}) / 8)",
        "v_at": f"round(v_fcp + {d.lognormal(8.2, 0.9)}, 1)",
        "v_script": "(v_interacts AND s_chromium AND v_inp > 104)",
        "v_shifts": f"(v_painted AND s_chromium AND {d.chance(0.6)})",
        "v_cls": f"round(exp(-3.6 + 1.3 * {d.normal()}), 4)",
        "v_frames": f"toUInt32(least(20, exp(1.2 * {d.normal()} + log(s_slow + 0.1))))",
        "v_busy": f"round(v_frames * s_slow * {d.lognormal(4.3, 0.3)}, 1)",
        "v_count": f"toUInt32(10 + 40 * {d.unit()})",
        "v_bytes": f"toUInt32(v_count * {d.lognormal(9.6, 0.4)})",
        "v_errors": f"if({d.chance(0.04)}, 1, 0)",
        "v_clicks": f"if(v_interacts, 1 + toUInt32(-2 * log({d.unit()})), 0)",
    }  # fmt: skip


def _columns() -> dict[str, str]:
    d = _Dice()
    d._salt = 1000
    time = "fromUnixTimestamp64Milli(v_ms, 'UTC')"
    hard = {name: f"if(v_hard, {sql}, NULL)" for name, sql in _navigation(d).items()}
    return {
        "id": _uuid(d.whole(), d.whole()),
        "kind": "'page_view'",
        "dataset": f"'{DATASET}'",
        "revision": f"toUInt32({d.whole()} % 3)",
        "sample_rate": "1",
        "ts": time,
        "time": time,
        "received_at": f"fromUnixTimestamp64Milli(v_ms + toInt64(least(v_age, 600000)) + {d.whole()} % 400, 'UTC')",
        "clock.skew": f"toFloat64({d.whole('s_hash')} % 2000)",
        "clock.state": d.one_of(("ok",) * 19 + ("corrected",)),
        **_page(d),
        **hard,
        **_vitals(d),
        **_behaviour(d),
        **_visitor(d),
        **_maps(d),
    }


def _uuid(one: str, other: str) -> str:
    return f"toString(reinterpretAsUUID(concat(reinterpretAsFixedString({one}), reinterpretAsFixedString({other}))))"


def _page(d: _Dice) -> dict[str, str]:
    route = f"concat('/r', toString(v_path % {ROUTES}))"
    path = f"concat({route}, '/', toString(v_path))"
    return {
        "view.number": "toFloat32(v_place)",
        "page.url": f"concat('https://shop.example', {path})",
        "page.host": d.one_of(("shop.example",) * 7 + ("m.shop.example",), "s_hash"),
        "page.path": path,
        "page.route": f"concat({route}, '/:id')",
        "page.referrer": f"if(v_place > 1, 'https://shop.example/', {d.one_of(('https://a.example/', ''), 's_hash')})",
        "page.referrer_host": "if(v_place > 1, 'shop.example', 'www.google.com')",
        "page.hidden_at_start": d.chance(0.03),
        "page.visible_time": f"round(v_age * (0.5 + 0.5 * {d.unit()}))",
        "page.age": "v_age",
        "page.left_before_lcp": "if(v_hard AND v_age <= v_lcp, true, NULL)",
        "page.left_before_load": "if(v_hard AND v_age <= v_complete, true, NULL)",
        "session.id": _uuid("s_hash", "intHash64(s_hash)"),
        "service.name": "'shop'",
        "service.version": "concat('4.', toString(intDiv(toUInt32(v_ms / 1000), 259200) % 40),"
        " if(intHash64(s_hash) % 10 = 0, '-rc', ''))",
        "service.build": "concat('b', toString(intDiv(toUInt32(v_ms / 1000), 86400)))",
        "trace.trace_id": f"if({d.chance(0.1)}, {_uuid(d.whole(), d.whole())}, NULL)",
        "privacy.gpc": d.chance(0.05, "s_hash"),
        "campaign.source": f"if({d.chance(0.2, 's_hash')}, {d.one_of(('google', 'letter', 'social'), 's_hash')}, NULL)",
        "campaign.medium": f"if({d.chance(0.2, 's_hash')}, {d.one_of(('cpc', 'email'), 's_hash')}, NULL)",
        "navigation.type": f"multiIf(v_bfcache, 'back-forward-cache', v_soft, 'soft-navigation', {d.chance(0.05)}, 'reload',"
        f" {d.chance(0.04)}, 'back-forward', 'navigate')",
    }  # fmt: skip


def _navigation(d: _Dice) -> dict[str, str]:
    body = f"toUInt32({d.lognormal(10.2, 0.4)})"
    return {
        "navigation.fetch_start": "v_start",
        "navigation.domain_lookup_start": "v_start",
        "navigation.domain_lookup_end": "v_start + v_dns",
        "navigation.connect_start": "v_start + v_dns",
        "navigation.secure_connection_start": "round(v_start + v_dns + v_connect / 2, 1)",
        "navigation.connect_end": "v_start + v_dns + v_connect",
        "navigation.request_start": "v_request",
        "navigation.final_response_headers_start": "if(s_chromium, v_first_byte, NULL)",
        "navigation.response_start": "v_first_byte",
        "navigation.response_end": "v_response",
        "navigation.dom_interactive": "v_interactive",
        "navigation.dom_content_loaded_event_start": "v_content",
        "navigation.dom_content_loaded_event_end": f"round(v_content + {d.lognormal(2, 0.7)}, 1)",
        "navigation.dom_complete": "if(v_loaded, v_complete, NULL)",
        "navigation.load_event_start": "if(v_loaded, v_complete + 0.1, NULL)",
        "navigation.load_event_end": f"if(v_loaded, round(v_complete + {d.lognormal(1, 0.7)}, 1), NULL)",
        "navigation.duration": f"if(v_loaded, round(v_complete + {d.lognormal(1, 0.7)}, 1), NULL)",
        "navigation.redirect_count": d.chance(0.06),
        "navigation.encoded_body_size": body,
        "navigation.transfer_size": f"{body} + 300",
        "navigation.decoded_body_size": f"{body} * 5",
        "navigation.response_status": f"if({d.chance(0.99)}, 200, 404)",
        "navigation.next_hop_protocol": d.one_of(("h2", "h3"), "s_hash"),
        "navigation.content_encoding": "'br'",
        "navigation.confidence": f"if(s_chromium, {d.one_of(('high', 'high', 'high', 'low'))}, NULL)",
    }


def _vitals(d: _Dice) -> dict[str, str]:
    states = d.one_of(("loading", "dom-interactive", "dom-content-loaded", "complete"))
    ttfb = {
        "value": "v_first_byte", "waiting_duration": "v_start", "cache_duration": "0", "dns_duration": "v_dns",
        "connection_duration": "v_connect", "request_duration": "round(v_first_byte - v_request, 1)",
    }  # fmt: skip
    lcp = {
        "value": "v_lcp",
        "element": f"concat('main>', {d.one_of(('img.hero', 'h1', 'p.lead', 'div.banner>img'))}, '#e', toString(v_path % 400))",
        "url": f"concat('https://img.shop.example/hero/', toString({d.whole()} % 900), '.avif')",
        "time_to_first_byte": "v_first_byte",
        "resource_load_delay": "v_delay",
        "resource_load_duration": "v_duration",
        "element_render_delay": "round(v_lcp - v_first_byte - v_delay - v_duration, 1)",
        "size": f"toFloat32({d.whole()} % 1000 * 300)",
    }
    inp = {
        "value": "v_inp",
        "interaction_target": f"concat('button#', {d.one_of(('buy', 'menu', 'search', 'next', 'filter', 'cart'))})",
        "interaction_type": d.one_of(("pointer", "pointer", "keyboard")), "interaction_time": "v_at",
        "next_paint_time": "v_at + v_inp", "input_delay": "v_input", "processing_duration": "v_processing",
        "presentation_delay": "round(v_inp - v_input - v_processing, 1)", "load_state": states,
    }  # fmt: skip
    script = {
        "url": d.one_of(("https://shop.example/a/app.js", "https://shop.example/a/vendor.js", "https://tags.example/t.js")),
        "function": d.one_of(("onClick", "render", "applyFilters", "flushQueue")),
        "invoker": d.one_of(("BUTTON#buy.onclick", "TimerHandler:setTimeout")), "duration": "round(v_processing * 0.8, 1)",
        "subpart": d.one_of(("input-delay", "processing-duration")), "forced_layout_duration": "round(v_processing * 0.1, 1)",
    }  # fmt: skip
    total = {"script": 0.8, "style_and_layout": 0.3, "paint": 0.1}
    return {
        **{f"ttfb.{name}": f"if(v_hard, {sql}, NULL)" for name, sql in ttfb.items()},
        "fp.value": f"if(v_painted AND s_chromium, round(v_fcp - {d.unit()} * 30, 1), NULL)",
        "fcp.value": "if(v_painted, v_fcp, NULL)",
        "fcp.time_to_first_byte": "if(v_painted, v_first_byte, NULL)",
        "fcp.time_since_first_byte": "if(v_painted, round(v_fcp - v_first_byte, 1), NULL)",
        "fcp.load_state": f"if(v_painted, {states}, NULL)",
        **{f"lcp.{name}": f"if(v_painted, {sql}, NULL)" for name, sql in lcp.items()},
        "cls.value": "if(v_painted AND s_chromium, if(v_shifts, v_cls, 0), NULL)",
        "cls.largest_shift_value": f"if(v_shifts, round(v_cls * (0.5 + 0.5 * {d.unit()}), 4), NULL)",
        "cls.largest_shift_target": f"if(v_shifts, {d.one_of(('div.banner', 'div.cookie', 'main>img', 'footer'))}, NULL)",
        "cls.largest_shift_time": f"if(v_shifts, {d.lognormal(7.4, 0.6)}, NULL)",
        "cls.load_state": f"if(v_shifts, {states}, NULL)",
        **{f"inp.{name}": f"if(v_interacts, {sql}, NULL)" for name, sql in inp.items()},
        **{f"inp.script.{name}": f"if(v_script, {sql}, NULL)" for name, sql in script.items()},
        **{f"inp.total_{name}_duration": f"if(v_script, round(v_inp * {part}, 1), NULL)" for name, part in total.items()},
    }


def _behaviour(d: _Dice) -> dict[str, str]:
    loaf = {
        "count": "toFloat32(v_frames)", "duration": "v_busy", "blocking_duration": "round(v_busy * 0.4, 1)",
        "longest_start": d.lognormal(6.6, 0.6), "longest_duration": "round(v_busy / (1 + v_frames / 2), 1)",
        "script_duration": "round(v_busy * 0.8, 1)", "forced_layout_duration": "round(v_busy * 0.05, 1)",
    }  # fmt: skip
    return {
        **{f"loaf.{name}": f"if(s_chromium, {sql}, NULL)" for name, sql in loaf.items()},
        "resource.count": "toFloat32(v_count)",
        "resource.transfer_size": "v_bytes",
        "resource.duration": "toFloat32(v_count * 40)",
        "resource.cached_count": f"toFloat32(v_count * {d.whole()} % 10 / 10)",
        "resource.blocking_count": f"toFloat32({d.whole()} % 8)",
        "resource.failed_count": d.chance(0.02),
        "resource.third_party_count": "toFloat32(intDiv(v_count, 3))",
        "resource.third_party_transfer_size": "intDiv(v_bytes, 4)",
        "resource.slowest_duration": "round(v_duration * 1.2, 1)",
        "resource.slowest_host": d.one_of(("img.shop.example", "cdn.shop.example", "tags.example", "fonts.example", "ads.example")),
        "interaction.count": "toFloat32(v_clicks)",
        "click.count": "toFloat32(v_clicks)",
        "click.rage_count": d.chance(0.01),
        "click.dead_count": d.chance(0.03),
        "scroll.depth": f"round({d.unit()}, 2)",
        "error.count": "v_errors",
        "error.rejection_count": "v_errors",
        "error.resource_count": d.chance(0.02),
        "exception.type": f"if(v_errors > 0, {d.one_of(('TypeError', 'ReferenceError', 'NetworkError'))}, NULL)",
        "exception.message": f"if(v_errors > 0, concat('cannot read x', toString({d.whole()} % 30)), NULL)",
        "error.fingerprint": f"if(v_errors > 0, concat('f', toString({d.whole()} % 30)), NULL)",
    }


def _visitor(d: _Dice) -> dict[str, str]:
    countries = ", ".join(f"'{code}'" for code in COUNTRIES)
    phones, computers = (
        f"[390, 393, 412, 360][1 + {d.whole('s_hash')} % 4]",
        f"[1920, 1536, 1440, 2560][1 + {d.whole('s_hash')} % 4]",
    )
    width = f"if(s_mobile, {phones}, {computers})"
    return {
        "browser.name": "['Chrome', 'Safari', 'Samsung Internet', 'Chrome', 'Edge', 'Safari', 'Firefox', 'Googlebot'][s_agent]",
        "browser.version": f"toString(130 + {d.whole('s_hash')} % 14)",
        "os.name": "['Android', 'iOS', 'Android', 'Windows', 'Windows', 'macOS', 'Windows', 'Linux'][s_agent]",
        "os.version": f"toString(10 + {d.whole('s_hash')} % 9)",
        "device.type": "multiIf(s_agent = 3, 'tablet', s_mobile, 'mobile', 'desktop')",
        "device.manufacturer": f"if(s_mobile, {d.one_of(('Apple', 'Samsung', 'Xiaomi', 'Google'), 's_hash')}, NULL)",
        "device.model.name": f"if(s_mobile, concat('model-', toString({d.whole('s_hash')} % 300)), NULL)",
        "user_agent.is_bot": "s_agent = 8",
        "geo.country.iso_code": f"[{countries}][s_country]",
        "browser.webdriver": "false",
        "browser.language": d.one_of(("en-US", "de-DE", "fr-FR", "pt-BR", "ja-JP", "en-GB"), "s_hash"),
        "browser.time_zone": d.one_of(("Europe/Berlin", "America/New_York", "Asia/Tokyo", "America/Sao_Paulo"), "s_hash"),
        "browser.width": width,
        "browser.height": f"if(s_mobile, 640, 800) + {d.whole('s_hash')} % 20 * 10",
        "browser.color_scheme": d.one_of(("light", "light", "dark"), "s_hash"),
        "browser.reduced_motion": d.chance(0.03, "s_hash"),
        "screen.width": width,
        "screen.height": f"if(s_mobile, 800, 1000) + {d.whole('s_hash')} % 8 * 20",
        "screen.pixel_ratio": f"if(s_mobile, 3, [1, 1, 1.25, 2][1 + {d.whole('s_hash')} % 4])",
        "screen.orientation": "if(s_mobile, 'portrait-primary', 'landscape-primary')",
        "device.memory": f"if(s_chromium, [2, 4, 8, 8, 16][1 + {d.whole('s_hash')} % 5], NULL)",
        "device.cores": f"[4, 6, 8, 8, 10][1 + {d.whole('s_hash')} % 5]",
        "network.effective_type": f"if(s_chromium, {d.one_of(('4g',) * 9 + ('3g',), 's_hash')}, NULL)",
        "network.type": f"if(s_chromium AND s_mobile, {d.one_of(('wifi', 'cellular'), 's_hash')}, NULL)",
        "network.rtt": f"if(s_chromium, 50 * (1 + {d.whole('s_hash')} % 6), NULL)",
        "network.downlink": f"if(s_chromium, round(10 * {d.unit('s_hash')}, 1), NULL)",
        "network.save_data": f"if(s_chromium, {d.chance(0.05, 's_hash')}, NULL)",
        "beacon.version": "'0.1.0'",
        "beacon.trigger": d.one_of(("pagehide", "hidden")),
        "beacon.transport": "if(s_chromium, 'fetch-later', 'send-beacon')",
        "beacon.started_at": d.lognormal(4.5, 0.5),
    }  # fmt: skip


def _maps(d: _Dice) -> dict[str, str]:
    maps = {}
    for column, made in ATTRIBUTES.items():
        items = (f"'{name}', {sql.format(S=d.whole('s_hash'), V=d.whole())}" for name, sql in made.items())
        maps[column] = f"map({', '.join(items)})"
    return maps


def _resources(count: int) -> dict[str, str]:
    """Return the lists of a view's resources."""

    def listed(item: str) -> str:
        return f"arrayMap(i -> {item.format(r='intHash64(bitXor(v_hash, i))')}, range({count}))"

    hosts = "['img.shop.example', 'img.shop.example', 'cdn.shop.example', 'shop.example', 'tags.example', 'fonts.example']"
    kinds = "['img', 'img', 'script', 'link', 'fetch', 'css']"
    return {
        "resources.host": listed(f"{hosts}[1 + {{r}} % 6]"),
        # A site has so many files, and a view shows some of them.
        "resources.path": listed(
            "concat('/static/', toString({r} % 6), '/', toString(toUInt32(3000 * pow({r} % 10007 / 10007, 2))), '.avif')"
        ),
        "resources.initiator": listed(f"{kinds}[1 + {{r}} % 6]"),
        "resources.start": f"arrayCumSum({listed('round({r} % 500 / 10, 1)')})",
        "resources.duration": listed("round(exp(2 + 3.5 * ({r} % 10009 / 10009)), 1)"),
        "resources.ttfb": listed("round(exp(1 + 3 * ({r} % 10037 / 10037)), 1)"),
        "resources.transfer_size": listed("toFloat64(if({r} % 3 = 0, 0, toUInt32(exp(6 + 6 * ({r} % 10061 / 10061)))))"),
        "resources.status": listed("200"),
        "resources.protocol": listed("'h2'"),
        "resources.blocking": listed("i < 4"),
        "resources.cached": listed("{r} % 3 = 0"),
    }  # fmt: skip
