from __future__ import annotations

from collections.abc import Sequence

from collector.config import Dataset
from collector.pipeline.promoter import MOST_POPULAR, Promoter
from collector.store.base import Attribute


class Store:
    """A catalogue of attributes, and which have columns."""

    def __init__(self, *names: str, promoted: Sequence[str] = ()) -> None:
        self.known = {Attribute("shop", name, "string"): name in promoted for name in names}

    def attributes(self) -> dict[Attribute, bool]:
        return dict(self.known)

    def promote(self, attributes: Sequence[tuple[str, str]]) -> None:
        self.known |= {Attribute("shop", name, type_): True for name, type_ in attributes}


def shop(*names: str) -> dict[str, Dataset]:
    return {"shop": Dataset("shop", ("key",), promote=names)}


def test_what_the_operator_names_gets_columns_once_it_was_sent() -> None:
    store = Store("plan", "tenant")
    promoter = Promoter(store, shop("plan", "not sent yet"))

    assert promoter.look() == [("plan", "string")]
    assert promoter.look() == []


def test_popular_attributes_get_columns_until_there_are_enough() -> None:
    names = [f"a{number:02}" for number in range(MOST_POPULAR + 5)]
    store = Store("plan", *names, promoted=names[:3])
    promoter = Promoter(store, shop("plan"), lambda: [("shop", name) for name in names])

    promoted = [name for name, _ in promoter.look()]

    assert promoted == [*names[3:MOST_POPULAR], "plan"]
    assert promoter.look() == []


def test_a_name_that_a_column_cannot_have_is_passed_over() -> None:
    assert Promoter(Store("größe"), {}, lambda: [("shop", "größe")]).look() == []
