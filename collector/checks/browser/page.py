"""The kind `page`: how fast a page is. It is loaded several times, each time by a browser that has never seen it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Error

from collector.checks.attempt import Attempt, Setting
from collector.checks.browser.chromium import Chromium
from collector.checks.browser.evidence import Evidence
from collector.checks.browser.network import Network
from collector.checks.browser.pictures import MEDIA_TYPE, picture
from collector.checks.browser.progress import Frame, Progress, measure
from collector.checks.browser.session import Session, opened
from collector.checks.browser.vitals import Vitals
from collector.checks.browser.watch import Line
from collector.checks.conditions import look
from collector.checks.files.load import Check
from collector.checks.probes.model import ProbeError
from collector.checks.secrets import Masker
from collector.checks.variables import fill, fill_condition
from collector.errors import WideloadError

#: Of the frames, the longer side; in colours that is enough for progress, and for people.
_FRAME_SIZE: Final = 480
_FRAME_QUALITY: Final = 70
#: A page that never gets quiet is measured after so many seconds.
_MAX_QUIET_WAIT: Final = 20.0
_POLL_MS: Final = 100
#: Of which the load in the middle is taken: the first that all loads have.
_ORDER: Final = ("lcp.value", "speed_index.value", "fcp.value", "page.fully_loaded")
#: Of every load, for evidence.
_TOLD: Final = ("ttfb.value", "fcp.value", "lcp.value", "cls.value", "tbt.value", "speed_index.value", "page.fully_loaded")


@dataclass(frozen=True, slots=True)
class Load:
    """One load: what it found, and what it looked like."""

    facts: dict[str, Any]
    progress: Progress | None
    network: Network
    console: list[Line]
    picture: bytes


def attempt(check: Check, setting: Setting, browser: Chromium) -> Attempt:
    """Load the page, and look at the conditions on the load in the middle. Raises UnknownVariable."""
    made, values = Attempt(), {**setting.variables, **setting.secrets}
    options = fill(check.options, values)
    conditions = [fill_condition(condition, values) for condition in check.expect]
    deadline = time.monotonic() + check.timeout_seconds
    mask = Masker(setting.secrets.values())
    loads: list[Load] = []
    try:
        for number in range(options["loads"]):
            with opened(check, setting, options, browser, deadline) as session:
                share = session.left() / (options["loads"] - number)
                loads.append(_load(session, options, share, setting.secrets))
    except ProbeError as error:
        made.error = error
        return made
    except (Error, WideloadError) as error:
        message = error.message.splitlines()[0] if isinstance(error, Error) else str(error)
        late = time.monotonic() >= deadline
        made.error = ProbeError("timeout" if late else "browser_error", f"The page could not be measured: {message}")
        return made
    chosen = middle(loads)
    made.found.facts |= chosen.facts | {"check.samples": len(loads)}
    made.results += [look(condition, made.found.facts) for condition in conditions]
    failed = any(not result.holds for result in made.results)
    _keep(Evidence(setting.evidence_dir, made.evidence, mask), chosen, loads, _is_wanted(options["screenshots"], failed))
    return made


def middle(loads: list[Load]) -> Load:
    """Return the load in the middle; of an even number, the faster one of both."""
    by = next((name for name in _ORDER if all(name in load.facts for load in loads)), "")
    return sorted(loads, key=lambda load: load.facts.get(by, 0.0))[(len(loads) - 1) // 2]


def _load(session: Session, options: Mapping[str, Any], seconds: float, secrets: Mapping[str, str]) -> Load:
    page, url = session.page, session.url(options["url"])
    devtools = session.context.new_cdp_session(page)
    network, vitals = Network(devtools, urlsplit(url).hostname or ""), Vitals(devtools)
    frames: list[Frame] = []
    page.screencast.start(
        on_frame=lambda frame: frames.append(Frame(frame["timestamp"], frame["data"])),
        size={"width": _FRAME_SIZE, "height": _FRAME_SIZE}, quality=_FRAME_QUALITY,
    )  # fmt: skip
    end = time.monotonic() + seconds
    status = session.go(url, session.left())
    if status >= 400:
        raise ProbeError("http_error", f"The page answers with the status {status}.")
    quiet_by = min(end, time.monotonic() + _MAX_QUIET_WAIT)
    while network.quiet_seconds() < options["quiet"] and time.monotonic() < quiet_by:
        page.wait_for_timeout(_POLL_MS)
    page.screencast.stop()
    fields, origin = vitals.read()
    if network.quiet_seconds() < options["quiet"]:
        # Where requests never end, there is no last one.
        del fields["page.fully_loaded"]
    progress = measure([Frame(frame.at - origin, frame.data) for frame in frames])
    facts = fields | session.watch.facts() | network.facts() | {"status": status, "url": page.url, "title": page.title()}
    if progress:
        facts |= {
            "speed_index.value": progress.speed_index, "visual.first_change": progress.first_change,
            "visual.last_change": progress.last_change, "visual.complete_85": progress.complete_85,
        }  # fmt: skip
    return Load(facts, progress, network, session.watch.errors, picture(session, secrets.values()))


def _is_wanted(when: str, failed: bool) -> bool:
    return when == "all" or (when == "failure" and failed)


def _keep(evidence: Evidence, chosen: Load, loads: list[Load], with_pictures: bool) -> None:
    if evidence.folder is None:
        return
    if with_pictures:
        evidence.add("screenshot", "page", chosen.picture, MEDIA_TYPE)
        for frame in chosen.progress.strip if chosen.progress else ():
            evidence.add("frame", f"{frame.at:.0f} ms", frame.data, "image/jpeg")
    curve = chosen.progress.curve if chosen.progress else ()
    told = [{name: load.facts.get(name) for name in _TOLD} for load in loads]
    evidence.add_json("progress", "progress.json", {"curve": curve, "loads": told, "chosen": loads.index(chosen)})
    rows = sorted((asdict(row) for row in chosen.network.rows.values()), key=lambda row: row["start"])
    evidence.add_json("requests", "waterfall.json", {"requests": rows, "dropped": chosen.network.dropped})
    if chosen.console:
        lines = [{"kind": one.kind, "text": one.text, "url": one.url, "at": one.at} for one in chosen.console]
        evidence.add_json("console", "console.json", {"lines": lines, "dropped": 0})
