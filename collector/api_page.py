"""`GET /api`: the HTTP API as a page for people, made of the same description as `/openapi.json`, without any script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from collector.access.private import SIGNED_IN, PrivateRoute
from collector.openapi import document
from collector.web import PAGES, page_asset

Schema = dict[str, Any]

_SECTIONS: Final = {
    "private": ("Private", "Needs the header <code>Authorization: Bearer TOKEN</code>, or the session of a signed-in browser."),
    "public": ("Public", "What pages use: anybody may."),
}
#: What is said of required members of what is sent, and of what is answered.
_NEEDED: Final = "<em>needed</em>"
_ALWAYS: Final = "always there"
#: Schemas that stand in each other deeper than this are not laid out further.
_DEEPEST: Final = 6


def api_page_routes() -> list[PrivateRoute]:
    """Return the page and its style sheet."""
    page = render(document())

    async def api(_: Request) -> Response:
        return HTMLResponse(page)

    return [PrivateRoute("/api", api, SIGNED_IN), PrivateRoute("/api.css", page_asset("api.css"), SIGNED_IN)]


def render(description: Schema) -> str:
    """Return an OpenAPI document as HTML."""
    operations = [
        (path, method, operation) for path, methods in description["paths"].items() for method, operation in methods.items()
    ]
    links, parts = [], []
    for tag, (heading, words) in _SECTIONS.items():
        chosen = [one for one in operations if tag in one[2]["tags"]]
        links.append(f"<h2>{heading}</h2><ul>{''.join(_link(*one) for one in chosen)}</ul>")
        parts.append(f'<h2 id="{tag}">{heading}</h2><p>{words}</p>{"".join(_operation(*one) for one in chosen)}')
    shown = {
        "title": escape(description["info"]["title"]),
        "version": escape(description["info"]["version"]),
        "links": "".join(links),
        "operations": "".join(parts),
        "error": _schema(description["components"]["schemas"]["Error"], _ALWAYS),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: shown[match[1]], (PAGES / "api.html").read_text(encoding="utf-8"))


def _anchor(path: str, method: str) -> str:
    return f"{method}{''.join(letter if letter.isalnum() else '-' for letter in path)}"


def _link(path: str, method: str, _: Schema) -> str:
    return f'<li><a href="#{_anchor(path, method)}"><b>{method.upper()}</b> {escape(path)}</a></li>'


def _operation(path: str, method: str, operation: Schema) -> str:
    parts = [f'<section id="{_anchor(path, method)}"><h3><b class="{method}">{method.upper()}</b> <code>{escape(path)}</code></h3>',
             f"<p>{escape(operation['summary'])}</p>"]  # fmt: skip
    if parameters := operation.get("parameters"):
        notes = [f"in the {one['in']}" + (f", {_NEEDED}" if one["required"] else "") for one in parameters]
        rows = "".join(_row(one["name"], one["schema"], note) for one, note in zip(parameters, notes, strict=True))
        parts.append(f"<h4>Parameters</h4><dl>{rows}</dl>")
    if body := operation.get("requestBody"):
        parts.append(f"<h4>Body</h4>{_contents(body['content'], _NEEDED)}")
    parts.append(f"<h4>Answers</h4>{''.join(_answers(operation['responses']))}</section>")
    return "".join(parts)


def _answers(responses: dict[str, Schema]) -> Iterator[str]:
    refusals = []
    for status, response in responses.items():
        content = response.get("content")
        if content and any("$ref" in one["schema"] for one in content.values()):
            refusals.append(status)
        else:
            yield f'<div class="answer"><b>{status}</b>{_contents(content, _ALWAYS) if content else "<p>Without a body.</p>"}</div>'
    if refusals:
        yield f'<p class="refusals">{" ".join(f"<b>{status}</b>" for status in refusals)} <a href="#errors">an error</a></p>'


def _contents(content: dict[str, Schema], required: str) -> str:
    return "".join(f"<p><code>{escape(media)}</code></p>{_schema(one['schema'], required)}" for media, one in content.items())


def _schema(schema: Schema, required: str, depth: int = 0) -> str:
    """Return the members of an object; empty where there are none.

    Args:
        schema: of the object.
        required: what is said of members that are required.
        depth: in how many others it stands.
    """
    members = _members(schema)
    if not members or depth == _DEEPEST:
        return ""
    needed = schema.get("required", ())
    rows = "".join(_row(name, one, required if name in needed else "", required, depth) for name, one in members.items())
    return f"<dl>{rows}</dl>"


def _row(name: str, schema: Schema, note: str, required: str = "", depth: int = 0) -> str:
    below = "".join(_schema(one, required, depth + 1) for one in _objects(schema))
    more = f"<details><summary>Its members</summary>{below}</details>" if below else ""
    words = ", ".join(filter(None, [escape(_words(schema)), note]))
    return f"<div><dt><code>{escape(name)}</code></dt><dd>{words}{more}</dd></div>"


def _members(schema: Schema) -> dict[str, Schema]:
    found: dict[str, Schema] = schema.get("properties", {})
    return found


def _objects(schema: Schema) -> list[Schema]:
    """Return the objects with members that a schema is, is a list of, or is a choice of."""
    if _members(schema):
        return [schema]
    below = [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    return [found for one in below for found in _objects(one)]


def _words(schema: Schema) -> str:
    """Say what a value is: `text or null`, `list of objects`, `one of AND, OR`."""
    if "const" in schema:
        return f"always {schema['const']}".lower()
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(_words, schema["anyOf"])))
    if "items" in schema:
        return f"list: {_words(schema['items'])}"
    types = schema.get("type", "anything")
    words = " or ".join(_TYPES.get(one, one) for one in ([types] if isinstance(types, str) else types))
    low, high = schema.get("minimum"), schema.get("maximum")
    bounds = f" from {low} to {high}" if high is not None else f" of at least {low}" if low else ""
    pattern = f" like {schema['pattern']}" if "pattern" in schema else ""
    return f"{words}{bounds}{pattern}"


_TYPES: Final = {"string": "text", "integer": "whole number", "boolean": "true or false", "array": "list"}
