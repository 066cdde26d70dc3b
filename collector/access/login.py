"""The sign-in page: `GET|POST /login` and `POST /logout`."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from collector.access.credentials import Access

LOGIN_PAGE: Final = Path(__file__).parents[1] / "pages" / "login.html"
_MAX_FORM: Final = 4096


def login_endpoints(access: Access) -> tuple[Callable[..., object], Callable[..., object]]:
    """Return the handlers of `GET|POST /login` and `POST /logout`."""
    page = LOGIN_PAGE.read_text(encoding="utf-8")

    async def login(request: Request) -> Response:
        asked = dict(request.query_params)
        if request.method == "POST":
            form = parse_qs((await _read_form(request)).decode("utf-8", "replace"))
            asked = {name: values[0] for name, values in form.items()}
        given, wanted = asked.get("token", "").strip(), _own_path(asked.get("next", ""))
        if given and access.accept(given):
            return access.sign_in(RedirectResponse(wanted, 303))
        # The page shows its second paragraph when something was given and was wrong.
        shown = page.replace("{{state}}", "wrong" if given else "first").replace("{{next}}", html.escape(wanted))
        return HTMLResponse(shown, 401 if given else 200)

    async def logout(_: Request) -> Response:
        return access.sign_out(RedirectResponse("/login", 303))

    return login, logout


def _own_path(wanted: str) -> str:
    """Return where to go after signing in: a path of ours, never another host (`//evil.test`, which browsers read as one)."""
    return wanted if re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", wanted) else "/"


async def _read_form(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM:
            return b""
    return body
