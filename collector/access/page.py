"""The sign-in page: made of a file, a sentence, and what there is to sign in with."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

_FOLDER: Final = Path(__file__).parents[1] / "pages"


class LoginPage:
    """Shows the page.

    Args:
        sso: whether there is a provider to sign in with.
    """

    def __init__(self, *, sso: bool) -> None:
        self._page = (_FOLDER / "login.html").read_text(encoding="utf-8")
        self._sso = sso

    def show(
        self,
        wanted: str,
        *,
        users: bool,
        token: bool = False,
        message: str = "",
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> HTMLResponse:
        """Return the page.

        Args:
            wanted: the path to go to after signing in.
            users: whether there are any, so that a name and a password are asked for.
            token: whether to ask for a token at once.
            message: what went wrong before.
            status, headers: of the answer.
        """
        ways = " ".join(["wrong"] * bool(message) + ["users"] * users + ["sso"] * self._sso)
        shown = {
            "ways": ways,
            "message": message,
            "next": wanted,
            "sso": "/login/sso?" + urlencode({"next": wanted}),
            "open": "open" if token or not (users or self._sso) else "",
        }
        text = re.sub(r"\{\{(\w+)\}\}", lambda match: html.escape(shown[match[1]]), self._page)
        return HTMLResponse(text, status, headers)


def own_path(wanted: str) -> str:
    """Return where to go after signing in: a path of ours, never another host (`//evil.test`, which browsers read as one)."""
    return wanted if re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", wanted) else "/"
