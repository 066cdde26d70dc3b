"""An attempt at a check that is one probe."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from collector.checks.attempt import Attempt, Setting
from collector.checks.conditions import look
from collector.checks.files.load import Check
from collector.checks.probes import http, ports
from collector.checks.probes.connect import Way
from collector.checks.probes.model import Found, ProbeError
from collector.checks.variables import fill, fill_condition

_PROBES: Final[dict[str, Callable[[Check, Way, Found], None]]] = {
    "http": http.probe,
    "tcp": ports.tcp,
    "tls": ports.tls,
    "dns": ports.dns,
}


def attempt(check: Check, setting: Setting, _: object = None) -> Attempt:
    """Make the probe, and look at the conditions if it was answered. Raises UnknownVariable."""
    values = {**setting.variables, **setting.secrets}
    filled = replace(check, options=fill(check.options, values))
    conditions = [fill_condition(condition, values) for condition in check.expect]
    made = Attempt()
    try:
        _PROBES[check.kind](filled, Way(time.monotonic() + check.timeout_seconds, setting.allow_private), made.found)
    except ProbeError as error:
        made.error = error
    else:
        made.results += [look(condition, made.found.facts) for condition in conditions]
    return made
