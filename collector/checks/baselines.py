"""Accepted pictures of steps: what a screenshot is compared with. Only people accept one, so nothing creeps in.

A folder for each (check, step, browser, viewport), below `baselines` in the folder of evidence: `baseline.json`, and up to three
pictures: the accepted one, the last one that differs from it, and their difference.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson
from PIL import Image, ImageChops

from collector.errors import WideloadError

FOLDER: Final = "baselines"
ACCEPTED, PENDING, DIFFERENCE = "accepted.png", "pending.png", "difference.png"
_FILE: Final = "baseline.json"
#: Of decisions; the oldest go first.
_MAX_HISTORY: Final = 50
_RED: Final = (220, 0, 60)
_FADED: Final = 0.25


@dataclass(frozen=True, slots=True)
class Difference:
    """How two pictures differ: `percent` of the pixels, and a picture in which those are red, as PNG."""

    percent: float
    picture: bytes


@dataclass(slots=True)
class Baseline:
    """A step's picture.

    Attributes:
        id: the name of its folder, by which people name it.
        check, step, browser, viewport: whose picture it is.
        accepted_at, accepted_by: when and by whom its picture was accepted; empty if none is.
        pending_at: when the picture was taken that waits for a decision; empty if none does.
        run_id: of the run that took it.
        percent: how much it differs.
        history: decisions: what, when, by whom.
    """

    id: str
    check: str
    step: str
    browser: str
    viewport: str
    accepted_at: str = ""
    accepted_by: str = ""
    pending_at: str = ""
    run_id: str = ""
    percent: float = 0.0
    history: list[dict[str, str]] = field(default_factory=list)


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


class Baselines:
    """The baselines of a folder of evidence.

    Args:
        evidence_dir: that folder.
        now: the time.
    """

    def __init__(self, evidence_dir: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._folder, self._now = evidence_dir / FOLDER, now

    def all(self) -> list[Baseline]:
        """Return all of them: those that wait for a decision first."""
        found = [_read(path) for path in sorted(self._folder.glob(f"*/{_FILE}"))]
        return sorted(found, key=lambda one: (not one.pending_at, one.check, one.step, one.viewport))

    def find(self, id_: str) -> Baseline:
        """Return one, by its id or the beginning of it. Raises WideloadError: there is none, or more than one."""
        found = [one for one in self.all() if id_ and one.id.startswith(id_)]
        if len(found) != 1:
            what = f"{len(found)} baselines begin" if found else "No baseline begins"
            raise WideloadError(f"{what} with {id_!r}: `wideload check baselines list` shows all.")
        return found[0]

    def get(self, check: str, step: str, browser: str, viewport: str) -> Baseline:
        """Return that of a step; a new one if there is none."""
        id_ = hashlib.sha256("\n".join((check, step, browser, viewport)).encode()).hexdigest()[:16]
        path = self._folder / id_ / _FILE
        return _read(path) if path.exists() else Baseline(id_, check, step, browser, viewport)

    def picture(self, baseline: Baseline, name: str) -> bytes | None:
        """Return one of its pictures as PNG."""
        path = self._folder / baseline.id / name
        return path.read_bytes() if path.exists() else None

    def described(self, baseline: Baseline) -> dict[str, Any]:
        """Return what JSON can hold of one, with the paths of its pictures by `accepted`, `pending` and `difference`."""
        paths = {name.removesuffix(".png"): self._folder / baseline.id / name for name in (ACCEPTED, PENDING, DIFFERENCE)}
        return asdict(baseline) | {"pictures": {name: str(path) for name, path in paths.items() if path.exists()}}

    def propose(self, baseline: Baseline, taken: bytes, difference: Difference | None, run_id: str) -> None:
        """Let a picture wait for a decision."""
        self._write(baseline, PENDING, taken)
        if difference:
            self._write(baseline, DIFFERENCE, difference.picture)
        baseline.pending_at, baseline.run_id = self._time(), run_id
        baseline.percent = round(difference.percent, 4) if difference else 0.0
        self._save(baseline)

    def accept(self, baseline: Baseline, by: str) -> None:
        """Take the waiting picture for the right one. Raises WideloadError: none waits."""
        self._decide(baseline, "accepted", by)
        (self._folder / baseline.id / PENDING).replace(self._folder / baseline.id / ACCEPTED)
        baseline.accepted_at, baseline.accepted_by = self._time(), by
        self._settle(baseline)

    def reject(self, baseline: Baseline, by: str) -> None:
        """Say that the waiting picture is wrong. Raises WideloadError: none waits."""
        self._decide(baseline, "rejected", by)
        (self._folder / baseline.id / PENDING).unlink(missing_ok=True)
        self._settle(baseline)

    def matched(self, baseline: Baseline) -> None:
        """Forget a waiting picture: the page looks as it should again."""
        if baseline.pending_at:
            (self._folder / baseline.id / PENDING).unlink(missing_ok=True)
            self._settle(baseline)

    def _decide(self, baseline: Baseline, what: str, by: str) -> None:
        if not baseline.pending_at:
            raise WideloadError(f"No picture of {baseline.check}, {baseline.step}, waits for a decision.")
        decision = {"what": what, "at": self._time(), "by": by, "run_id": baseline.run_id}
        baseline.history = [*baseline.history, decision][-_MAX_HISTORY:]

    def _settle(self, baseline: Baseline) -> None:
        (self._folder / baseline.id / DIFFERENCE).unlink(missing_ok=True)
        baseline.pending_at, baseline.run_id, baseline.percent = "", "", 0.0
        self._save(baseline)

    def _save(self, baseline: Baseline) -> None:
        self._write(baseline, _FILE, orjson.dumps(asdict(baseline), option=orjson.OPT_INDENT_2))

    def _write(self, baseline: Baseline, name: str, data: bytes) -> None:
        path = self._folder / baseline.id / name
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{name}.{os.getpid()}")
        new.write_bytes(data)
        new.replace(path)

    def _time(self) -> str:
        return self._now().isoformat(timespec="seconds")


def _read(path: Path) -> Baseline:
    document: dict[str, Any] = orjson.loads(path.read_bytes())
    return Baseline(**document)
