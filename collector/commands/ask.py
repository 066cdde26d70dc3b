"""`wideload query`: words of the command line → a query specification. Pure, but for reading a specification."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from collector.errors import WideloadError
from collector.fields import BY_NAME

#: `P75(lcp.value)`, or `p75:lcp.value`, which a shell takes without quotes.
_CALCULATION: Final = re.compile(r"([A-Za-z][A-Za-z0-9_.]*)\s*(?:\(\s*(?P<field>.+?)\s*\)|:\s*(?P<short>.+?))?")
_WORDS: Final = (
    "starts-with", "does-not-start-with", "ends-with", "does-not-end-with", "contains", "does-not-contain", "in", "not-in",
    "exists", "does-not-exist",
)  # fmt: skip
#: The shortest name that an operator follows: a value may hold operators too.
_CONDITION: Final = re.compile(
    rf"(?P<name>.+?)(?:\s*(?P<sign>!=|>=|<=|=|>|<)\s*|\s+(?P<word>{'|'.join(_WORDS)})(?:\s+|$))(?P<value>.*)", re.DOTALL
)
#: What the API answers for where no range is given, and how many points a line of bars has.
_DEFAULT_SECONDS: Final = 7200
SPARK_POINTS: Final = 40
_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)?")
_SECONDS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Question:
    """The options of `wideload query`, as given."""

    calculations: Sequence[str] = ()
    breakdowns: Sequence[str] = ()
    conditions: Sequence[str] = ()
    any_condition: bool = False
    havings: Sequence[str] = ()
    orders: Sequence[str] = ()
    last: str | None = None
    granularity: str | None = None
    limit: int | None = None
    compare: str | None = None
    spark: bool = False

    def __bool__(self) -> bool:
        """Whether any option was given."""
        return self != Question()


def build_spec(question: Question) -> dict[str, Any]:
    """Return the query specification that the options stand for. Raises WideloadError."""
    spec: dict[str, Any] = {"calculations": [_calculation(text) for text in question.calculations] or [{"op": "COUNT"}]}
    if question.breakdowns:
        spec["breakdowns"] = list(question.breakdowns)
    if question.conditions:
        spec["filters"] = build_filters(question.conditions)
        spec["filter_combination"] = "OR" if question.any_condition else "AND"
    if question.havings:
        spec["havings"] = [_having(text) for text in question.havings]
    if question.orders:
        spec["orders"] = [_order(text) for text in question.orders]
    if question.last:
        spec["time_range"] = seconds(question.last, "--last")
    if question.granularity:
        spec["granularity"] = seconds(question.granularity, "--granularity")
    elif question.spark:
        spec["granularity"] = max(1, spec.get("time_range", _DEFAULT_SECONDS) // SPARK_POINTS)
    if question.compare:
        spec["compare_time_offset_seconds"] = seconds(question.compare, "--compare")
    if question.limit:
        spec["limit"] = question.limit
    return spec | {"disable_series": not (question.granularity or question.spark)}


def build_filters(conditions: Sequence[str]) -> list[dict[str, Any]]:
    """Return the filters that conditions such as `page.path = /cart` stand for. Raises WideloadError."""
    return [read_filter(text) for text in conditions]


def read_spec(path: str, stdin: TextIO) -> dict[str, Any]:
    """Return a specification from a file, or from standard input where the path is `-`. Raises WideloadError."""
    name = "standard input" if path == "-" else path
    try:
        spec = json.loads(stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise WideloadError(f"The specification {name} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise WideloadError(f"The specification in {name} is not JSON: {error}.") from None
    if not isinstance(spec, dict):
        raise WideloadError(f'The specification in {name} must be an object, such as {{"calculations": [{{"op": "COUNT"}}]}}.')
    return spec


def only_dataset(names: Sequence[str]) -> str:
    """Return the dataset to ask where none was named. Raises WideloadError if there are several."""
    if len(names) != 1:
        raise WideloadError(f"There are several datasets: choose one with --dataset ({', '.join(names)}).")
    return names[0]


def seconds(text: str, option: str) -> int:
    """Return a time span such as 90s, 30m, 24h, 7d or 2w in seconds. Raises WideloadError."""
    match = _SPAN.fullmatch(text.strip())
    span = round(float(match[1]) * _SECONDS[match[2] or "s"]) if match else 0
    if span < 1:
        raise WideloadError(f"{option} {text!r} is not a time span: write it like 90s, 30m, 24h or 7d.")
    return span


def _calculation(text: str) -> dict[str, Any]:
    match = _CALCULATION.fullmatch(text.strip())
    if not match:
        raise WideloadError(f"--calc {text!r} is not a calculation: write it like COUNT or p75:lcp.value.")
    column = match["field"] or match["short"]
    return {"op": match[1].upper()} | ({"column": column} if column else {})


def _is_calculation(text: str) -> bool:
    return text.upper() == "COUNT" or text.endswith(")") or ":" in text


def read_filter(text: str, option: str = "--where") -> dict[str, Any]:
    """Return the filter that a condition such as 'device.type = mobile' stands for. Raises WideloadError."""
    name, op, value = _condition(text, option, "'device.type = mobile'")
    if op in ("exists", "does-not-exist"):
        if value:
            raise WideloadError(f"{option} {text!r}: {op} takes no value.")
        return {"column": name, "op": op}
    if not value:
        raise WideloadError(f"{option} {text!r} has no value; to ask for fields that are missing, write '{name} does-not-exist'.")
    if op in ("in", "not-in"):
        values = next(csv.reader([value.strip("()[]")], skipinitialspace=True))
        return {"column": name, "op": op, "value": [_typed(name, part.strip()) for part in values]}
    return {"column": name, "op": op, "value": _typed(name, value)}


def _having(text: str) -> dict[str, Any]:
    what, op, value = _condition(text, "--having", "'P75(lcp.value) > 2500'")
    calculation = _calculation(what)
    if not _NUMBER.fullmatch(value):
        raise WideloadError(f"--having {text!r} must compare a calculation with a number, like 'P75(lcp.value) > 2500'.")
    having = {"calculate_op": calculation["op"], "op": op, "value": _number(value)}
    return having | ({"column": calculation["column"]} if "column" in calculation else {})


def _order(text: str) -> dict[str, Any]:
    what, _, direction = text.strip().rpartition(" ")
    if direction.lower() not in ("asc", "ascending", "desc", "descending"):
        what, direction = text.strip(), ""
    what = what.strip()
    if not what:
        raise WideloadError(f"--order {text!r} must name a calculation or a breakdown, like 'P75(lcp.value) desc'.")
    if _is_calculation(what):
        # The largest first is what people look for in numbers.
        return _calculation(what) | {"order": "ascending" if direction.lower().startswith("asc") else "descending"}
    return {"column": what, "order": "descending" if direction.lower().startswith("desc") else "ascending"}


def _condition(text: str, option: str, example: str) -> tuple[str, str, str]:
    match = _CONDITION.fullmatch(text.strip())
    if not match:
        raise WideloadError(f"{option} {text!r} has no operator: write it like {example}.")
    return match["name"].strip(), match["sign"] or match["word"], match["value"].strip()


def _typed(name: str, text: str) -> Any:
    """Give a value the type of its field; an attribute's value says it itself, and quotes make it a text."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    known = BY_NAME.get(name)
    kind = known.item_type if known else ""
    if kind in ("", "boolean") and text in ("true", "false"):
        return text == "true"
    if kind in ("", "number", "time") and _NUMBER.fullmatch(text):
        return _number(text)
    return text


def _number(text: str) -> float:
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)
