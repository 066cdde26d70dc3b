"""The question of a rule: its query with a time and with a count of the values that the answer rests on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from collector.errors import QueryError, WideloadError
from collector.query.calculations import operation
from collector.query.parse import parse_query
from collector.query.spec import QuerySpec
from collector.query.timerange import TIME_KEYS

#: The name under which the answer says how many events have a value.
SAMPLES: Final = "wideload.samples"
#: So many groups are watched; a rule about more would rather watch something else.
MOST_GROUPS: Final = 200


class QuestionError(WideloadError):
    """The question of a rule cannot be asked.

    Args:
        part: the key of the rule that is wrong.
        message: a sentence.
    """

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask, and the name of the value in the answer."""

    spec: QuerySpec
    key: str


def read_question(query: Mapping[str, Any], dataset: str, calculation: str, window: float) -> Question:
    """Read the query of a rule.

    Args:
        query: as of `POST /api/query`; a dataset of its own must be the rule's, and its time is replaced.
        dataset: the rule's.
        calculation: which value is meant; empty for the only one.
        window: over how many seconds it is asked.

    Raises:
        QuestionError: it cannot be asked like that.
    """
    if query.get("dataset", dataset) != dataset:
        raise QuestionError("dataset", f"The query is about the dataset {query['dataset']!r}, the rule about {dataset!r}.")
    asked = {key: value for key, value in query.items() if key not in (*TIME_KEYS, "granularity", "compare_time_offset_seconds")}
    asked |= {"dataset": dataset, "time_range": int(window), "disable_series": True, "disable_total_by_aggregate": True,
              "disable_other_by_aggregate": True}  # fmt: skip
    key = _key(_parse(asked), calculation)
    calculations = [*(asked.get("calculations") or [{"op": "COUNT"}])]
    spec = _parse({**asked, "calculations": [*calculations, _counted(calculations, key)], "limit": _limit(asked)})
    return Question(spec, key)


def _parse(asked: Mapping[str, Any]) -> QuerySpec:
    try:
        return parse_query(asked)
    except QueryError as error:
        raise QuestionError("query", f"query.{error.path}: {error.message}" if error.path else error.message) from None


def _limit(asked: Mapping[str, Any]) -> int:
    return min(asked.get("limit") or MOST_GROUPS, MOST_GROUPS)


def _key(spec: QuerySpec, calculation: str) -> str:
    if calculation and calculation not in spec.keys:
        raise QuestionError("calculation", f"calculation is {calculation!r}; the query has {', '.join(spec.keys) or 'none'}.")
    if not calculation and len(spec.keys) != 1:
        raise QuestionError("query", f"Say which calculation is meant: the query has {', '.join(spec.keys) or 'none'}.")
    key = calculation or spec.keys[0]
    if any(one.key == key and operation(one.op).is_special for one in spec.calculations):
        raise QuestionError("query", f"{key} has no value that could be compared; choose another calculation.")
    return key


def _counted(calculations: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """Return the calculation of how many events have a value."""

    def name(one: dict[str, Any]) -> str:
        return one.get("name") or (f"{one['op']}({one['column']})" if one.get("column") else one["op"])

    meant: dict[str, Any] = next((one for one in calculations if name(one) == key), {})
    filters: list[Any] = [{"column": meant["column"], "op": "exists"}] if meant.get("column") else []
    if meant.get("filters"):
        filters.append({"filters": meant["filters"], "filter_combination": meant.get("filter_combination") or "AND"})
    return {"op": "COUNT", "name": SAMPLES, "filters": filters}
