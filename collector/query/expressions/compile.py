"""A tree -> SQL with bound parameters. Pure: no text of the expression gets into the SQL, only what is in the tables here.

A value that is missing makes what is computed from it null; a comparison with it is false.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from collector.fields import ItemType
from collector.query.columns import Column, Params
from collector.query.expressions.functions import FUNCTIONS, Kind
from collector.query.expressions.parse import Call, Literal, Name, Node
from collector.query.reading import Part, nearest, shorten

#: Calculated fields may use each other, so their SQL could grow without end. A statement of 256 KiB has it several times.
LONGEST_SQL: Final = 40_000
TOO_LONG: Final = "The expression, with the calculated fields that it uses, is too long. Make it simpler."
#: Regular expressions, too, by their repetitions.
_LONGEST_PATTERN: Final = 200_000
_REPETITIONS: Final = re.compile(r"\{(\d{1,9})(?:,(\d{1,9})?)?\}")


@dataclass(frozen=True, slots=True)
class Sql:
    """A value as SQL.

    Args:
        text: the SQL.
        type: what it is; null for a value that is always missing.
        is_float32: it has only the precision of a Float32.
        literal: the constant it is, where it is one.
    """

    text: str
    type: ItemType | None
    is_float32: bool = False
    literal: str | float | bool | None = None


class Compiler:
    """Makes SQL of a tree.

    Args:
        columns: what the names in it stand for.
        params: where its constants are bound.
        part: the text, for errors.
    """

    def __init__(self, columns: Mapping[str, Column], params: Params, part: Part) -> None:
        self._columns, self._params, self._part = columns, params, part

    def compile(self, node: Node) -> Sql:
        """Return the SQL of a node. Raises QueryError: an argument is missing or of the wrong kind."""
        if isinstance(node, Literal):
            return self._literal(node.value)
        if isinstance(node, Name):
            return self._name(self._columns[node.name])
        sql = self._call(node)
        if len(sql.text) > LONGEST_SQL:
            raise self._part.error(TOO_LONG)
        return sql

    def _literal(self, value: str | float | bool | None) -> Sql:
        if value is None:
            return Sql("NULL", None)
        if isinstance(value, bool):
            return Sql(str(value).lower(), "boolean", literal=value)
        if isinstance(value, str):
            return Sql(self._params.bind("String", value), "string", literal=value)
        return Sql(self._params.bind("Float64", value), "number", literal=value)

    def _name(self, column: Column) -> Sql:
        if len(column.types) > 1:
            return Sql(column.any_value(self._params), "string")
        value = column.value(column.types[0], self._params)
        return Sql(f"toString({value})" if "LowCardinality" in column.stored else value, column.types[0], column.is_float32)

    def _call(self, node: Call) -> Sql:
        function = FUNCTIONS.get(node.function)
        if function is None:
            name = shorten(node.function)
            raise self._part.error(f"There is no function {name}.{nearest(name, FUNCTIONS)} There are {', '.join(FUNCTIONS)}.")
        if not function.least <= len(node.arguments) <= function.most:
            raise self._part.error(f"{node.function} takes {function.counts()}, not {len(node.arguments)}.")
        arguments = [self.compile(argument) for argument in node.arguments]
        if special := _SPECIAL.get(node.function):
            return special(self, node.function, arguments)
        texts = [self.cast(one, function.kind(index), node.function, index) for index, one in enumerate(arguments)]
        sql = function.render(texts)
        return Sql(sql, function.result, function.result == "number" and any(one.is_float32 for one in arguments))

    def cast(self, value: Sql, kind: Kind, function: str, index: int) -> str:
        """Return a value as the kind that a function needs. Raises QueryError: it can't be."""
        if kind == "literal text":
            if not isinstance(value.literal, str):
                raise self._part.error(f"Argument {index + 1} of {function} must be a text in quotes, not computed.")
            if function.startswith("REG_"):
                self._refuse_growth(value.literal)
            return value.text
        if kind == "any":
            return value.text
        return _CASTS[kind, value.type].format(x=value.text)

    def _refuse_growth(self, pattern: str) -> None:
        """Refuse a regular expression that repeats long parts very often: RE2 writes every repetition out, for 0.2 s."""
        repetitions = [int(most or least) for least, most in _REPETITIONS.findall(pattern)]
        if len(pattern) * max(repetitions, default=1) > _LONGEST_PATTERN:
            raise self._part.error("A regular expression repeats too long a part too often. Make the part or {…} smaller.")

    # --- Functions whose arguments depend on each other ---

    def compare(self, function: str, arguments: Sequence[Sql]) -> Sql:
        """Compare two values, as numbers where one is a number."""
        one, other = arguments
        kind: Kind = "number" if "number" in (one.type, other.type) or "time" in (one.type, other.type) else "string"
        if kind == "string" and one.type == other.type == "boolean":
            kind = "any"
        texts = [self.cast(argument, kind, function, index) for index, argument in enumerate(arguments)]
        if kind == "number" and (one.is_float32 or other.is_float32):
            # A stored 123.3 is 123.30000305175781 as a Float64.
            texts = [f"toFloat32({text})" for text in texts]
        compared = f"{texts[0]} {_COMPARISONS[function]} {texts[1]}"
        return Sql(f"({'NOT ' if function == '!=' else ''}ifNull({compared}, false))", "boolean")

    def contained(self, function: str, arguments: Sequence[Sql]) -> Sql:
        """Return whether a value is one of several."""
        value, *options = arguments
        either = " OR ".join(self.compare("EQUALS", [value, option]).text for option in options)
        return Sql(f"({either})", "boolean")

    def branch(self, function: str, arguments: Sequence[Sql]) -> Sql:
        """IF: pairs of a condition and a value, and what it is otherwise."""
        pairs = list(zip(arguments[::2], arguments[1::2], strict=False))
        last = arguments[-1] if len(arguments) % 2 else Sql("NULL", None)
        conditions = [
            f"ifNull({self.cast(condition, 'boolean', function, 2 * i)}, false)" for i, (condition, _) in enumerate(pairs)
        ]
        return self._branches(conditions, [value for _, value in pairs], last)

    def switch(self, function: str, arguments: Sequence[Sql]) -> Sql:
        """SWITCH: a value, pairs of a case and a result, and what it is otherwise."""
        value, *rest = arguments
        pairs = list(zip(rest[::2], rest[1::2], strict=False))
        last = rest[-1] if len(rest) % 2 else Sql("NULL", None)
        conditions = [self.compare("EQUALS", [value, case]).text for case, _ in pairs]
        return self._branches(conditions, [result for _, result in pairs], last)

    def _branches(self, conditions: Sequence[str], values: Sequence[Sql], last: Sql) -> Sql:
        (*texts, otherwise), type_ = self._alike([*values, last])
        arms = ", ".join(f"{condition}, {text}" for condition, text in zip(conditions, texts, strict=True))
        return Sql(f"multiIf({arms}, {otherwise})", type_, any(one.is_float32 for one in (*values, last)) and type_ == "number")

    def coalesce(self, function: str, arguments: Sequence[Sql]) -> Sql:
        """Return the first value that is there, and not an empty text."""
        texts, type_ = self._alike(arguments)
        shown = [f"nullIf({text}, '')" for text in texts] if type_ == "string" else texts
        return Sql(f"coalesce({', '.join(shown)})", type_, any(one.is_float32 for one in arguments) and type_ == "number")

    def length(self, function: str, arguments: Sequence[Sql]) -> Sql:
        """LENGTH: of a text, in characters or bytes."""
        text, *mode = arguments
        if mode and mode[0].literal not in ("bytes", "chars"):
            raise self._part.error('The second argument of LENGTH must be "bytes" or "chars".')
        counted = "length" if mode and mode[0].literal == "bytes" else "lengthUTF8"
        return Sql(f"toFloat64({counted}({self.cast(text, 'string', function, 0)}))", "number")

    def format_time(self, function: str, arguments: Sequence[Sql]) -> Sql:
        """FORMAT_TIME: epoch seconds by a format of strftime."""
        wanted, time = arguments
        self.cast(wanted, "literal text", function, 0)
        format_ = _STRFTIME.sub(self._directive, str(wanted.literal))
        seconds = self.cast(time, "number", function, 1)
        time_ = f"fromUnixTimestamp64Milli(toInt64(1000 * {seconds}), 'UTC')"
        return Sql(f"formatDateTime({time_}, {self._params.bind('String', format_)}, 'UTC')", "string")

    def _directive(self, match: re.Match[str]) -> str:
        if match[1] not in _DIRECTIVES:
            raise self._part.error(
                f"FORMAT_TIME does not know %{match[1]}; it knows {', '.join('%' + one for one in _DIRECTIVES)}."
            )
        return _DIRECTIVES[match[1]]

    def bucket(self, function: str, arguments: Sequence[Sql]) -> Sql:
        """BUCKET: the range that a number is in, as text."""
        x, size, *ends = (self.cast(one, "number", function, index) for index, one in enumerate(arguments))
        start = ends[0] if ends else "0"
        low = f"(floor(({x} - {start}) / nullIf({size}, 0)) * {size} + {start})"
        arms = [f"isNull({x})", "NULL"]
        arms += [f"{x} < {start}", f"concat('< ', toString({start}))"] if ends else []
        arms += [f"{x} >= {ends[1]}", f"concat('>= ', toString({ends[1]}))"] if len(ends) > 1 else []
        return Sql(f"multiIf({', '.join(arms)}, concat(toString({low}), ' - ', toString({low} + {size})))", "string")

    def _alike(self, values: Sequence[Sql]) -> tuple[list[str], ItemType | None]:
        """Return values as one type: their own where they agree, else text."""
        types = {value.type for value in values if value.type is not None}
        if len(types) <= 1:
            return [value.text for value in values], next(iter(types), None)
        return [_CASTS["string", value.type].format(x=value.text) for value in values], "string"


