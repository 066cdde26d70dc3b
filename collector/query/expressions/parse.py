"""The text of an expression -> a tree. Pure.

The grammar is Honeycomb's (github.com/honeycombio/honeycomb-derived-column-validator, HCDC.g4): functions in capitals, `$column` or
`$"any column"`, the operators `! * / % - + < <= > >= = != AND OR`, and literals. Operators become functions of the same meaning.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from collector.query.reading import Part, shorten

_DEEPEST, _NODES = 32, 500


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; None is null."""

    value: str | float | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A field, or in a formula a calculation."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments."""

    function: str
    arguments: tuple[Node, ...]


Node = Literal | Name | Call


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


_TOKENS: Final = re.compile(
    r"""(?P<space>\s+)
    |(?P<name>\$(?:[\w./:=+?-]+|"(?:[^"\\]|\\.)*"|`[^`]*`))
    |(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<string>"(?:[^"\\]|\\.)*"|`[^`]*`)
    |(?P<word>[A-Za-z][A-Za-z0-9_.]*)
    |(?P<sign><=|>=|!=|[-!*/%+<>=(),])""",
    re.VERBOSE | re.DOTALL,
)
#: By how tightly they bind, and the function that each stands for.
_BINARY: Final[dict[str, tuple[int, str]]] = {
    "OR": (1, "OR"), "AND": (2, "AND"), "=": (3, "EQUALS"), "!=": (3, "!="), "<": (4, "LT"), "<=": (4, "LTE"), ">": (4, "GT"),
    ">=": (4, "GTE"), "+": (5, "SUM"), "-": (5, "SUB"), "*": (6, "MUL"), "/": (6, "DIV"), "%": (6, "MOD"),
}  # fmt: skip
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_ESCAPES: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-7]{3})|(.))", re.DOTALL)
_ESCAPED: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def parse_expression(part: Part, longest: int) -> Node:
    """Read an expression. Raises QueryError that says where it goes wrong."""
    text = part.text(longest)
    parser = _Parser(part, text, _tokens(part, text))
    node = parser.expression(0, _DEEPEST)
    parser.finish()
    return node


def names_in(node: Node) -> list[str]:
    """Return the names in an expression, in their order."""
    if isinstance(node, Name):
        return [node.name]
    return [name for argument in node.arguments for name in names_in(argument)] if isinstance(node, Call) else []


def literals_in(node: Node) -> list[str | float | bool | None]:
    """Return the constants in an expression, in their order."""
    if isinstance(node, Literal):
        return [node.value]
    return [value for argument in node.arguments for value in literals_in(argument)] if isinstance(node, Call) else []


def _tokens(part: Part, text: str) -> list[_Token]:
    tokens, at = [], 0
    while at < len(text):
        match = _TOKENS.match(text, at)
        if match is None:
            raise part.error(
                f"At character {at + 1}, {json.dumps(text[at], ensure_ascii=False)} is not understood{_hint(text, at)}."
            )
        if match.lastgroup != "space":
            tokens.append(_Token(match.lastgroup or "", match[0], at))
        at = match.end()
    return tokens


def _hint(text: str, at: int) -> str:
    if text[at] == "'":
        return ': texts stand in double quotes, as in "gold"'
    return ": the text is not closed" if text[at] in '"`' else ""


class _Parser:
    def __init__(self, part: Part, text: str, tokens: list[_Token]) -> None:
        self._part, self._tokens, self._next = part, [*tokens, _Token("end", "", len(text))], 0
        self._left = _NODES

    def expression(self, binding: int, depth: int) -> Node:
        """Read as much as binds tighter than `binding`."""
        if depth == 0:
            raise self._part.error(f"The expression is more than {_DEEPEST} brackets deep.")
        node = self._operand(depth)
        while (operator := _BINARY.get(self._peek().text)) and self._peek().kind in ("sign", "word") and operator[0] > binding:
            self._take()
            node = self._call(operator[1], [node, self.expression(operator[0], depth - 1)])
        return node

    def finish(self) -> None:
        """Refuse what is left over."""
        if self._peek().kind != "end":
            raise self._wrong("an operator or the end")

    def _operand(self, depth: int) -> Node:
        token = self._take()
        if token.kind == "name":
            return Name(_unquote(token.text[1:]) if token.text[1] in '"`' else token.text[1:])
        if token.kind == "number":
            return Literal(float(token.text))
        if token.kind == "string":
            return Literal(_unquote(token.text))
        if token.text == "!":
            return self._call("NOT", [self.expression(6, depth - 1)])
        if token.text == "-" and self._peek().kind == "number":
            return Literal(-float(self._take().text))
        if token.text == "(":
            node = self.expression(0, depth - 1)
            self._expect(")")
            return node
        if token.kind == "word" and token.text in _CONSTANTS:
            return Literal(_CONSTANTS[token.text])
        if token.kind == "word" and self._peek().text == "(":
            return self._call(token.text.upper(), self._arguments(depth))
        self._next -= 1
        if token.kind == "word":
            text = f"{shorten(token.text)} at character {token.at + 1} is neither a function, which has brackets, nor a field"
            raise self._part.error(f"{text}: write ${shorten(token.text)} for the field.")
        raise self._wrong("a field ($name), a function or a value")

    def _arguments(self, depth: int) -> list[Node]:
        self._expect("(")
        arguments: list[Node] = []
        while self._peek().text != ")":
            arguments.append(self.expression(0, depth - 1))
            if self._peek().text != ")":
                self._expect(",")
        self._expect(")")
        return arguments

    def _call(self, function: str, arguments: list[Node]) -> Node:
        self._left -= 1
        if self._left < 0:
            raise self._part.error(f"The expression has more than {_NODES} functions and operators.")
        return Call(function, tuple(arguments))

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _expect(self, sign: str) -> None:
        if self._peek().text != sign or self._peek().kind != "sign":
            raise self._wrong(f"“{sign}”")
        self._next += 1

    def _wrong(self, wanted: str) -> Exception:
        token = self._peek()
        found = f"“{shorten(token.text)}” at character {token.at + 1}" if token.kind != "end" else "the end"
        return self._part.error(f"There is {found} where {wanted} should be.")


def _unquote(text: str) -> str:
    if text[0] == "`":
        return text[1:-1]

    def replace(match: re.Match[str]) -> str:
        code = next((int(digits, 16) for digits in match.group(1, 2, 3) if digits), None)
        code = int(match[4], 8) if match[4] else code
        if code is None:
            return _ESCAPED.get(match[5], match[5])
        return chr(code) if code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else "�"

    return _ESCAPES.sub(replace, text[1:-1])
