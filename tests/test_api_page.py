"""The page about the API: all of it, and under a policy that allows no script and no style of its own."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from collector.api_page import render
from collector.app import build_app
from collector.config import load_settings
from collector.openapi import OPERATIONS, document
from collector.store.chdb import ChdbStore

TOKEN = "api-page-test-token-0123456789"


@pytest.fixture
def client(embedded_store: ChdbStore, tmp_path: Path) -> TestClient:
    app = build_app(load_settings({}, {"data_dir": str(tmp_path), "admin_token": TOKEN}), embedded_store)
    app.spool.close()
    return TestClient(app.web, headers={"authorization": f"Bearer {TOKEN}"})


class Page(HTMLParser):
    """Notes elements, ids and where links lead; every element that is opened must be closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements, self.ids, self.links, self.attributes = set[str](), list[str](), set[str](), set[str]()
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links |= {value for name, value in attrs if name in ("href", "src") and value}
        if tag not in ("meta", "link"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


def test_every_operation_is_on_the_page_and_every_link_leads_somewhere(client: TestClient) -> None:
    answer = client.get("/api")
    page = Page(answer.text)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    for operation in OPERATIONS:
        assert f'<b class="{operation.method}">{operation.method.upper()}</b> <code>{operation.path}</code>' in answer.text
    for link in page.links - {f"#{id_}" for id_ in page.ids}:
        assert client.get(link, follow_redirects=False).status_code == 200, link


def test_the_page_needs_nothing_that_its_policy_forbids(client: TestClient) -> None:
    answer = client.get("/api")
    page = Page(answer.text)

    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert not page.elements & {"script", "style", "iframe", "img", "object"}
    assert not {name for name in page.attributes if name == "style" or name.startswith("on")}
    assert {link for link in page.links if not link.startswith(("/", "#"))} == set()


def test_the_page_is_for_those_who_are_signed_in(client: TestClient) -> None:
    assert TestClient(client.app).get("/api.css").status_code == 401
    assert client.get("/api.css").headers["content-type"] == "text/css; charset=utf-8"


def test_what_a_description_says_stays_text() -> None:
    description = document()
    operation = {"summary": "<script>alert(1)</script>", "tags": ["public"], "responses": {"204": {"description": ""}}}
    description["paths"] = {"/<b>": {"get": operation}}

    html = render(description)

    assert "<script" not in html and '<b>"' not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_members_are_laid_out_with_what_they_are() -> None:
    html = render(document())
    section = re.findall(r'<section id="post-api-markers">.*?</section>', html)[0]

    assert "<code>message</code></dt><dd>text, <em>needed</em>" in section
    assert "<code>start_time</code></dt><dd>number or text</dd>" in section
    assert "<b>201</b>" in section and '<a href="#errors">an error</a>' in section
