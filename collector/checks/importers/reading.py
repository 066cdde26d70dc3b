"""Reads files of other products, and recognises by their content whose they are."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from collector.checks.importers.finish import finish
from collector.checks.importers.ghost import import_tests
from collector.checks.importers.model import MISSHAPEN, Imported, ImportRefused
from collector.checks.importers.names import Names
from collector.checks.importers.pingdom import import_uptime
from collector.checks.importers.pingdom_transactions import import_transactions
from collector.checks.importers.recorder import import_recording
from collector.checks.importers.selenium import import_project

FORMATS: Final = (
    "a recording of Chrome's DevTools, a test or suite of Ghost Inspector, a project of Selenium IDE, "
    "or a transaction or uptime check of Pingdom"
)
_ZIP: Final = b"PK\x03\x04"
#: Of a file, and of all that is in an archive.
_MOST_BYTES: Final = 64 << 20
_TRANSACTIONS: Final = frozenset({"script", "recording"})
Found = tuple[str, dict[str, Any]]


def read(paths: Sequence[Path]) -> list[Imported]:
    """Return what files hold; all tests of Ghost Inspector together, as they may import each other.

    Raises:
        ImportRefused: a file cannot be read, is no JSON, or is of no format that is known.
    """
    found = [(path, *one) for path in paths for one in _read(path)]
    try:
        return _translate(found)
    except MISSHAPEN as error:
        shown = ", ".join(str(path) for path in paths)
        raise ImportRefused(f"Something in {shown} is not as its product documents it: {error!r}.") from None


def _translate(found: list[tuple[Path, str, dict[str, Any]]]) -> list[Imported]:
    names, imports, ghosts = Names(), list[Imported](), list[dict[str, Any]]()
    for path in dict.fromkeys(path for path, _, _ in found):
        of_file = [(format_, document) for where, format_, document in found if where == path]
        ghosts += [document for format_, document in of_file if format_ == "ghost"]
        imports += [import_recording(document, names) for format_, document in of_file if format_ == "recorder"]
        imports += [import_project(document, names) for format_, document in of_file if format_ == "selenium"]
        for format_, translate in (("pingdom", import_uptime), ("transactions", import_transactions)):
            if documents := [document for one, document in of_file if one == format_]:
                imports.append(translate(documents, names))
    if ghosts:
        imports.append(import_tests(ghosts, names))
    return [finish(one) for one in imports]


def _read(path: Path) -> Iterator[Found]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror}.") from None
    if not raw.startswith(_ZIP):
        yield from _documents(raw, str(path))
        return
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = [one for one in archive.infolist() if one.filename.endswith((".json", ".side"))]
            if sum(one.file_size for one in members) > _MOST_BYTES:
                raise ImportRefused(f"{path} holds more than {_MOST_BYTES >> 20} MiB: unpack it, and import the files in parts.")
            for one in members:
                yield from _documents(archive.read(one), f"{path}: {one.filename}")
    except (zipfile.BadZipFile, RuntimeError) as error:
        raise ImportRefused(f"{path} is an archive that cannot be read: {error}.") from None


def _documents(raw: bytes, place: str) -> Iterator[Found]:
    if len(raw) > _MOST_BYTES:
        raise ImportRefused(f"{place} is larger than {_MOST_BYTES >> 20} MiB.")
    try:
        document = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise ImportRefused(f"{place} is not JSON: {error}. Known is {FORMATS}.") from None
    yield from _recognise(document, place)


def _recognise(document: Any, place: str, depth: int = 4) -> Iterator[Found]:
    """Yield the checks of a document with their formats, out of the envelopes of APIs."""
    if isinstance(document, list) and document and depth:
        for one in document:
            yield from _recognise(one, place, depth - 1)
        return
    if isinstance(document, dict):
        for envelope in ("data", "check", "checks"):
            inner = document.get(envelope)
            if isinstance(inner, (dict, list)) and depth and not _format(document):
                yield from _recognise(inner, place, depth - 1)
                return
        if format_ := _format(document):
            yield format_, document
            return
    raise ImportRefused(f"{place} is nothing that is known. Known is {FORMATS}.")


def _format(document: dict[str, Any]) -> str:
    steps, tests = document.get("steps"), document.get("tests")
    first = next((one for one in steps if isinstance(one, dict)), {}) if isinstance(steps, list) else {}
    if "fn" in first or str(document.get("type")) in _TRANSACTIONS:
        return "transactions"
    if "command" in first or (isinstance(steps, list) and "startUrl" in document):
        return "ghost"
    if "type" in first or (isinstance(steps, list) and "title" in document):
        return "recorder"
    if isinstance(tests, list):
        return "selenium" if any(isinstance(one, dict) and "commands" in one for one in tests) else "ghost"
    # A suite of Ghost Inspector without its tests.
    if "_id" in document and "testCount" in document:
        return "ghost"
    return "pingdom" if "type" in document and ("hostname" in document or "host" in document) else ""
