"""Drafts of check files for pages that people visit and no check does. Pure."""

from __future__ import annotations

import json
import re
from typing import Final

_OTHER: Final = re.compile(r"[^a-z0-9]+")
_TEMPLATE: Final = """\
# Drafted for a route that people visit and no check does. Say what has to be true of the page, and keep it.
kind: page
title: {title}
url: {url}
every: 15m
expect:
  - status == 200
  - lcp.value <= 2500 warn
"""


def draft(host: str, route: str, url: str) -> tuple[str, str]:
    """Return the path of a check file, below the folder `checks`, and its text.

    Args:
        host: of the page.
        route: the template of its path, such as `/product/:id`.
        url: a page of it.
    """
    name = _OTHER.sub("-", route.lower()).strip("-") or "home"
    folder = _OTHER.sub("-", host.lower()).strip("-") or "site"
    text = _TEMPLATE.format(title=_quoted(f"{host}{route}"[:200]), url=_quoted(url.replace("${", "$${")))
    return f"{folder[:80]}/{name[:100]}.check.yaml", text


def _quoted(text: str) -> str:
    # What JSON writes is YAML; a page's address is what strangers have sent.
    return json.dumps(text, ensure_ascii=True)
