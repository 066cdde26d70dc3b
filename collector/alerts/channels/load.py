"""Reads `channels.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator

from collector.alerts.channels.apprise import Service
from collector.alerts.channels.mail import Mail
from collector.alerts.channels.model import Channel, Kept
from collector.alerts.channels.webhook import Webhook
from collector.yaml_files import Problem, need_yaml, read_yaml

FILE: Final = "channels.yaml"
SCHEMA: Final[dict[str, Any]] = orjson.loads((Path(__file__).parents[1] / "files" / "channels.json").read_bytes())
_VALIDATOR: Final = Draft202012Validator(SCHEMA)
_KINDS: Final = {kind: Draft202012Validator(one) for kind, one in SCHEMA["$defs"].items()}
_PORTS: Final = {"tls": 465, "starttls": 587, "none": 25}


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels of a file.

    Attributes:
        by_name: all of them.
        severities: of the channels that are not for all: for which.
        default: who is told where a rule names nobody.
    """

    by_name: Mapping[str, Channel] = field(default_factory=dict)
    severities: Mapping[str, Sequence[str]] = field(default_factory=dict)
    default: tuple[str, ...] = ()

    def for_rule(self, names: Sequence[str], severity: str) -> list[str]:
        """Return the names of the channels that a rule tells; unknown ones are left out."""
        return [
            name for name in names or self.default if name in self.by_name and severity in self.severities.get(name, [severity])
        ]


def load_channels(path: Path) -> tuple[Channels, list[Problem]]:
    """Return the channels of a file, none if there is no file, and what is wrong with it."""
    if not path.exists():
        return Channels(), []
    need_yaml("Channels", "alerts")
    file = read_yaml(path, "The file of channels")
    if isinstance(file, list):
        return Channels(), file
    named: Any = file.content.get("channels")
    # By its kind a channel gets a sentence about what is wrong with it, not about all that it could be.
    for name, one in named.items() if isinstance(named, dict) else ():
        kind = one.get("kind") if isinstance(one, dict) else None
        if kind not in _KINDS:
            return Channels(), [file.problem(f"channels.{name}.kind must be one of {', '.join(_KINDS)}.", "channels", name)]
        if error := next(iter(_KINDS[kind].iter_errors(one)), None):
            place = ("channels", name, *error.absolute_path)
            return Channels(), [file.problem(f"{'.'.join(map(str, place))}: {_shown(error.message, error.validator)}.", *place)]
    if problems := file.mistakes("The file of channels", SCHEMA, _VALIDATOR):
        return Channels(), problems
    default = tuple(file.content.get("default", ()))
    if unknown := [name for name in default if name not in named]:
        return Channels(), [file.problem(f"default names {unknown[0]!r}; there are: {', '.join(named)}.", "default")]
    channels: dict[str, Channel] = {name: _MAKERS[one["kind"]](name, one) for name, one in named.items()}
    severities = {name: one["severities"] for name, one in named.items() if "severities" in one}
    return Channels(channels, severities, default), []


def _shown(message: str, validator: Any) -> str:
    """Return what is wrong without the value: a secret may stand where it should not."""
    return "it has another shape than the schema says" if validator in ("oneOf", "type", "pattern") else message


def _kept(name: str, one: Mapping[str, Any], key: str) -> Kept | None:
    return Kept(f"{key} of the channel {name}", one[key]) if key in one else None


def _webhook(name: str, one: Mapping[str, Any]) -> Channel:
    return Webhook(
        Kept(f"url of the channel {name}", one["url"]),
        Kept(f"secret of the channel {name}", one["secret"]),
        one.get("allow_private", False),
    )


def _mail(name: str, one: Mapping[str, Any]) -> Channel:
    security = one.get("security", "starttls")
    return Mail(
        host=one["host"],
        port=one.get("port", _PORTS[security]),
        security=security,
        sender=one["from"],
        to=tuple(one["to"]),
        user=_kept(name, one, "user"),
        password=_kept(name, one, "password"),
    )


def _service(name: str, one: Mapping[str, Any]) -> Channel:
    return Service(Kept(f"url of the channel {name}", one["url"]))


_MAKERS: Final[dict[str, Callable[[str, Mapping[str, Any]], Channel]]] = {"webhook": _webhook, "smtp": _mail, "apprise": _service}
