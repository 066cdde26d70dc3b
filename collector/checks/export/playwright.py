"""A journey as a file for pytest-playwright."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from collector.checks.export.body import Body
from collector.checks.export.steps import VERBS
from collector.checks.export.words import Words, test_name
from collector.checks.files.load import Check

#: Settings of a browser's context by those of a check.
_CONTEXT: Final = {
    "scale": "device_scale_factor", "mobile": "is_mobile", "touch": "has_touch", "user_agent": "user_agent", "locale": "locale",
    "timezone": "timezone_id", "color_scheme": "color_scheme", "insecure": "ignore_https_errors",
    "javascript": "java_script_enabled",
}  # fmt: skip
_HELPERS: Final[Mapping[str, str]] = {
    "eventually": '''def eventually(page, look, timeout=TIMEOUT):
    """Look again and again until it is true."""
    end = time.monotonic() + timeout / 1000
    while not look():
        assert time.monotonic() < end, "It did not become true in time."
        page.wait_for_timeout(100)
''',
    "by_name": '''def by_name(scope, name):
    """Return what assistive technology calls by a name."""
    roles = "link textbox searchbox checkbox radio combobox option menuitem tab switch slider spinbutton heading img".split()
    found = scope.get_by_role("button", name=name, exact=True)
    for role in roles:
        found = found.or_(scope.get_by_role(role, name=name, exact=True))
    return found
''',
    "set_value": '''def set_value(element, value):
    """Give a field of any kind a value."""
    kind = element.evaluate("e => e.tagName === 'SELECT' ? 'select' : ['checkbox', 'radio'].includes(e.type) ? 'box' : 'text'")
    if kind == "select":
        element.select_option(value)
    elif kind == "box":
        element.set_checked(value.lower() in ("true", "on", "yes", "1") or value == element.get_attribute("value"))
    else:
        element.fill(value)
''',
    "as_text": '''def as_text(value):
    """Return what JavaScript gives as a text."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)
''',
    "turn_to": '''def turn_to(page, which):
    """Return another page, by its number or a part of its address; a pop-up may still be on its way."""
    end = time.monotonic() + TIMEOUT / 1000
    while True:
        pages = page.context.pages
        if isinstance(which, int) and which < len(pages):
            return pages[which]
        found = [one for one in pages if isinstance(which, str) and which in one.url]
        if found:
            return found[-1]
        assert time.monotonic() < end, f"There is no page {which}."
        page.wait_for_timeout(100)
''',
    "soft": '''@contextlib.contextmanager
def soft():
    """Warn of what does not hold, and go on."""
    try:
        yield
    except (AssertionError, Error) as error:
        warnings.warn(str(error), stacklevel=2)
