"""Pictures as files: small, without loss of what can be seen, and compared by it."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops

FOLDER: Final = Path(__file__).parents[2] / "docs" / "screenshots"
#: What they were made with: other fonts and other browsers draw other pixels.
MADE_WITH: Final = FOLDER / "made-with.json"
_COLOURS: Final = 256
#: A channel of a pixel may be off by so much (the file has fewer colours), and so large a share of pixels by more.
_OFF: Final = 32
_SHARE: Final = 0.002


def encode(png: bytes) -> bytes:
    """Return a picture as WebP of few colours: a quarter of the PNG."""
    small = (
        Image.open(io.BytesIO(png))
        .convert("RGB")
        .quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        .convert("RGB")
    )
    file = io.BytesIO()
    small.save(file, "WEBP", lossless=True, method=4)
    return file.getvalue()


def difference(kept: Path, png: bytes) -> str:
    """Return in what a picture differs from the one that is kept; empty if nobody would see it."""
    if not kept.exists():
        return "there is no picture of it: run `make screenshots`"
    before, after = (Image.open(io.BytesIO(file)).convert("RGB") for file in (kept.read_bytes(), png))
    if before.size != after.size:
        return f"{after.width} x {after.height} pixels, before {before.width} x {before.height}"
    red, green, blue = ImageChops.difference(before, after).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    off = sum(most.histogram()[_OFF + 1 :]) / (before.width * before.height)
    return f"{off:.2%} of the pixels are others" if off > _SHARE else ""


def made_here(chromium: str) -> dict[str, str]:
    """Return what pictures are made with on this machine: the browser, and the fonts that the viewer's styles come to."""
    fonts = {name: _font(name) for name in ("Arial", "monospace")}
    return {"chromium": chromium.partition(".")[0], **fonts}


def made_with() -> dict[str, str]:
    """Return what the kept pictures were made with."""
    kept: dict[str, str] = json.loads(MADE_WITH.read_text()) if MADE_WITH.exists() else {}
    return kept


def _font(name: str) -> str:
    try:
        file = subprocess.run(["fc-match", "-f", "%{file}", name], check=True, capture_output=True, text=True).stdout
        return f"{Path(file).name} {hashlib.sha256(Path(file).read_bytes()).hexdigest()[:12]}"
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
