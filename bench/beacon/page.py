"""The measured page: a small shop with eight style sheets, ten scripts, 31 pictures, a fetch and an XHR; no beacon of its own.

A click on `#buy` works for 8 ms. A click on `#route` changes the route with `pushState`, fetches and shows something else.
"""

from __future__ import annotations

import random
import struct
import zlib

APP = """
function busy(ms) { const end = performance.now() + ms; while (performance.now() < end); }
addEventListener('DOMContentLoaded', () => {
  fetch('/api/items?n=1').then((answer) => answer.json()).then((data) => { document.getElementById('out').textContent = data.ok; });
  const request = new XMLHttpRequest();
  request.open('GET', '/api/user?n=2');
  request.send();
  document.getElementById('buy').addEventListener('click', (event) => { busy(8); event.target.textContent = 'Bought'; });
  document.getElementById('route').addEventListener('click', (event) => {
    event.preventDefault();
    history.pushState({}, '', location.pathname + '/items/42');
    fetch('/api/route?id=42').then((answer) => answer.json()).then(() => {
      document.getElementById('main').innerHTML =
        '<h1>Item 42</h1><p>' + 'text '.repeat(400) + '</p><img src="/img/hero.png?route" width="640" height="320">';
    });
  });
});
"""


def html(tag: str, end: str = "") -> bytes:
    """Return the page with a beacon's script tag in its head and `end` at the end of its body."""
    styles = "".join(f'<link rel="stylesheet" href="/css/{number}.css">' for number in range(8))
    scripts = "".join(f'<script defer src="/js/{name}.js"></script>' for name in ("app", *range(9)))
    pictures = "".join(f'<img src="/img/{number}.png" width="48" height="48" alt="">' for number in range(30))
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">
{tag}{styles}{scripts}</head><body><div id="main"><h1>Shop</h1>
<img src="/img/hero.png" width="640" height="320" alt="hero" elementtiming="hero"><p>{"lorem ipsum " * 200}</p>{pictures}</div>
<p id="out"></p><button id="buy">Buy</button> <a id="route" href="/items/42">Item 42</a>
{end}</body></html>""".encode()


def script(name: str) -> bytes:
    """Return one of the page's own scripts."""
    return APP.encode() if name == "app" else f"window.module{name} = () => '{'x' * 2000}';".encode()


def style(name: str) -> bytes:
    """Return one of the page's style sheets."""
    return f".c{name} {{ color: #123 }} /* {'x' * 1500} */".encode()


def picture(width: int, height: int) -> bytes:
    """Return a PNG of noise, which neither the browser nor an encoding makes small."""
    muted = bytes(value & 63 | 128 for value in range(256))
    noise = random.Random(7).randbytes(width * 3 * height).translate(muted)
    rows = b"".join(b"\0" + noise[row * width * 3 : (row + 1) * width * 3] for row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


HERO = picture(640, 320)
ICON = picture(48, 48)
