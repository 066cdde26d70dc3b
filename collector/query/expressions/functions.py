"""The functions of the expression language: one row of data each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from typing import Literal as OneOf

from collector.fields import ItemType

#: What an argument has to be; a value of another type is converted where that is possible.
Kind = OneOf["number", "string", "boolean", "any", "literal text"]
_MANY: Final = 100


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Args:
        meaning: one sentence for people.
        least, most: how many arguments it takes.
        kinds: of its arguments; the last one holds for all that follow.
        result: the type of its value; None where that depends on its arguments.
        sql: its SQL: `{0}`, `{1}` are the arguments; `{all}`, `{held}` and `{texts}` all of them with commas, as they are, with
            false for null and with an empty text for null. Empty where `compile` knows better.
        joined: an operator between the arguments, in place of `sql`.
    """

    meaning: str
    least: int
    most: int
    kinds: tuple[Kind, ...]
    result: ItemType | None
    sql: str = ""
    joined: str = ""

    def kind(self, index: int) -> Kind:
        """Return what an argument has to be."""
        return self.kinds[min(index, len(self.kinds) - 1)]

    def counts(self) -> str:
        """Say how many arguments it takes."""
        if self.least == self.most:
            return f"{self.least} argument{'' if self.least == 1 else 's'}"
        return f"at least {self.least} arguments" if self.most == _MANY else f"{self.least} to {self.most} arguments"

    def render(self, arguments: Sequence[str]) -> str:
        """Return its SQL."""
        if self.joined:
            return f"({f' {self.joined} '.join(arguments)})"
        held = ", ".join(f"ifNull({argument}, false)" for argument in arguments)
        texts = ", ".join(f"ifNull({argument}, '')" for argument in arguments)
        return self.sql.format(*arguments, all=", ".join(arguments), held=held, texts=texts)


_NUMBER: Final = ("number",)
_STRING: Final = ("string",)
_PATTERN: Final[tuple[Kind, ...]] = ("string", "literal text")


def _compares(meaning: str) -> Function:
    return Function(meaning, 2, 2, ("any",), "boolean")


FUNCTIONS: Final[dict[str, Function]] = {
    "IF": Function("The value after the first condition that holds, else the last value, or null: IF(condition, value, …, else).",
                   2, _MANY, ("any",), None),
    "SWITCH": Function("The result beside the case that the first value equals: SWITCH(value, case, result, …, else).",
                       3, _MANY, ("any",), None),
    "COALESCE": Function("The first value that is there and not an empty text.", 1, _MANY, ("any",), None),
    "EQUALS": _compares("Whether two values are equal; a number equals the text of it."),
    "!=": _compares("Whether two values differ."),
    "LT": _compares("Whether the first is less."),
    "LTE": _compares("Whether the first is not more."),
    "GT": _compares("Whether the first is more."),
    "GTE": _compares("Whether the first is not less."),
    "IN": Function("Whether the first value equals one of the others.", 2, _MANY, ("any",), "boolean"),
    "EXISTS": Function("Whether there is a value.", 1, 1, ("any",), "boolean", "({0} IS NOT NULL)"),
    "NOT": Function("Whether it does not hold.", 1, 1, ("boolean",), "boolean", "(NOT ifNull({0}, false))"),
    "AND": Function("Whether all hold.", 1, _MANY, ("boolean",), "boolean", "and(true, {held})"),
    "OR": Function("Whether one holds.", 1, _MANY, ("boolean",), "boolean", "or(false, {held})"),
    "MIN": Function("The smallest number.", 1, _MANY, _NUMBER, "number", "arrayReduce('minOrNull', [{all}])"),
    "MAX": Function("The largest number.", 1, _MANY, _NUMBER, "number", "arrayReduce('maxOrNull', [{all}])"),
    "SUM": Function("The sum.", 1, _MANY, _NUMBER, "number", joined="+"),
    "SUB": Function("The first without the second.", 2, 2, _NUMBER, "number", joined="-"),
    "MUL": Function("The product.", 1, _MANY, _NUMBER, "number", joined="*"),
    "DIV": Function("The first divided by the second; null where that is 0.", 2, 2, _NUMBER, "number", "({0} / nullIf({1}, 0))"),
    "MOD": Function("What is left after division; null where that is by 0.", 2, 2, _NUMBER, "number", "({0} % nullIf({1}, 0))"),
    "LOG10": Function("The decimal logarithm; null for what has none.", 1, 1, _NUMBER, "number", "log10(if({0} > 0, {0}, NULL))"),
    "INT": Function("The number without its fraction.", 1, 1, _NUMBER, "number", "trunc({0})"),
    "FLOAT": Function("The number that a text or a boolean is.", 1, 1, _NUMBER, "number", "{0}"),
    "BOOL": Function("true for “true” and for every number but 0.", 1, 1, ("boolean",), "boolean", "{0}"),
    "STRING": Function("The text of a value.", 1, 1, _STRING, "string", "{0}"),
    "CONCAT": Function("The texts one after another; a missing one is empty.", 1, _MANY, _STRING, "string", "concat('', {texts})"),
    "STARTS_WITH": Function("Whether a text begins with another.", 2, 2, _STRING, "boolean", "ifNull(startsWith({0}, {1}), false)"),
    "ENDS_WITH": Function("Whether a text ends with another.", 2, 2, _STRING, "boolean", "ifNull(endsWith({0}, {1}), false)"),
    "CONTAINS": Function("Whether a text has another in it.", 2, 2, _STRING, "boolean", "ifNull(position({0}, {1}) > 0, false)"),
    "TO_LOWER": Function("The text in small letters.", 1, 1, _STRING, "string", "lowerUTF8({0})"),
    "LENGTH": Function('How many characters a text has, or with "bytes" how many bytes.', 1, 2, _PATTERN, "number"),
    "REG_MATCH": Function("Whether a regular expression (RE2) matches a part of the text.", 2, 2, _PATTERN, "boolean",
                          "ifNull(match({0}, {1}), false)"),
    "REG_VALUE": Function("What a regular expression matches first: its first group, or all of it.", 2, 2, _PATTERN, "string",
                          "extract({0}, {1})"),
    "REG_COUNT": Function("How often a regular expression matches.", 2, 2, _PATTERN, "number", "toFloat64(countMatches({0}, {1}))"),
    "UNIX_TIMESTAMP": Function("The epoch seconds that a text such as 2026-11-23T08:00:00Z is.", 1, 1, _STRING, "number",
                               "(toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull({0}, 3, 'UTC')) / 1000)"),
    "EVENT_TIMESTAMP": Function("When the event happened, in epoch seconds.", 0, 0, ("any",), "number",
                                "(toUnixTimestamp64Milli(ts) / 1000)"),
    "INGEST_TIMESTAMP": Function("When the collector accepted it, in epoch seconds.", 0, 0, ("any",), "number",
                                 "(toUnixTimestamp64Milli(received_at) / 1000)"),
    "FORMAT_TIME": Function("Epoch seconds as text, by a format of strftime such as %Y-%m-%d or %H, in UTC.", 2, 2,
                            ("literal text", "number"), "string"),
    "BUCKET": Function("The range that a number is in, as text: BUCKET(number, size, from, to).", 2, 4, _NUMBER, "string"),
}  # fmt: skip
