"""The checks of single settings: a value from TOML, the environment or a flag becomes the typed one.

Each raises ValueError with the rest of a sentence that begins with the setting's name.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB|TiB)?", re.IGNORECASE)
_HEADER_SAFE: Final = re.compile(r"[\x21-\x7e]+")
#: What a public path may consist of: characters that mean the same in every router, proxy and filter.
_SEGMENTS: Final = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
#: The first names of the collector's own routes: up to the first `.` or `/`, so `/metrics` and `/metrics.js` share one.
RESERVED: Final = (
    "api",
    "assets",
    "beacon",
    "demo",
    "favicon",
    "healthz",
    "login",
    "logout",
    "metrics",
    "openapi",
    "readyz",
    "schemas",
    "share",
    "v1",
)
#: What a header takes as an origin: nothing that would begin another directive. http is for a developer's own machine.
_ANCESTOR: Final = re.compile(r"(?:https://(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*|http://(?:localhost|127\.0\.0\.1))(?::\d{1,5})?")
_LOCATION: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_YES: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+=[\x20-\x7e]*")
_RULE: Final = re.compile(r"([^\s=]+)\s*=\s*(.+):\s*(viewer|editor|admin)(?:\s+on\s+([a-z0-9_, -]+))?")
_NAMES: Final = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_UNITS: Final = {(name or "B").lower(): factor for name, factor in _NAMES.items()}


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a text")
    return value


def listen(value: Any) -> tuple[str, int]:
    host, _, port = text(value).rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("must be HOST:PORT, such as 127.0.0.1:8080")
    return host.strip("[]"), int(port)


def private_listen(value: Any) -> str:
    if not text(value):
        return ""
    host, port = listen(value)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def role(value: Any) -> str:
    if text(value) not in ("all", "ingest", "query"):
        raise ValueError("must be all, ingest or query")
    return str(value)


def cluster(value: Any) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.{}-]*", text(value)):
        raise ValueError("must be the name of a cluster, of letters, digits, _, . and -")
    return str(value)


def quorum(value: Any) -> str:
    if not re.fullmatch(r"auto|\d{1,3}", str(value)):
        raise ValueError("must be auto or a number of replicas")
    return str(value)


def path(value: Any) -> Path:
    if not text(value):
        raise ValueError("must not be empty")
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError("begins with ~ and a name that is no user of this machine") from None


def existing_file(value: Any) -> Path | None:
    if not text(value):
        return None
    file = path(value)
    if not file.is_file():
        raise ValueError("names a file that does not exist")
    return file


def existing_folder(value: Any) -> Path | None:
    if not text(value):
        return None
    folder = path(value)
    if not folder.is_dir():
        raise ValueError("names a folder that does not exist")
    return folder


def store(value: Any) -> str:
    if value == "embedded" or _is_url(text(value), ("clickhouse", "clickhouses")):
        return str(value)
    raise ValueError("must be `embedded` or clickhouse://user:password@host:9000/database")


def token(value: Any) -> str:
    if text(value) and len(value) < 16:
        raise ValueError("is too short to be a secret: use at least 16 characters, such as `openssl rand -hex 32` prints")
    if value and not _HEADER_SAFE.fullmatch(value):
        raise ValueError("has characters that cannot travel in a header: use ASCII letters, digits and punctuation, no spaces")
    return str(value)


def url(value: Any) -> str:
    if text(value) and not _is_url(value, ("http", "https")):
        raise ValueError("must be a URL such as https://rum.example.com")
    return str(value).rstrip("/")


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        # Asking for the port checks it.
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def script_path(value: Any) -> str:
    if not _SEGMENTS.fullmatch(text(value)) or not value.endswith(".js"):
        raise ValueError("must be a path such as /w.js: it begins with /, ends in .js, and has letters, digits, _, ~, - and . only")
    return _unreserved(value)


def beacon_path(value: Any) -> str:
    if not text(value).endswith("/") or not _SEGMENTS.fullmatch(value[:-1]):
        raise ValueError("must be a path such as /w/: it begins and ends with /, and has letters, digits, _, ~, - and . only")
    return _unreserved(value)


def _unreserved(value: str) -> str:
    first = first_name(value)
    if first in RESERVED:
        raise ValueError(f"begins with /{first}, which belongs to the collector's own routes: choose another name")
    return value


def first_name(route: str) -> str:
    """Return what a route is known by: `/openapi.json` is of `openapi`, `/api/query` of `api`, and `/` of the empty name."""
    return re.split(r"[./]", route.removeprefix("/"), maxsplit=1)[0]


def addresses(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else [p.strip() for p in text(value).split(",") if p.strip()]
    for part in parts:
        try:
            # A number would be taken for an address, too.
            ipaddress.ip_network(text(part))
        except ValueError:
            raise ValueError(f"has {part!r}, which is not an address or network such as 10.0.0.0/8") from None
    return tuple(parts)


def frame_ancestors(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else [part.strip() for part in text(value).split(",") if part.strip()]
    for part in parts:
        if not _ANCESTOR.fullmatch(text(part)):
            raise ValueError(f"has {part!r}, which is not an origin such as https://intranet.example or https://*.corp.example")
    return tuple(parts)


class OidcRule(NamedTuple):
    """Who has this value in this claim has the role on the datasets, on all if none is named."""

    claim: str
    value: str
    role: str
    datasets: tuple[str, ...]


def oidc_rule(rule: str) -> OidcRule:
    match = _RULE.fullmatch(rule.strip())
    if not match:
        raise ValueError(f"has {rule!r}, which is not a rule such as `groups = web-team: viewer on shop, blog`")
    datasets = tuple(part.strip() for part in (match[4] or "").split(",") if part.strip())
    return OidcRule(match[1], match[2].strip(), match[3], datasets)


def oidc_rules(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else [part.strip() for part in text(value).split(";") if part.strip()]
    for part in parts:
        oidc_rule(text(part))
    return tuple(parts)


def location(value: Any) -> str:
    if not _LOCATION.fullmatch(text(value)):
        raise ValueError("must be a name such as main or berlin-2: small letters, digits, _ and -")
    return str(value)


def yes(value: Any) -> bool:
    found = value if isinstance(value, bool) else _YES.get(str(value).lower())
    if found is None:
        raise ValueError("must be yes or no")
    return found


def days(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1
    if isinstance(value, bool) or not 0 < number <= 3650:
        raise ValueError("must be a number of days above 0 and up to 3650")
    return number


def scopes(value: Any) -> str:
    if "openid" not in text(value).split():
        raise ValueError("must have openid among the scopes, such as `openid email profile`")
    return str(value)


def level(value: Any) -> str:
    if text(value).lower() not in ("debug", "info", "warning", "error"):
        raise ValueError("must be debug, info, warning or error")
    return str(value).lower()


def log_format(value: Any) -> str:
    if text(value).lower() not in ("text", "json"):
        raise ValueError("must be text or json")
    return str(value).lower()


def headers(value: Any) -> tuple[str, ...]:
    """Return headers, each as NAME=VALUE."""
    parts = list(value) if isinstance(value, list | tuple) else [part.strip() for part in text(value).split(",") if part.strip()]
    if not all(isinstance(part, str) and _HEADER.fullmatch(part) for part in parts):
        # The value may be a secret.
        raise ValueError("must be a list of NAME=VALUE, such as authorization=Bearer 0123abcd")
    return tuple(parts)


def size(value: Any) -> int:
    match = _SIZE.fullmatch(str(value).strip())
    found = int(float(match[1]) * _UNITS[(match[2] or "B").lower()]) if match else 0
    if isinstance(value, bool) or found < 1:
        raise ValueError("must be a size such as 256KiB or 10GiB")
    return found


def room(value: Any) -> int:
    """Return a size that may be 0."""
    return 0 if value in (0, "0") else size(value)


def size_text(count: int) -> str:
    """Write a size as people do, such as 256KiB, where that is exact."""
    if not count:
        return "0"
    name, factor = max(((n, f) for n, f in _NAMES.items() if count % f == 0), key=lambda unit: unit[1])
    return f"{count // factor}{name}"


def count(value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdecimal() or int(value) < 1:
        raise ValueError("must be a whole number of at least 1")
    return int(value)


def seconds(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1
    if isinstance(value, bool) or not 0 < number <= 3600:
        raise ValueError("must be a number of seconds above 0 and up to 3600")
    return number


def rate(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1
    if isinstance(value, bool) or not 0.1 <= number <= 1e6:
        raise ValueError("must be a number a second from 0.1 to 1,000,000")
    return number


def share(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1
    if isinstance(value, bool) or not 0 < number <= 1:
        raise ValueError("must be a number above 0 and up to 1, such as 0.5 for a half")
    return number


def portion(value: Any) -> float:
    """Return a share that may be 0."""
    return 0.0 if not isinstance(value, bool) and str(value) in ("0", "0.0") else share(value)
