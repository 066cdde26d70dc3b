"""A shop on loopback for checks in a browser: sign-in, cart, and what makes such checks hard."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import cookies
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.checks.serving import QuietHandler, RememberingServer, running

USER, PASSWORD = "jane", "correct horse battery"

PRODUCT = """
<h1>Mug</h1><p class="price">9.90 €</p>
<button id="add">Add to cart</button> <span class="cart-count">0</span>
<button id="flaky">Reserve</button> <span id="reserved"></span>
<div id="late"></div>
<label>Size <select id="size"><option value="s">Small</option><option value="l">Large</option></select></label>
<label><input type="checkbox" id="gift"> Gift wrap</label>
<label>Note <input id="note" placeholder="A note"></label> <input type="color" id="colour">
<button id="off" disabled>Not yet</button>
<button id="ask">Delete</button> <span id="answer"></span>
<a id="terms" href="/terms" target="_blank">Terms</a> <a id="manual" href="/manual.pdf" download>Manual</a>
<a id="plain" href="/cart">Cart</a>
<div id="menu">Menu<ul style="display:none"><li>Hats</li></ul></div>
<div id="from" draggable="true">Drag me</div><div id="onto" style="width:200px;height:50px;background:#eee">Here</div>
<input type="file" id="file"><span id="files"></span>
<shop-rating></shop-rating>
<iframe id="pay" src="/frame" title="Payment"></iframe>
<div style="height:3000px"></div><footer id="end">End</footer>
<script>
const $ = (id) => document.getElementById(id);
let count = 0, tries = 0;
$('add').onclick = () => fetch('/api/cart', {method: 'POST'}).then(() => {
  document.querySelector('.cart-count').textContent = ++count;
});
$('flaky').onclick = () => { if (++tries > 1) $('reserved').textContent = 'Reserved'; };
setTimeout(() => { $('late').innerHTML = '<p class="stock">In stock</p>'; }, 300);
$('ask').onclick = () => { $('answer').textContent = confirm('Really?') ? 'gone' : 'kept'; };
$('menu').onmouseenter = () => { $('menu').querySelector('ul').style.display = 'block'; };
$('from').ondragstart = (event) => event.dataTransfer.setData('text/plain', 'mug');
$('onto').ondragover = (event) => event.preventDefault();
$('onto').ondrop = (event) => { event.preventDefault(); $('onto').textContent = event.dataTransfer.getData('text/plain'); };
$('file').onchange = () => { $('files').textContent = [...$('file').files].map((file) => file.name).join(); };
customElements.define('shop-rating', class extends HTMLElement {
  connectedCallback() {
    this.attachShadow({mode: 'open'}).innerHTML = '<button class="star">Star</button><span class="stars">0</span>';
    this.shadowRoot.querySelector('button').onclick = () => { this.shadowRoot.querySelector('.stars').textContent = '5'; };
  }
});
</script>
"""
PAGES = {
    "/": '<h1>Shop</h1><nav><a href="/products/mug">Mug</a> <a href="/login">Sign in</a></nav>',
    "/login": '<h1>Sign in</h1><form method="post"><label>User <input id="user" name="user"></label>'
    '<label>Password <input id="password" name="password" type="password"></label><button>Sign in</button></form>',
    "/products/mug": PRODUCT,
    "/cart": '<h1>Cart</h1><ul><li class="item">Mug</li><li class="item">Hat</li></ul>',
    "/terms": "<title>Terms</title><h1>Terms</h1><button id='agree' onclick=\"document.title = 'Agreed'\">Agree</button>"
    "<button id='shut' onclick='window.close()'>Close</button>",
    "/frame": '<h2>Payment</h2><iframe src="/inner"></iframe>',
    "/inner": "<button id='pay' onclick=\"this.textContent = 'Paid'\">Pay</button>",
    "/noisy": "<h1>Noisy</h1><script>console.error('Out of mugs'); setTimeout(() => { throw new Error('No hats'); });</script>",
    "/hang": "<h1>Hang</h1><button id='hang' onclick='for (;;);'>Hang</button>",
    "/cloud-picture": '<h1>Cloud</h1><img src="http://169.254.169.254/latest/meta-data/">',
    "/secret": '<h1>Secret</h1><p id="echo"></p><input id="field"><script>console.log("hello")</script>',
    "/moving": "<style>p { animation: move 1s infinite } @keyframes move { to { transform: translateX(200px) } }</style>"
    "<h1>Moving</h1><p>Moves</p><div id='clock'></div>"
    "<script>document.getElementById('clock').textContent = performance.now()</script>",
    "/strict": "<title>Strict</title><h1>Strict</h1>",
    "/broken": "<h1>Broken</h1>",
}
REDIRECTS = {"/old": "/older", "/older": "/cart", "/loop": "/loop", "/to-cloud": "http://169.254.169.254/latest/meta-data/"}


class Handler(QuietHandler):
    """Answers by path."""

    server: Shop
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.seen.append((self.path, dict(self.headers)))
        if parts.path in self.server.pages:
            self._page(self.server.pages[parts.path])
        elif parts.path in REDIRECTS:
            self.answer(302, b"", location=REDIRECTS[parts.path])
        elif parts.path == "/away":
            self.answer(302, b"", location=parse_qs(parts.query)["to"][0])
        elif parts.path == "/account":
            user = cookies.SimpleCookie(self.headers.get("cookie", "")).get("user")
            self._page(f"<h1>Welcome {user.value}</h1><p>Order 4711</p>") if user else self.answer(302, b"", location="/login")
        elif parts.path == "/api/me":
            self.answer(200, b'{"name": "jane", "orders": [{"id": 4711}]}', **{"content-type": "application/json"})
        elif parts.path == "/manual.pdf":
            self.answer(200, b"%PDF-1.4 mug", **{"content-type": "application/pdf"})
        elif parts.path == "/slow":
            time.sleep(float(parse_qs(parts.query)["s"][0]))
            self._page("<h1>Slow</h1>")
        else:
            self.answer(404, b"There is nothing.")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        self.server.posted.append((self.path, body))
        if self.path == "/login":
            form = parse_qs(body)
            if (form.get("user"), form.get("password")) == ([USER], [PASSWORD]):
                self.answer(303, b"", location="/account", **{"set-cookie": f"user={USER}; Path=/"})
            else:
                self._page("<h1>Sign in</h1><p class='error'>That was wrong.</p>")
        elif self.path.startswith("/v1/beacon/"):
            self.answer(202, b'{"accepted": 1, "rejected": []}', **{"content-type": "application/json"})
        else:
            self.answer(200, b"{}", **{"content-type": "application/json"})

    def _page(self, body: str) -> None:
        path = urlsplit(self.path).path
        headers = {"content-type": "text/html; charset=utf-8"}
        if path == "/strict":
            headers["content-security-policy"] = "default-src 'none'"
        head = "<!doctype html><title>Shop</title>" if "<title>" not in body else "<!doctype html>"
        self.answer(500 if path == "/broken" else 200, (head + self.server.head + body).encode(), **headers)


class Shop(RememberingServer):
    """`pages` can be changed, `head` stands in all of them, and `posted` has what was sent."""

    handler = Handler

    def __init__(self) -> None:
        super().__init__()
        self.posted: list[tuple[str, str]] = []
        self.pages, self.head = dict(PAGES), ""


@contextmanager
def shop(certificate: Path | None = None) -> Iterator[Shop]:
    """Yield a running shop; with TLS if there is a certificate."""
    with running(Shop(), certificate) as server:
        yield server
