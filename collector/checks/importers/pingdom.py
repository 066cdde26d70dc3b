"""Uptime checks of Pingdom, as `GET /checks/{id}` and `GET /checks` answer, or as `POST /checks` takes them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from collector.checks.importers.model import Draft, Imported, Line, Untranslatable
from collector.checks.importers.names import Names, escape, slug

_PORTS: Final = {False: 80, True: 443}
#: What each of them does without being told, and where: banner, port, port with TLS.
_MAIL: Final = {"smtp": ("220", 25, 465), "pop3": ("+OK", 110, 995), "imap": ("* OK", 143, 993)}
#: Pingdom gives up after so many seconds, whatever the check.
_TIMEOUT: Final = 30
#: Headers whose values belong to nobody else.
_PRIVATE: Final = re.compile(r"(?i)authorization|cookie|token|secret|api-?key|password")
#: What a check leaves to other things, and the settings of Pingdom that say it.
_ELSEWHERE: Final[Mapping[str, str]] = {
    "Alerts are rules of their own; this check comes without one.": "userids teamids integrationids contact_ids team_ids "
    "integration_ids sendnotificationwhendown send_notification_when_down notifyagainevery notifywhenbackup severity_level "
    "custom_message",
    "Where it runs is said by `locations`, which name agents of yours.": "probe_filters probeid region",
    "The runner takes the addresses that its machine prefers.": "ipv6",
}
_NOTES: Final = {name: note for note, names in _ELSEWHERE.items() for name in names.split()}
#: What is translated, and what is of its history.
_READ: Final = frozenset(
    word
    for words in (
        "id name hostname host url type resolution interval paused active tags status created created_at modified_at lasttesttime",
        "lasttest lasterrortime lastresponsetime lastdownstart lastdownend last_downtime_start last_downtime_end maintenanceids",
        "is_deleted metadata steps responsetime_threshold verify_certificate ssl_down_days_before encryption port auth username",
        "password shouldcontain shouldnotcontain postdata requestheaders stringtosend stringtoexpect expectedip nameserver",
    )
    for word in words.split()
)


def import_uptime(documents: list[dict[str, Any]], names: Names) -> Imported:
    """Return the checks of one file."""
    imported = Imported("Pingdom uptime checks")
    for document in documents:
        flat = _flatten(document)
        title = str(flat.get("name") or flat.get("host") or "check")
        draft = Draft(f"{slug(title)}.check.yaml", title, {"kind": ""})
        imported.drafts.append(draft)
        _translate(flat, draft, imported, names)
        settings(flat, draft)
    return imported


def settings(flat: Mapping[str, Any], draft: Draft) -> None:
    """Say of every setting that has no place in a check what to do about it, and of every unknown one that it is left out."""
    notes: dict[str, list[str]] = {}
    for name, value in flat.items():
        if value in (None, "", [], {}, 0, False) or name in _READ or name.startswith("requestheader"):
            continue
        notes.setdefault(_NOTES.get(name, "It has no counterpart, and is left out."), []).append(name)
    for note, named in notes.items():
        draft.note("settings" if len(named) > 1 else "setting", ", ".join(named), note)


def schedule(minutes: Any, is_paused: bool, draft: Draft) -> None:
    """Take over how often it runs."""
    if isinstance(minutes, int) and minutes > 0:
        draft.document["every"] = f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"
    if is_paused:
        every = draft.document.pop("every", "5m")
        note = f"Nothing runs it by itself: it has no `every`. Give it `every: {every}` when it shall run."
        draft.note("setting", "paused", note)


def tags(value: Any) -> list[str]:
    """Return tags, which are texts or objects with a name."""
    return list(dict.fromkeys(str(tag["name"] if isinstance(tag, dict) else tag) for tag in value or []))


def _flatten(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a check with its kind's options beside the others, as it is created with."""
    flat = dict(document)
    if isinstance(document.get("type"), dict):
        ((kind, options),) = document["type"].items() or [("", {})]
        flat |= {**(options or {}), "type": kind}
    flat["host"] = flat.get("host") or flat.get("hostname") or ""
    return flat


def _translate(flat: dict[str, Any], draft: Draft, imported: Imported, names: Names) -> None:
    kind = str(flat.get("type"))
    source = f"{kind} {flat['host']}{flat.get('url', '') if kind.startswith('http') else ''}"
    draft.document |= {"title": draft.title, "timeout": _TIMEOUT}
    if tags(flat.get("tags")):
        draft.document["tags"] = tags(flat["tags"])
    schedule(flat.get("resolution"), bool(flat.get("paused")), draft)
    try:
        if kind not in _KINDS:
            raise Untranslatable(_REFUSED.get(kind, f"Pingdom documents no checks of the type {kind!r}."))
        note = _KINDS[kind](flat, draft, imported, names)
    except Untranslatable as error:
        draft.refuse("check", source, str(error))
        return
    draft.lines.append(Line("check", source, "noted" if note else "translated", note))
    if flat.get("responsetime_threshold"):
        draft.document["expect"].append(f"probe.duration <= {flat['responsetime_threshold']}")


