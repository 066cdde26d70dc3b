"""Pictures of the demo shop's checkout, as its check has taken them: one that differs, one that is new, one that was accepted."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from collector.checks.baselines import Baseline, Baselines
from collector.checks.browser.difference import compare

_RUN: Final = "5f0c2d9a7e1b4c3d8a6f5e4d3c2b1a09"
_SIZE: Final = (960, 540)


def propose(evidence_dir: Path, now: int) -> None:
    """Let pictures wait for a decision.

    Args:
        evidence_dir: of the dataset.
        now: epoch seconds.
    """
    moment = datetime.fromtimestamp(now, UTC) - timedelta(days=4)
    baselines = Baselines(evidence_dir, lambda: moment)

    def of(step: str) -> Baseline:
        return baselines.get("shop/buy", step, "chromium", "960x540")

    before, after = _page("#2457d6", 0), _page("#b45309", 24)
    for step in ("the checkout", "the cart"):
        baselines.propose(of(step), before, None, 0.0, _RUN)
        baselines.accept(of(step), "anna")
    moment += timedelta(days=4, hours=-2)
    found = compare(before, after, 0.1)
    baselines.propose(of("the checkout"), after, found.picture, found.percent, _RUN)
    baselines.propose(of("the order"), _page("#0b7243", 0), None, 0.0, _RUN)


def _page(button: str, moved: int) -> bytes:
    image = Image.new("RGB", _SIZE, "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 960, 56), fill="#161a20")
    draw.rectangle((32, 20, 160, 36), fill="#ffffff")
    for row in range(3):
        top = 96 + row * 112
        draw.rectangle((32, top, 128, top + 88), fill="#e3e6eb")
        draw.rectangle((152, top + 8, 420, top + 22), fill="#434b58")
        draw.rectangle((152, top + 36, 340, top + 46), fill="#c6ccd5")
    draw.rounded_rectangle((600, 96, 928, 320), 8, outline="#c6ccd5", width=2)
    draw.rectangle((624, 120, 760, 136), fill="#434b58")
    draw.rounded_rectangle((624, 248 + moved, 904, 296 + moved), 6, fill=button)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
