"""The script tags of a site key, ready to paste: one for every way to embed the beacon that docs/embedding.md describes."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from collector import web
from collector.config import Settings
from collector.errors import WideloadError

#: Stands in a tag where the page's server puts the nonce of the response.
NONCE: Final = "NONCE"


def plain(settings: Settings, key: str) -> str:
    """Return the shortest tag."""
    return f'<script async src="{_base(settings)}/beacon.js" data-key="{key}"></script>'


def neutral(settings: Settings, key: str) -> str:
    """Return a tag whose names no filter list knows."""
    return _script(settings, key, _base(settings))


def first_party(settings: Settings, key: str) -> str:
    """Return a tag with paths of the page's own host, where a proxy passes both on."""
    return _script(settings, key, "")


def pinned(settings: Settings, key: str) -> str:
    """Return a tag for this build of the script and no other, with a nonce for a strict policy."""
    facts = web.beacon_manifest()["files"][web.DEFAULT_SCRIPT]
    pins = f'integrity="{facts["integrity"]}" crossorigin="anonymous" nonce="{NONCE}"'
    src = _base(settings) + web.hashed(settings.script_path, facts["hash"])
    return f'<script async src="{src}" {pins} {_data(settings, key, _base(settings))}></script>'


def loader(settings: Settings, key: str) -> str:
    """Return the template and the inline script that keep a hanging script host from holding back the page's `load` event."""
    src = _base(settings) + settings.script_path
    elements = (
        f'<link rel="preload" as="script" href="{src}" nonce="{NONCE}">'
        f'<script src="{src}" nonce="{NONCE}" {_data(settings, key, _base(settings))}></script>'
    )
    return f'<template>{elements}</template>\n<script nonce="{NONCE}">{loader_script()}</script>'


def loader_script() -> str:
    """Return the loader's inline script, which is the same for everybody. Raises SettingsError if it was not built."""
    web.beacon_manifest()
    return (web.STATIC / "beacon" / "loader.js").read_text(encoding="utf-8")


def loader_hash() -> str:
    """Return the source expression that lets a Content Security Policy allow the loader's inline script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(loader_script().encode()).digest()).decode()}'"


@dataclass(frozen=True, slots=True)
class Form:
    """One way to embed the beacon: its name, when to take it, and the tag for a site key."""

    name: str
    use: str
    tag: Callable[[Settings, str], str]


FORMS: Final = (
    Form("plain", "To try it. Filter lists of content blockers know its name.", plain),
    Form("neutral", "Names that filter lists do not know, on the collector's own host.", neutral),
    Form("first-party", "The same on the page's own host, behind a proxy (docs/embedding.md has recipes).", first_party),
    Form("pinned", f"This build only, for Subresource Integrity and a strict policy; replace {NONCE} or leave it out.", pinned),
    Form("loader", f"For a script host that may hang: it cannot hold back the page's load event. {NONCE} as above.", loader),
)


def listing(settings: Settings, key: str | None, form: str | None) -> str:
    """Return the tags of a site key (or of all) for people, or only one of its forms to paste.

    Raises:
        WideloadError: there is no such site key or form.
    """
    owners = {one: dataset.name for dataset in settings.datasets.values() for one in dataset.site_keys}
    if key is not None and key not in owners:
        raise WideloadError(f"There is no site key {key!r}; `wideload keys list` shows them.")
    wanted = [key] if key is not None else list(owners)
    if form is not None:
        return "\n".join(_form(form).tag(settings, one) for one in wanted)
    return "\n\n".join(_section(settings, one, owners[one]) for one in wanted)


def _form(name: str) -> Form:
    found = next((form for form in FORMS if form.name == name), None)
    if found is None:
        raise WideloadError(f"There is no tag of the form {name!r}; there are: {', '.join(form.name for form in FORMS)}.")
    return found


def _section(settings: Settings, key: str, dataset: str) -> str:
    lines = [f"Site key {key} of the dataset {dataset}"]
    for form in FORMS:
        lines += ["", f"  {form.name}: {form.use}", *(f"    {line}" for line in form.tag(settings, key).splitlines())]
    return "\n".join(lines)


def _script(settings: Settings, key: str, base: str) -> str:
    return f'<script async src="{base}{settings.script_path}" {_data(settings, key, base)}></script>'


def _data(settings: Settings, key: str, base: str) -> str:
    return f'data-key="{key}" data-endpoint="{base}{settings.beacon_path}{key}"'


def _base(settings: Settings) -> str:
    return html.escape(web.base_url(settings))
