"""How a page came to look as it does in the end: visual progress and Speed Index, of timed frames. Pure.

The progress of a frame is how much of the change of its colours, from the first frame to the last, has happened. It looks at how
many pixels have a colour, not where they are, so what only moves is no progress.
https://developer.mozilla.org/en-US/docs/Glossary/Speed_index
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

_COMPLETE: Final = 0.85
#: Of a filmstrip.
MAX_FRAMES: Final = 24
#: To look at one takes milliseconds, and a page that moves all the time gives sixty a second.
_MAX_READ: Final = 400
#: Progress that is worth a frame of its own.
_STEP: Final = 0.02
#: Pixels of a thousand: the lossy frames of a page on which nothing changes differ by less.
_NOISE: Final = 0.001


@dataclass(frozen=True, slots=True)
class Frame:
    """What was to be seen from a moment on; `at` in milliseconds since the navigation began, `data` as JPEG."""

    at: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Progress:
    """Visual progress; times in milliseconds since the navigation began.

    Attributes:
        curve: when how much was there, from 0 to 1.
        speed_index: the area above the curve.
        first_change, last_change: when the first and the last pixels changed.
        complete_85: when 85 % were there, and stayed.
        strip: the frames that show how it went.
    """

    curve: tuple[tuple[float, float], ...]
    speed_index: float
    first_change: float
    last_change: float
    complete_85: float
    strip: tuple[Frame, ...]


def measure(frames: Sequence[Frame]) -> Progress | None:
    """Return the progress of frames, the first of which shows what was there before; None if nothing ever changed."""
    kept = _start_at_zero(_thin(sorted(frames, key=lambda frame: frame.at)))
    if len(kept) < 2:
        return None
    histograms = [Image.open(io.BytesIO(frame.data)).convert("RGB").histogram() for frame in kept]
    first, final = histograms[0], histograms[-1]
    size = sum(first)
    changes = [place for place in range(1, len(kept)) if _distance(histograms[place - 1], histograms[place]) > _NOISE * size]
    if not changes or not _distance(first, final):
        return None
    curve = [(kept[place].at, _share(first, final, histograms[place])) for place in (0, *changes)]
    ends = [at for at, _ in curve[1:]] + [curve[-1][0]]
    area = sum((end - at) * (1 - share) for (at, share), end in zip(curve, ends, strict=True))
    behind = max((place for place, (_, share) in enumerate(curve) if share < _COMPLETE), default=-1)
    return Progress(
        curve=tuple((round(at, 1), round(share, 4)) for at, share in curve),
        speed_index=round(area, 1),
        first_change=round(kept[changes[0]].at, 1),
        last_change=round(kept[changes[-1]].at, 1),
        complete_85=round(curve[min(behind + 1, len(curve) - 1)][0], 1),
        strip=_strip(kept, [0, *changes], [share for _, share in curve]),
    )


def _thin(frames: Sequence[Frame]) -> list[Frame]:
    """Return frames without those that are as the one before, and of too many only some; the last one is kept."""
    kept = [frame for place, frame in enumerate(frames) if not place or frame.data != frames[place - 1].data]
    step = -(-len(kept) // _MAX_READ)
    return kept[:-1:step] + kept[-1:] if step > 1 else kept


def _start_at_zero(frames: Sequence[Frame]) -> list[Frame]:
    """Return the frames from the navigation on; what was shown when it began is the one of the moment 0."""
    before = [frame for frame in frames if frame.at <= 0]
    after = [frame for frame in frames if frame.at > 0]
    return [Frame(0.0, before[-1].data), *after] if before else list(after)


def _distance(one: Sequence[int], other: Sequence[int]) -> int:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def _share(first: Sequence[int], final: Sequence[int], now: Sequence[int]) -> float:
    whole = done = 0
    for was, will, has in zip(first, final, now, strict=True):
        change = abs(will - was)
        whole += change
        done += min(abs(has - was), change)
    return done / whole


def _strip(frames: Sequence[Frame], places: Sequence[int], shares: Sequence[float]) -> tuple[Frame, ...]:
    step = _STEP
    while True:
        kept = [places[0]]
        shown = shares[0]
        for place, share in zip(places[1:], shares[1:], strict=True):
            if abs(share - shown) >= step or place == places[-1]:
                kept.append(place)
                shown = share
        if len(kept) <= MAX_FRAMES:
            return tuple(frames[place] for place in kept)
        step *= 1.5
