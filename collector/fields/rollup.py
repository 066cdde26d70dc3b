"""What is kept of settled hours beside the events: of the rollup the fields that its rows are kept by and the numbers that they
sum up, and the columns of the narrow copy.

A row of the table `rollups` stands for events that are alike in the dimensions, lie within one span of time and whose value of one
metric lies in one bin. Both who builds the table and who asks it need the same names, so they stand here.
"""

from __future__ import annotations

from typing import Final

from collector.fields.vitals import THRESHOLDS

#: Coarse ones only: with a page or a country in it the rollup would have nearly as many rows as there are events.
DIMENSIONS: Final = ("kind", "navigation.type", "user_agent.is_bot", "device.type")
#: The spans of time that rows stand for, in seconds, and the dimensions of each. Ten minutes by device would be twice as many rows.
HOUR_SECONDS: Final = 3600
SPANS: Final[dict[int, tuple[str, ...]]] = {HOUR_SECONDS: DIMENSIONS, 600: DIMENSIONS[:3]}
METRICS: Final = tuple(f"{vital}.value" for vital in THRESHOLDS)
#: The rows of this metric count all events, whatever was measured of them.
EVENTS: Final = ""
#: Bins for each doubling of a value: a bin spans 0.72 %, and the mean of its values stands for all of them.
BINS_A_DOUBLING: Final = 96
#: What each row has of its metric.
MEASURES: Final = ("metric", "rating", "value", "low", "high", "events", "squares", "total")

#: The columns of the narrow copy of settled hours: one row for each event, with what most questions ask for. By route, the bins
#: above would have more rows than there are events, and take longer to add up than this copy, which gives exact answers.
NARROW: Final = (
    "ts", "sample_rate", "kind", "page.route", "navigation.type", "user_agent.is_bot", "device.type", "browser.name", "os.name",
    "geo.country.iso_code", "service.version", *METRICS,
)  # fmt: skip


def rating_of(metric: str) -> str:
    """Return the name of the rating of a metric."""
    return f"{metric.removesuffix('value')}rating"


def name_and_rating(metric: str) -> tuple[str, str]:
    """Return the SQL of the first two measures; all rows of `EVENTS` are without a rating."""
    rating = f"`{rating_of(metric)}`" if metric else "CAST(NULL, 'LowCardinality(Nullable(String))')"
    return f"toLowCardinality('{metric}')", rating


def value_of(metric: str) -> str:
    """Return the SQL of an event's value; 0 for `EVENTS`."""
    return f"assumeNotNull(`{metric}`)" if metric else "toFloat32(0)"


def has(metric: str) -> list[str]:
    """Return the SQL of the events that have the metric, as conditions."""
    return [f"`{metric}` IS NOT NULL"] if metric else []
