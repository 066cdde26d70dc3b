"""Reads dashboard definitions: of the published shape, whole, and made of queries that can be answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from collector.dashboards.requests import fill, request
from collector.errors import QueryError, RequestError
from collector.query.parse import parse_query
from collector.query.reading import describe, nearest, shorten

Definition = dict[str, Any]

MAX_QUERIES: Final = 50
MAX_PANELS: Final = 100
#: Of a sentence of the validator, which may quote what it refuses.
_LONGEST: Final = 300


def prebuilt(folder: Path) -> dict[str, Definition]:
    """Return the definitions in a folder by their ids: those with a `position` first."""
    found: Iterable[Definition] = (orjson.loads(path.read_bytes()) for path in sorted(folder.glob("*.json")))
    return {one["id"]: one for one in sorted(found, key=lambda one: (one.get("position", 10_000), one["id"]))}


class DefinitionReader:
    """Reads definitions.

    Args:
        schema: the published JSON Schema.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._validator = Draft202012Validator(schema)

    def read(self, document: Any) -> Definition:
        """Return a definition. Raises RequestError (400), which names the part that is wrong."""
        if not isinstance(document, dict):
            raise _bad(f"A dashboard is an object, not {describe(document)}.")
        errors = list(self._validator.iter_errors(document))
        # What no kind of panel evaluates is unevaluated, too, but that is the consequence.
        error = best_match(iter([one for one in errors if one.validator != "unevaluatedProperties"] or errors))
        if error:
            raise _as_request_error(_of_its_kind(error))
        for part, most in (("queries", MAX_QUERIES), ("panels", MAX_PANELS)):
            if len(document[part]) > most:
                raise _bad(f"A dashboard has at most {most} {part}, and this one has {len(document[part])}.", part)
        self._check_queries(document)
        return document

    def _check_queries(self, document: Definition) -> None:
        # The names in braces stand for what readers choose; one choice is as good as another.
        filled = fill(document, {})
        keys = {name: _answer_keys(filled, name) for name in filled["queries"]}
        ids: set[str] = set()
        for index, panel in enumerate(filled["panels"]):
            path, query = f"panels[{index}]", panel["query"]
            if panel["id"] in ids:
                raise _bad(f"There are two panels “{panel['id']}”; give one another id.", f"{path}.id")
            ids.add(panel["id"])
            if query not in keys:
                guess = nearest(query, keys)
                raise _bad(f"There is no query “{shorten(query)}” here.{guess} There are: {', '.join(keys)}.", f"{path}.query")
            for key, where in panel_keys(panel):
                if key not in keys[query]:
                    text = f"The query {query} answers nothing called “{shorten(key)}”.{nearest(shorten(key), keys[query])}"
                    raise _bad(text, f"{path}.{where}")


def _answer_keys(definition: Definition, name: str) -> set[str]:
    try:
        spec = parse_query(request(definition, name, definition.get("dataset", "any"))[0])
    except QueryError as error:
        raise _bad(error.message, f"queries.{name}.{error.path}".rstrip(".")) from None
    return {*spec.keys, *spec.breakdowns}


def panel_keys(panel: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the keys of the answer that a panel reads, each with the path where it stands in the panel."""
    for option in ("value", "count", "key", "bucket", "total", "part"):
        if option in panel:
            yield panel[option], option
    yield from ((key, f"bands[{index}]") for index, key in enumerate(panel.get("bands", [])))
    for option in ("columns", "lines", "parts", "marks", "values"):
        for index, one in enumerate(panel.get(option, [])):
            yield from ((one[key], f"{option}[{index}].{key}") for key in ("key", "count") if key in one)
    for index, pair in enumerate(panel.get("pairs", [])):
        yield from ((pair[key], f"pairs[{index}].{key}") for key in ("a", "b", "a_count", "b_count"))
    for option in ("sort", "line"):
        if option in panel:
            yield panel[option]["key"], f"{option}.key"


def _of_its_kind(error: ValidationError) -> ValidationError:
    """Of an `oneOf` between kinds of panels, return what is wrong by the rules of the kind that the panel says it is."""
    while error.validator in ("oneOf", "anyOf") and error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for one in error.context:
            branches.setdefault(one.schema_path[0], []).append(one)
        fitting = [branch for branch in branches.values() if not any(one.validator == "const" for one in branch)]
        if len(fitting) != 1:
            break
        error = best_match(fitting[0]) or error
    return error


def _as_request_error(error: ValidationError) -> RequestError:
    path = ""
    for part in error.absolute_path:
        path += f"[{part}]" if isinstance(part, int) else f".{shorten(part)}" if path else shorten(part)
    text = error.message if len(error.message) <= _LONGEST else error.message[:_LONGEST] + "…"
    return _bad(f"{path or 'The dashboard'} is not of the published shape: {text}.", path)


def _bad(message: str, path: str = "") -> RequestError:
    return RequestError(400, "bad_dashboard", message, path)
