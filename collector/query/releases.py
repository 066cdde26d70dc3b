"""Marks new releases: looks now and then which ones page views come from, and makes a marker of one that was not there before."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from collector.errors import RequestError, StoreError
from collector.periodic import Periodic
from collector.query.columns import Params
from collector.query.markers import Marker, Markers
from collector.query.sql import Scope, Statement, select
from collector.store.base import Limits, Reader

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 60.0
#: How far back a look goes; the first one of a dataset, which only learns what is there, and the first after a start go further.
LOOK_BACK: Final = 86_400
FAR_BACK: Final = 7 * 86_400
#: So many page views by people make a release.
PAGE_VIEWS: Final = 20
#: A dataset has a history when its page views are so much older than the release.
HISTORY_SECONDS: Final = 3600
#: Whoever can send events could make up releases: of one look, so many become markers.
MAX_MARKERS: Final = 5
_MAX_RELEASES: Final = 1_000
_MAX_MESSAGE: Final = 300
_LIMITS: Final = Limits(seconds=20)
#: Who marks.
AUTHOR: Final = "Wideload"


def releases(scope: Scope, of: Sequence[str] = ()) -> Statement:
    """Select the releases that people's page views come from: version, first time (epoch s), page views; most views first.

    Checks, bots and browsers that a program drives are no people.

    Args:
        scope: the range.
        of: count exactly, and only for these; without them an amended page view counts once for each of its versions, which takes
            a third of the time.
    """
    params = Params()
    conditions = [
        *scope.conditions(params),
        "kind = 'page_view'",
        "`service.version` != ''",
        "NOT ifNull(`browser.webdriver`, 0)",
        "NOT ifNull(`user_agent.is_bot`, 0)",
        *([f"`service.version` IN {params.bind('Array(String)', list(of))}"] if of else []),
    ]
    fields = ["assumeNotNull(`service.version`) AS version", "toUnixTimestamp(min(ts))", "uniq(id)" if of else "count()"]
    tail = ["GROUP BY version", "ORDER BY count() DESC, version", f"LIMIT {_MAX_RELEASES}"]
    return Statement(select(fields, conditions, source="events", tail=tail), params.values)


class ReleaseWatch(Periodic):
    """Looks at every dataset once a minute, in a thread of its own.

    A dataset's first look only learns its releases, so that a release is new to a dataset with a history, and none is marked
    twice, after a restart or by two collectors that share the folder.

    Args:
        reader: the store.
        markers: keeps markers, and which releases are known.
        datasets: whose names to look at.
    """

    def __init__(self, reader: Reader, markers: Markers, datasets: Mapping[str, Any]) -> None:
        super().__init__("releases", LOOK_SECONDS)
        self._reader, self._markers, self._datasets = reader, markers, datasets
        self._looked: set[str] = set()

    def turn(self) -> None:
        """Look at every dataset."""
        for dataset in list(self._datasets):
            try:
                self.look(dataset)
            except (StoreError, RequestError) as error:
                log.info("The releases of %s could not be looked at: %s", dataset, error)
            except Exception:
                log.exception("The releases of %s could not be looked at.", dataset)

    def look(self, dataset: str) -> list[dict[str, Any]]:
        """Look at a dataset and return the markers that were made. Raises StoreError, RequestError."""
        now = int(self._markers.now())
        back = LOOK_BACK if dataset in self._looked else FAR_BACK
        scope = Scope(dataset, now - back, now + 1)
        rows = self._rows(releases(scope))
        self._looked.add(dataset)
        known = self._markers.releases(dataset)
        if not known:
            self._markers.learn_releases(dataset, [version for version, _, _ in rows])
            return []
        unknown = [version for version, _, views in rows if views >= PAGE_VIEWS and version not in known]
        counted = self._rows(releases(scope, unknown)) if unknown else []
        appeared = [(version, first) for version, first, views in counted if views >= PAGE_VIEWS]
        new = self._markers.learn_releases(dataset, [version for version, _ in appeared]) if appeared else set()
        oldest = min((first for _, first, _ in rows), default=now)
        marked = [(version, first) for version, first in appeared if version in new and first >= oldest + HISTORY_SECONDS]
        if len(marked) > MAX_MARKERS:
            log.warning("%d releases of %s appeared at once; only the %d with most page views are marked.",
                        len(marked), dataset, MAX_MARKERS)  # fmt: skip
        return [self._mark(dataset, version, first) for version, first in marked[:MAX_MARKERS]]

    def _rows(self, statement: Statement) -> list[tuple[Any, ...]]:
        return self._reader.query(statement.sql, statement.params, _LIMITS).rows

    def _mark(self, dataset: str, version: str, first: int) -> dict[str, Any]:
        log.info("The release %r of %s is new; it has a marker.", version, dataset)
        return self._markers.add(Marker(dataset, first, f"Release {version}"[:_MAX_MESSAGE], type="release"), AUTHOR)
