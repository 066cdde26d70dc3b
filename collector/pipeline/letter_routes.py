"""`/api/dead-letters`: look at dead letters, put them into the spool again, or let them go.

They belong to the editors of their dataset; those of which nobody can tell the dataset belong to the editors of all.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector.access.identity import EVERYTHING, Identity, Role
from collector.access.private import PrivateRoute, audit, identity_of, on_dataset
from collector.errors import RequestError, SpoolError
from collector.pipeline.dead_letters import DeadLetter, DeadLetters
from collector.pipeline.intake import Intake
from collector.request_body import read_body

#: The most letters of one answer, and of one request to change them.
MAX_LETTERS: Final = 1000
_DEFAULT_LETTERS: Final = 100
_MAX_BODY: Final = 1 << 20
_EDITOR: Final = on_dataset(Role.EDITOR)


def dead_letter_routes(letters: DeadLetters, spool: Intake) -> list[PrivateRoute]:
    """Return the routes."""

    async def listing(request: Request) -> Response:
        try:
            limit, before = (_number(request, name) for name in ("limit", "before"))
        except RequestError as error:
            return JSONResponse(error.as_json(), error.status)
        own = _Own(letters, identity_of(request))
        found = await asyncio.to_thread(own.page, min(limit or _DEFAULT_LETTERS, MAX_LETTERS), before)
        return JSONResponse({"count": await asyncio.to_thread(own.count), "dead_letters": [_head(letter) for letter in found]})

    async def one(request: Request) -> Response:
        letter = await asyncio.to_thread(letters.get, request.path_params["id"])
        if letter is None:
            error = RequestError(404, "unknown_dead_letter", f"There is no dead letter {request.path_params['id']}.")
            return JSONResponse(error.as_json(), 404)
        try:
            _Own(letters, identity_of(request)).require(letter)
        except RequestError as error:
            return JSONResponse(error.as_json(), error.status)
        return JSONResponse(_head(letter) | {"payload": _payload(letter.payload)})

    async def retry(request: Request) -> Response:
        try:
            chosen = await _chosen(request, letters)
            # First into the spool, then out of here: whatever happens between is a duplicate, and counts once.
            _audit(request, "dead-letters-retry", chosen)
            for letter in chosen:
                await spool.append([letter.payload], _dataset(letter.payload))
        except SpoolError as error:
            refused = RequestError(503, "spool_error", f"The events could not be put into the spool: {error}.")
            return JSONResponse(refused.as_json(), 503)
        except RequestError as error:
            return JSONResponse(error.as_json(), error.status)
        await asyncio.to_thread(letters.remove, [letter.id for letter in chosen])
        return JSONResponse({"retried": len(chosen)})

    async def drop(request: Request) -> Response:
        try:
            chosen = await _chosen(request, letters)
            _audit(request, "dead-letters-drop", chosen)
        except RequestError as error:
            return JSONResponse(error.as_json(), error.status)
        return JSONResponse({"dropped": await asyncio.to_thread(letters.remove, [letter.id for letter in chosen])})

    return [
        PrivateRoute("/api/dead-letters", listing, _EDITOR),
        PrivateRoute("/api/dead-letters/{id:int}", one, _EDITOR),
        PrivateRoute("/api/dead-letters/retry", retry, _EDITOR, methods=["POST"]),
        PrivateRoute("/api/dead-letters/drop", drop, _EDITOR, methods=["POST"]),
    ]


class _Own:
    """The letters that somebody may see and change."""

    def __init__(self, letters: DeadLetters, identity: Identity) -> None:
        self._letters, self._identity = letters, identity

    def page(self, limit: int, before: int | None) -> list[DeadLetter]:
        """Return letters as `DeadLetters.page` does."""
        found: list[DeadLetter] = []
        while len(found) < limit and (page := self._letters.page(limit, before)):
            found += self._filter(page)
            before = page[-1].id
        return found[:limit]

    def count(self) -> int:
        """Return how many there are."""
        return self._letters.count if self._identity.may(Role.EDITOR) else len(self._filter(self._letters.all()))

    def oldest(self) -> list[DeadLetter]:
        """Return the oldest `MAX_LETTERS`."""
        return self._filter(self._letters.all())[:MAX_LETTERS]

    def require(self, letter: DeadLetter) -> None:
        """Raise RequestError (403) unless a letter is one of them."""
        self._identity.require(Role.EDITOR, _dataset(letter.payload) or EVERYTHING)

    def _filter(self, letters: list[DeadLetter]) -> list[DeadLetter]:
        return [one for one in letters if self._identity.may(Role.EDITOR, _dataset(one.payload) or EVERYTHING)]


def _audit(request: Request, action: str, letters: list[DeadLetter]) -> None:
    counts = Counter(_dataset(letter.payload) or "unknown" for letter in letters)
    for dataset, count in sorted(counts.items()):
        audit(request, action, f"dataset {dataset}: {count} events")


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise RequestError(400, "bad_request", f"{name} must be a whole number.", name)
    return int(text)


async def _chosen(request: Request, letters: DeadLetters) -> list[DeadLetter]:
    """Return the letters that a body names: `{"ids": [1, 2]}`, or `{"all": true}` for the oldest `MAX_LETTERS`."""
    own = _Own(letters, identity_of(request))
    try:
        body: Any = orjson.loads(await read_body(request, _MAX_BODY))
    except orjson.JSONDecodeError:
        body = None
    if isinstance(body, dict) and body.get("all") is True:
        return await asyncio.to_thread(own.oldest)
    ids = body.get("ids") if isinstance(body, dict) else None
    if not isinstance(ids, list) or not ids or len(ids) > MAX_LETTERS or not all(type(n) is int and 0 < n < 1 << 62 for n in ids):
        text = f'Say which dead letters: {{"ids": [1, 2]}} with up to {MAX_LETTERS:,} numbers, or {{"all": true}}.'
        raise RequestError(400, "bad_request", text, "ids")
    found = [(number, await asyncio.to_thread(letters.get, number)) for number in dict.fromkeys(ids)]
    if missing := [number for number, letter in found if letter is None]:
        raise RequestError(404, "unknown_dead_letter", f"There is no dead letter {missing[0]}.", "ids")
    chosen = [letter for _, letter in found if letter]
    for letter in chosen:
        own.require(letter)
    return chosen


def _head(letter: DeadLetter) -> dict[str, Any]:
    event = _payload(letter.payload)
    named = event if isinstance(event, dict) else {}
    return {
        "id": letter.id,
        "at": datetime.fromtimestamp(letter.at, UTC).isoformat(timespec="seconds"),
        "reason": letter.reason,
        "code": letter.code,
        "dataset": _dataset(letter.payload),
        "event": {key: named[key] for key in ("id", "kind", "ts") if key in named},
        "bytes": len(letter.payload),
    }


def _payload(payload: bytes) -> Any:
    """Return the event, or the text where it is none."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload.decode("utf-8", "backslashreplace")


def _dataset(payload: bytes) -> str:
    event = _payload(payload)
    name = event.get("dataset") if isinstance(event, dict) else None
    return name if isinstance(name, str) else ""