Special = Callable[[Compiler, str, Sequence[Sql]], Sql]
_SPECIAL: Final[dict[str, Special]] = {
    **dict.fromkeys(("EQUALS", "!=", "LT", "LTE", "GT", "GTE"), Compiler.compare),
    "IN": Compiler.contained,
    "IF": Compiler.branch,
    "SWITCH": Compiler.switch,
    "COALESCE": Compiler.coalesce,
    "LENGTH": Compiler.length,
    "FORMAT_TIME": Compiler.format_time,
    "BUCKET": Compiler.bucket,
}
_STRFTIME: Final = re.compile(r"%(.)", re.DOTALL)
#: ClickHouse writes minutes, month names and day names otherwise.
_DIRECTIVES: Final = {
    **{one: f"%{one}" for one in "YmdHISyjpeFTDRaubG"}, "M": "%i", "A": "%W", "B": "%M", "h": "%b", "%": "%%",
}  # fmt: skip
_COMPARISONS: Final = {"EQUALS": "=", "!=": "=", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_CASTS: Final[dict[tuple[Kind, ItemType | None], str]] = {
    ("number", "number"): "{x}",
    ("number", "string"): "toFloat64OrNull({x})",
    ("number", "boolean"): "toFloat64({x})",
    ("number", "time"): "(toUnixTimestamp64Milli({x}) / 1000)",
    ("number", None): "CAST(NULL, 'Nullable(Float64)')",
    ("string", "number"): "toString({x})",
    ("string", "string"): "{x}",
    ("string", "boolean"): "if({x}, 'true', 'false')",
    ("string", "time"): "formatDateTime({x}, '%Y-%m-%dT%H:%i:%SZ', 'UTC')",
    ("string", None): "CAST(NULL, 'Nullable(String)')",
    ("boolean", "number"): "({x} != 0)",
    ("boolean", "string"): "(lower({x}) = 'true')",
    ("boolean", "boolean"): "{x}",
    ("boolean", "time"): "true",
    ("boolean", None): "CAST(NULL, 'Nullable(Bool)')",
}
