"""The recipes of docs/embedding.md, each as the command that runs it between two ports of this machine."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PAGE = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
#: Where the Makefile unpacks Debian's packages.
DEBIAN = Path(os.environ.get("WIDELOAD_TEST_DEBIAN", ROOT / ".venv" / "debian"))

_NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;
events {{ }}
http {{
    access_log off;
    {paths}
    {of_http}
    server {{ listen 127.0.0.1:{port}; location / {{ return 200 "the site"; }} {of_server} }}
}}
"""
_CADDY = "{\n\tadmin off\n\tauto_https off\n}\n"
_WORKERD = """
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (modules = [(name = "worker.js", esModule = embed "worker.js")], compatibilityDate = "2026-01-01")),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "worker")],
);
"""


def blocks(heading: str, language: str) -> list[str]:
    """Return the fenced blocks of a language below a heading of the page."""
    (section,) = re.findall(rf"^#+ {heading}\n(.*?)(?=^#+ |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    found = re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert found, f"docs/embedding.md has no {language} below {heading}"
    return found


def program(name: str) -> str:
    """Return a program's path, or skip the test."""
    places = [
        os.environ.get("PATH", ""),
        "/usr/sbin",
        str(DEBIAN / "usr/sbin"),
        str(DEBIAN / "usr/bin"),
        str(HERE / "node_modules/.bin"),
    ]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        pytest.skip(f"{name} is not on this machine; `make test` gets it where there are Debian's packages and npm")
    return found


def nginx(folder: Path, port: int, upstream: int) -> list[str]:
    """Return the command that runs the recipe for nginx."""
    of_http, of_server = blocks("nginx", "nginx")
    of_http = replaced(of_http, {"/var/cache/nginx-wideload": f"{folder}/cache", "127.0.0.1:8080": f"127.0.0.1:{upstream}"})
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    text = _NGINX.format(folder=folder, paths=paths, port=port, of_http=of_http, of_server=of_server)
    (folder / "nginx.conf").write_text(text)
    return [program("nginx"), "-e", str(folder / "log"), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, port: int, upstream: int) -> list[str]:
    """Return the command that runs the recipe for Caddy."""
    (site,) = blocks("Caddy", "caddyfile")
    rest = '\trespond "the site"\n'
    changes = {
        "shop.example": f"http://127.0.0.1:{port}",
        "127.0.0.1:8080": f"127.0.0.1:{upstream}",
        "\t# … the rest of your site\n": rest,
    }
    (folder / "Caddyfile").write_text(_CADDY + replaced(site, changes))
    return [program("caddy"), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def worker(folder: Path, port: int, upstream: int) -> list[str]:
    """Return the command that runs the recipe for Cloudflare, in the runtime of its Workers."""
    (script,) = blocks("Cloudflare", "js")
    (folder / "worker.js").write_text(replaced(script, {"https://rum.shop.example": f"http://127.0.0.1:{upstream}"}))
    (folder / "config.capnp").write_text(_WORKERD.replace("{port}", str(port)))
    return [program("workerd"), "serve", str(folder / "config.capnp")]


def replaced(text: str, changes: dict[str, str]) -> str:
    """Return a text with each of these parts replaced, which has to be there once."""
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old!r} is in the recipe {text.count(old)} times"
        text = text.replace(old, new)
    return text