''',
    "totp": '''def totp(seed):
    """Return the one-time password of this moment (RFC 6238)."""
    seed = "".join(seed.split()).upper()
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
''',
}
#: Lists that are filled while the test runs.
_LISTENERS: Final[Mapping[str, tuple[str, ...]]] = {
    "responses": ("responses = []", 'page.context.on("response", responses.append)'),
    "downloads": ("downloads = []", 'page.on("download", downloads.append)'),
    "errors": (
        "errors = []",
        'page.context.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)',
        'page.context.on("weberror", lambda found: errors.append(str(found.error)))',
    ),
    "dialogs": (
        "dialogs, answers = [], []",
        "",
        "def answer(dialog):",
        "    dialogs.append(dialog.message)",
        '    action, text = answers.pop(0) if answers else ("dismiss", "")',
        '    dialog.accept(text) if action == "accept" else dialog.dismiss()',
        "",
        'page.context.on("dialog", answer)',
    ),
}
#: Modules by a word that stands in the text if they are needed.
_MODULES: Final = ("base64", "contextlib", "csv", "hmac", "json", "os", "re", "struct", "time", "warnings")


@dataclass(frozen=True, slots=True)
class Exported:
    """A file; `left_out` says in sentences what is not in it."""

    name: str
    text: str
    left_out: tuple[str, ...]


def export(check: Check, taken: frozenset[str] = frozenset()) -> Exported:
    """Return a journey as a file of pytest-playwright.

    Args:
        check: of the kind `journey`, with its modules in it.
        taken: names of tests that there are already.
    """
    words = Words()
    options = check.options
    body = Body(VERBS, words, options.get("url", ""))
    body.steps(options["steps"])
    left_out = [*body.left_out, *(f"expect: {one.text}: Only a check looks at this." for one in check.expect)]
    name = test_name(check.name, taken)
    function = _function(name, check, words, body)
    context = _context(options.get("browser", {}), options.get("url", ""), words)
    helpers = [_HELPERS[one] for one in _HELPERS if one in words.helpers]
    rows = (
        [f"ROWS = list(csv.DictReader((Path(__file__).parent / {json.dumps(check.data.name)}).open(encoding='utf-8')))"]
        if check.data
        else []
    )
    constants = [f"TIMEOUT = {round(options['step_timeout'] * 1000)}", *rows]
    inner = "\n\n\n".join(part.rstrip() for part in ["\n".join(constants), *helpers, *context, function])
    return Exported(f"{name}.py", _head(check, inner) + inner + "\n", tuple(left_out))


def _head(check: Check, inner: str) -> str:
    docstring = f'"""{check.title.replace(chr(92), "/").replace(chr(34), chr(39))}"""'
    modules = [name for name in _MODULES if re.search(rf"(?<![\w.]){name}\.", inner)]
    lines = [f"import {name}" for name in modules]
    lines += ["from fnmatch import fnmatch"] if "fnmatch(" in inner else []
    lines += ["from pathlib import Path"] if "Path(" in inner else []
    lines += ["from urllib.parse import urljoin"] if "urljoin(" in inner else []
    names = ["Error"] if re.search(r"(?<!\w)Error\b", inner) else []
    others = ["import pytest"] if "pytest." in inner else []
    others += [f"from playwright.sync_api import {', '.join([*names, 'Page', 'expect'])}"]
    return "\n".join([docstring, "", *lines, *([""] if lines else []), *others]) + "\n\n"


def _context(browser: Mapping[str, Any], url: str, words: Words) -> list[str]:
    """Return the fixture that sets up the browser."""
    given = []
    if url and "${" not in url:
        given.append(f'"base_url": {words.text(url)}')
    if "viewport" in browser:
        width, height = browser["viewport"]
        given.append(f'"viewport": {{"width": {width}, "height": {height}}}')
    for key, name in _CONTEXT.items():
        if key in browser:
            value = browser[key]
            given.append(f'"{name}": {words.text(value) if isinstance(value, str) else repr(value)}')
    if "geolocation" in browser:
        latitude, longitude = browser["geolocation"]
        given += [f'"geolocation": {{"latitude": {latitude}, "longitude": {longitude}}}', '"permissions": ["geolocation"]']
    if "headers" in browser:
        headers = ", ".join(f"{json.dumps(key)}: {_outside(value, words)}" for key, value in browser["headers"].items())
        given.append(f'"extra_http_headers": {{{headers}}}')
    if "auth" in browser:
        user, password = (_outside(browser["auth"][key], words) for key in ("user", "password"))
        given.append(f'"http_credentials": {{"username": {user}, "password": {password}}}')
    if not given:
        return []
    lines = "".join(f"        {one},\n" for one in given)
    head = '@pytest.fixture(scope="module")\ndef browser_context_args(browser_context_args):\n'
    head += "    return {\n        **browser_context_args,\n"
    return [f"{head}{lines}    }}"]


def _outside(text: str, words: Words) -> str:
    """Return a text outside of the test, where only the environment has variables."""
    whole = re.fullmatch(r"\$\{(\w+)\}", text)
    return _secret(whole[1]) if whole else words.text(text)


def _secret(name: str) -> str:
    return f'os.environ["WIDELOAD_CHECK_SECRET_{name.upper()}"]'


def _function(name: str, check: Check, words: Words, body: Body) -> str:
    lines = ['@pytest.mark.parametrize("row", ROWS)'] if check.data else []
    lines.append(f"def {name}(page: Page{', row' if check.data else ''}):")
    lines += ["    page.context.set_default_timeout(TIMEOUT)", "    expect.set_options(timeout=TIMEOUT)"]
    for kind, listener in _LISTENERS.items():
        if kind in words.helpers:
            lines += [f"    {line}".rstrip() for line in listener]
    text = "\n".join(body.lines)
    for variable, value in check.variables.items():
        given = words.text(value) if value is not None else f'os.environ["{variable.upper()}"]'
        lines.append(f"    {words.name(variable)} = {given}")
    for secret in check.secrets:
        if re.search(rf"\b{words.name(secret)}\b", text):
            lines.append(f"    {words.name(secret)} = {_secret(secret)}")
    if check.data:
        lines += ["    # The row's columns are variables.", *_columns(check, words)]
    return "\n".join([*lines, "", *body.lines])


def _columns(check: Check, words: Words) -> list[str]:
    assert check.data
    try:
        heading = check.data.read_text(encoding="utf-8-sig").splitlines()[0]
    except (OSError, IndexError):
        return []
    return [f'    {words.name(one.strip())} = row["{one.strip()}"]' for one in heading.split(",")]
