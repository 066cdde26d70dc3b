"""How two pictures differ. Needs Pillow, of the extra `checks`."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops

_RED: Final = (220, 0, 60)
_FADED: Final = 0.25


@dataclass(frozen=True, slots=True)
class Difference:
    """How two pictures differ: `percent` of the pixels, and a picture in which those are red, as PNG."""

    percent: float
    picture: bytes


def compare(accepted: bytes, taken: bytes, threshold: float) -> Difference:
    """Compare two pictures. Where one is larger, what the other lacks differs.

    Args:
        accepted, taken: as PNG.
        threshold: how much a colour may differ in its most different part, from 0 to 1.
    """
    first, second = (Image.open(io.BytesIO(one)).convert("RGB") for one in (accepted, taken))
    size = (max(first.width, second.width), max(first.height, second.height))
    red, green, blue = ImageChops.difference(_on(size, first), _on(size, second)).split()
    differs = ImageChops.lighter(ImageChops.lighter(red, green), blue).point(
        [255 if one > threshold * 255 else 0 for one in range(256)]
    )
    for one in (first, second):
        # What only one of them has.
        outside = Image.new("L", size, 255)
        outside.paste(0, (0, 0, one.width, one.height))
        differs = ImageChops.lighter(differs, outside)
    faded = Image.blend(Image.new("RGB", size, "white"), _on(size, second).convert("L").convert("RGB"), _FADED)
    faded.paste(_RED, (0, 0), differs)
    out = io.BytesIO()
    faded.save(out, "PNG", compress_level=6)
    return Difference(100 * differs.histogram()[255] / (size[0] * size[1]), out.getvalue())


def _on(size: tuple[int, int], image: Image.Image) -> Image.Image:
    if image.size == size:
        return image
    larger = Image.new("RGB", size)
    larger.paste(image)
    return larger
