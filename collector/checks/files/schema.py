"""The published JSON Schema of check files: what each kind takes (`schema.json`), and what all of them take (`common.json`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import orjson

from collector.checks.files.shapes import BROWSER
from collector.checks.files.steps import VERBS, step_shape

_FOLDER: Final = Path(__file__).parent
COMMON: Final[dict[str, Any]] = orjson.loads((_FOLDER / "common.json").read_bytes())


#: Kinds that a browser is needed for.
BROWSER_KINDS: Final = ("page", "journey")
#: Of journeys: what goes wrong with steps is said by `steps.step_problems`, which knows which of them was meant.
_STEPS: Final = {"items": {"$ref": "#/$defs/step"}}


def _assemble() -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads((_FOLDER / "schema.json").read_bytes())
    for name, kind in document["$defs"].items():
        own = kind["properties"] | ({"browser": BROWSER} if name in BROWSER_KINDS else {})
        kind["properties"] = {"kind": own["kind"], **COMMON, **own}
    return document


def _publish() -> dict[str, Any]:
    """Return the schema that editors use; it has the steps."""
    document = _assemble()
    properties = document["$defs"]["journey"]["properties"]
    properties["steps"] = properties["steps"] | _STEPS
    document["$defs"]["step"] = {"oneOf": [step_shape(name) for name in VERBS]}
    return document


SHAPES: Final[dict[str, Any]] = _assemble()["$defs"]
KINDS: Final = tuple(SHAPES)
SCHEMA: Final = _publish()
