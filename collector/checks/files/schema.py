"""The published JSON Schema of check files: what each kind takes (`schema.json`), and what all of them take (`common.json`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import orjson

_FOLDER: Final = Path(__file__).parent
COMMON: Final[dict[str, Any]] = orjson.loads((_FOLDER / "common.json").read_bytes())


def _assemble() -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads((_FOLDER / "schema.json").read_bytes())
    for kind in document["$defs"].values():
        own = kind["properties"]
        kind["properties"] = {"kind": own["kind"], **COMMON, **own}
    return document


SCHEMA: Final = _assemble()
KINDS: Final = tuple(SCHEMA["$defs"])
