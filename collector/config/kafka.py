"""The address of a Kafka topic that events wait in: `kafka://broker:9092,broker:9092/topic?name=value`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from collector import casts
from collector.config.suggest import suggest

#: What `spool` says where events wait in files.
DISK: Final = "disk"
DEFAULT_PORT: Final = 9092
#: The largest event that fits into a message: brokers take 1 MiB by default, with what they and the collector add.
MAX_EVENT_BYTES: Final = 900_000
_FORM: Final = "kafka://BROKER:9092,BROKER:9092/TOPIC (kafkas:// uses TLS)"
_BROKER: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
#: https://kafka.apache.org/documentation/#topicconfigs: what a topic's name may consist of.
_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]{1,249}")
_MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_COMPRESSIONS: Final = ("lz4", "zstd", "gzip", "snappy", "none")


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Where a topic is, and how to talk to its brokers.

    Args:
        brokers: `host:port` of some of them; the others are asked of these.
        topic, group: the topic, and the consumer group of those that load.
        partitions, replication: how to make the topic where it is missing; 0 partitions for not at all.
        ack_timeout: how many seconds the brokers may take over a beacon.
        session_timeout: after how many seconds of silence the others of the group take over what one was loading.
    """

    brokers: tuple[str, ...]
    topic: str
    is_tls: bool = False
    group: str = "wideload"
    partitions: int = 0
    replication: int = 3
    compression: str = "lz4"
    ack_timeout: int = 10
    session_timeout: int = 45
    ca_certs: Path | None = None
    certfile: Path | None = None
    keyfile: Path | None = None
    verify: bool = True
    sasl_mechanism: str = "SCRAM-SHA-512"
    sasl_username: str = ""
    sasl_password_file: Path | None = None


def spool(value: Any) -> str:
    """Return the value of the setting `spool`. Raises ValueError with the rest of a sentence."""
    if casts.text(value) != DISK:
        parse_kafka(value)
    return str(value)


def parse_kafka(url: str) -> KafkaSettings:
    """Return what an address says. Raises ValueError with the rest of a sentence."""
    parts = urlsplit(url)
    if parts.scheme not in ("kafka", "kafkas") or not parts.netloc:
        raise ValueError(f"must be `disk` or {_FORM}")
    if "@" in parts.netloc:
        raise ValueError("must not hold a password: use ?sasl_username=NAME&sasl_password_file=FILE")
    topic = parts.path.removeprefix("/")
    if not _TOPIC.fullmatch(topic):
        raise ValueError(f"must name a topic, of letters, digits, _, . and -: {_FORM}")
    values: dict[str, Any] = {}
    for name, text in parse_qsl(parts.query, keep_blank_values=True):
        if name not in _PARAMETERS:
            raise ValueError(f"has {name!r}, which is nothing here; {suggest(name, list(_PARAMETERS)) or _FORM}")
        try:
            values[name] = _PARAMETERS[name](text)
        except ValueError as error:
            raise ValueError(f"has {name}, which {error}") from None
    if values.get("sasl_username") and not values.get("sasl_password_file"):
        raise ValueError("has sasl_username, which needs sasl_password_file, a file with the password")
    is_tls = parts.scheme == "kafkas"
    if not is_tls and (of_tls := [name for name in ("ca_certs", "certfile", "keyfile", "verify") if name in values]):
        raise ValueError(f"has {of_tls[0]}, which needs TLS: begin with kafkas://")
    return KafkaSettings(tuple(_broker(one) for one in parts.netloc.split(",")), topic, is_tls, **values)


def _broker(text: str) -> str:
    port = text.rpartition(":")[2] if not text.endswith("]") and ":" in text else ""
    if not _BROKER.fullmatch(text) or (port and not 0 < int(port) <= 65535):
        raise ValueError(f"has {text!r} for a broker, and needs HOST:PORT with commas between them: {_FORM}")
    return text if port else f"{text}:{DEFAULT_PORT}"


def _one_of(*choices: str) -> Callable[[str], str]:
    def cast(text: str) -> str:
        if text not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text

    return cast


def _between(least: int, most: int) -> Callable[[str], int]:
    def cast(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most:,}")
        return int(text)

    return cast


_PARAMETERS: Final[dict[str, Callable[[str], Any]]] = {
    "group": casts.text,
    "partitions": _between(1, 10_000),
    "replication": _between(1, 9),
    "compression": _one_of(*_COMPRESSIONS),
    "ack_timeout": _between(1, 120),
    "session_timeout": _between(6, 600),
    "ca_certs": casts.existing_file,
    "certfile": casts.existing_file,
    "keyfile": casts.existing_file,
    "verify": casts.yes,
    "sasl_mechanism": _one_of(*_MECHANISMS),
    "sasl_username": casts.text,
    "sasl_password_file": casts.existing_file,
}
