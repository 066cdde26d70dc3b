"""Which routes people visit and checks do not. Blocking; the routes run it in threads.

A route is visited where a page view of it came from a check's run, or a probe asked for one of its pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from collector.query.engine import QueryEngine
from collector.query.parse import parse_query
from collector.store.base import Stop

#: Routes of an answer, and those that are looked through: a site with more of them names its routes badly.
MOST_ROUTES: Final = 1_000
_SOUGHT: Final = 10_000
#: How many routes are asked about at once.
_AT_ONCE: Final = 200
_PAGE_VIEWS: Final = {"column": "kind", "op": "=", "value": "page_view"}
_PROBES: Final = {"column": "kind", "op": "=", "value": "probe"}
_PEOPLE: Final = {"column": "user_agent.is_bot", "op": "!=", "value": True}
_CHECKS: Final = {"column": "check.run_id", "op": "exists"}
Key = tuple[str, str]
Ask = Callable[..., list[dict[str, Any]]]
Draft = Callable[[str, str, str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RouteCoverage:
    """A route with its traffic; `lcp` is the 75th percentile of people's page views in ms, None where it was not measured.

    Attributes:
        host: of its pages.
        route: the template of their paths.
        url: the page of it that people visit most, without query.
        views: page views of people.
        errors: exceptions in these.
        visits: page views by checks.
        probes: requests of probes for its pages.
    """

    host: str
    route: str
    url: str
    views: int
    errors: int
    lcp: float | None
    visits: int
    probes: int

    @property
    def is_covered(self) -> bool:
        """Whether a check visits it."""
        return self.visits > 0 or self.probes > 0


class Coverage:
    """Compares where people go with where checks go.

    Args:
        engine: answers its questions.
        draft: returns the path and the text of a check file for a page, given its host, route and URL.
    """

    def __init__(self, engine: QueryEngine, draft: Draft) -> None:
        self._engine, self._draft = engine, draft

    def find(self, dataset: str, seconds: int, min_views: int, stop: Stop | None = None) -> dict[str, Any]:
        """Return the routes without a check, those with the most page views first, and how many of all there are.

        Args:
            dataset: whose page views.
            seconds: how far to look back.
            min_views: routes with fewer page views of people are left out.
            stop: stops its questions.

        Raises:
            QueryError, StoreError: as questions do.
        """

        def ask(**question: Any) -> list[dict[str, Any]]:
            document = {"dataset": dataset, "time_range": seconds, "disable_series": True, "limit": _SOUGHT, **question}
            return [row["data"] for row in self._engine.run(parse_query(document, self._engine.limits.spec), stop)["results"]]

        rows = ask(
            breakdowns=["page.host", "page.route"],
            filters=[_PAGE_VIEWS],
            calculations=[
                {"op": "COUNT", "name": "views", "filters": [_PEOPLE]},
                {"op": "SUM", "column": "error.count", "name": "errors", "filters": [_PEOPLE]},
                {"op": "P75", "column": "lcp.value", "name": "lcp", "filters": [_PEOPLE]},
                {"op": "COUNT", "name": "visits", "filters": [_CHECKS]},
            ],
            orders=[{"column": "views", "order": "descending"}],
        )
        seen = [row for row in rows if row["page.host"] and row["page.route"] and (row["views"] or 0) >= min_views]
        probes = _probed(ask)
        bare = [_key(row) for row in seen if not row["visits"] and not probes.get(_key(row))][:MOST_ROUTES]
        urls = _urls(ask, bare)
        routes = [_coverage(row, urls, probes) for row in seen]
        missing = sorted((one for one in routes if not one.is_covered), key=lambda one: -one.views)
        return {
            "routes": [asdict(one) | {"draft": self._drafted(one)} for one in missing[:MOST_ROUTES]],
            "covered": len(routes) - len(missing),
            "uncovered": len(missing),
            "covered_share": _share(sum(one.views for one in routes if one.is_covered), sum(one.views for one in routes)),
        }

    def _drafted(self, one: RouteCoverage) -> dict[str, str] | None:
        # Without an example of a page, /product/:id says no address.
        if not one.url:
            return None
        path, text = self._draft(one.host, one.route, one.url)
        return {"path": path, "text": text}


def _probed(ask: Ask) -> dict[Key, int]:
    """Return how often probes asked for pages of a route."""
    asked = ask(filters=[_PROBES, {"column": "url.full", "op": "exists"}], breakdowns=["url.full"])
    counts: dict[Key, int] = {}
    for row in asked:
        parts = urlsplit(str(row["url.full"]))
        key = parts.netloc, parts.path or "/"
        counts[key] = counts.get(key, 0) + int(row["COUNT"])
    found: dict[Key, int] = {}
    for paths in _batches(sorted({path for _, path in counts})):
        pages = ask(
            filters=[_PAGE_VIEWS, {"column": "page.path", "op": "in", "value": paths}],
            breakdowns=["page.host", "page.path", "page.route"],
        )
        for row in pages:
            count = counts.get((row["page.host"], row["page.path"]), 0)
            found[_key(row)] = found.get(_key(row), 0) + count
    return found


def _urls(ask: Ask, keys: list[Key]) -> dict[Key, str]:
    """Return the page of each route that people visit most."""
    found: dict[Key, str] = {}
    for routes in _batches(sorted({route for _, route in keys})):
        pages = ask(
            filters=[_PAGE_VIEWS, _PEOPLE, {"column": "page.route", "op": "in", "value": routes}],
            breakdowns=["page.host", "page.route", "page.url"],
            orders=[{"op": "COUNT", "order": "descending"}],
        )
        for row in pages:
            if row["page.url"]:
                found.setdefault(_key(row), row["page.url"])
    return found


def _batches(values: list[str]) -> Iterable[list[str]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def _coverage(row: dict[str, Any], urls: dict[Key, str], probes: dict[Key, int]) -> RouteCoverage:
    key = _key(row)
    return RouteCoverage(
        *key,
        urls.get(key, ""),
        int(row["views"] or 0),
        int(row["errors"] or 0),
        row["lcp"],
        int(row["visits"] or 0),
        probes.get(key, 0),
    )


def _key(row: dict[str, Any]) -> Key:
    return row["page.host"], row["page.route"]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