def _http(flat: dict[str, Any], draft: Draft, imported: Imported, names: Names) -> str:
    encrypted = bool(flat.get("encryption"))
    port = flat.get("port") or _PORTS[encrypted]
    host = flat["host"] if port == _PORTS[encrypted] else f"{flat['host']}:{port}"
    path = str(flat.get("url") or "/")
    document = draft.document
    document |= {"kind": "http", "url": escape(f"{'https' if encrypted else 'http'}://{host}/{path.lstrip('/')}")}
    if flat.get("postdata"):
        document |= {"method": "POST", "body": escape(str(flat["postdata"]))}
    headers = _headers(flat, draft, imported, names)
    if headers:
        document["headers"] = headers
    document["expect"] = ["status < 400"]
    if flat.get("shouldcontain"):
        document["expect"].append(f"body contains {_text(flat['shouldcontain'])}")
    if flat.get("shouldnotcontain"):
        unwanted = re.escape(str(flat["shouldnotcontain"]))
        document["expect"].append("body matches " + _text(rf"\A(?!(?s:.*){unwanted})"))
    if encrypted and flat.get("ssl_down_days_before"):
        document["expect"].append(f"cert.days_left > {flat['ssl_down_days_before']}")
    if encrypted and flat.get("verify_certificate") is False:
        draft.note("setting", "verify_certificate", "A certificate that is not good fails the check: that cannot be turned off.")
    if "url" in flat:
        return ""
    return "This is the list of checks, without paths and conditions: import what GET /checks/ID answers to have all of it."


def _custom(flat: dict[str, Any], draft: Draft, imported: Imported, names: Names) -> str:
    _http(flat, draft, imported, names)
    draft.document["expect"].append('body matches "<status>\\\\s*OK\\\\s*</status>"')
    return "It reads the status of the XML that a custom HTTP check answers with, and not its response_time."


def _headers(flat: dict[str, Any], draft: Draft, imported: Imported, names: Names) -> dict[str, str]:
    found = {str(name): str(value) for name, value in (flat.get("requestheaders") or {}).items()}
    found |= dict(_header(str(value)) for name, value in flat.items() if re.fullmatch(r"requestheader\d+", name))
    user, password = flat.get("username") or "", flat.get("password") or ""
    if isinstance(flat.get("auth"), str):
        user, _, password = flat["auth"].partition(":")
    if user or password:
        found["authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    headers = {}
    for name, value in found.items():
        headers[name] = escape(value)
        if _PRIVATE.search(name) and value:
            secret = names.free(f"{slug(draft.title)}_{name}")
            imported.secrets[secret], headers[name] = value, f"${{{secret}}}"
            draft.document.setdefault("secrets", []).append(secret)
            draft.note("setting", f"header {name}", f"Its value is the secret {secret}.")
    return headers


def _header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip(), value.strip()


def _tcp(flat: dict[str, Any], draft: Draft, imported: Imported, names: Names) -> str:
    draft.document |= {"kind": "tcp", "host": flat["host"], "port": _port(flat.get("port"))}
    send, wanted = str(flat.get("stringtosend") or ""), str(flat.get("stringtoexpect") or "")
    if send or wanted:
        # With nothing to send, it is the banner that is read.
        draft.document["send"] = escape(send.replace("\\r", "\r").replace("\\n", "\n"))
    draft.document["expect"] = [f"answer contains {_text(wanted)}" if wanted else "connected == true"]
    return ""


def _mail(flat: dict[str, Any], draft: Draft, imported: Imported, names: Names) -> str:
    kind = str(flat["type"])
    banner, plain, encrypted = _MAIL[kind]
    if flat.get("auth") or flat.get("username"):
        raise Untranslatable(f"No kind of check signs in to a server of {kind}.")
    if flat.get("encryption"):
        draft.document |= {"kind": "tls", "host": flat["host"], "port": _port(flat.get("port") or encrypted)}
        draft.document["expect"] = ["cert.days_left > 0"]
        return "It looks at TLS and the certificate; what the server says behind it is not read."
    wanted = str(flat.get("stringtoexpect") or banner)
    draft.document |= {"kind": "tcp", "host": flat["host"], "port": _port(flat.get("port") or plain), "send": ""}
    draft.document["expect"] = [f"answer contains {_text(wanted)}"]
    return "It looks at the line that the server greets with."


def _dns(flat: dict[str, Any], draft: Draft, imported: Imported, names: Names) -> str:
    draft.document |= {"kind": "dns", "name": flat["host"]}
    wanted = str(flat.get("expectedip") or "")
    if ":" in wanted:
        draft.document["type"] = "AAAA"
    draft.document["expect"] = [f"dns.resolved contains {_text(wanted)}" if wanted else "dns.resolved exists"]
    server = flat.get("nameserver")
    return f"The runner asks the name server of its machine, not {server}." if server else ""


def _port(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Untranslatable("It says no port.") from None


def _text(value: Any) -> str:
    return escape(json.dumps(str(value), ensure_ascii=False))


_KINDS: Final[Mapping[str, Callable[[dict[str, Any], Draft, Imported, Names], str]]] = {
    "http": _http, "httpcustom": _custom, "tcp": _tcp, "dns": _dns, "smtp": _mail, "pop3": _mail, "imap": _mail,
}  # fmt: skip
_REFUSED: Final = {
    "ping": "No kind of check sends ICMP; a tcp check of a port that is open says that the host is there.",
    "udp": "No kind of check speaks UDP.",
}
