"""Questions about the items of lists: what a page loaded, its long scripts. Pure.

A question that names a list is about its items: each is a row of its own, with the items at the same place of the lists that
belong to it, and with the event's other fields. Lists that don't belong together have no common place, so a question names
lists of one kind only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from collector.errors import QueryError
from collector.query.columns import Column

EVENTS = "events FINAL"


def source_of(names: Iterable[tuple[str, str]], columns: Mapping[str, Column]) -> str:
    """Return what a SELECT reads: events, or the items of the lists among the names, given with the paths where they stand.

    Raises:
        QueryError: two of the lists don't belong together.
    """
    first, joined = "", dict[str, str]()
    for name, path in names:
        column = columns[name]
        if not column.parallel:
            continue
        first = first or name
        if column.parallel != columns[first].parallel:
            raise QueryError(path, _two_lists(columns[first], column))
        joined[name] = f"`{name}`"
    return f"{EVENTS}\nARRAY JOIN {', '.join(joined.values())}" if joined else EVENTS


def any_list(columns: Iterable[Column]) -> str:
    """Return the name of a list whose items the columns are about; empty where they are about whole events."""
    return next((column.name for column in columns if column.parallel), "")


def _two_lists(one: Column, other: Column) -> str:
    return (
        f"{one.name} and {other.name} are items of different lists, {one.parallel} and {other.parallel}: a question can go through"
        " only one of them. Ask two questions."
    )
