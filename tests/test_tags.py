"""Script tags: what is printed to paste."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from collector import tags
from collector.app import build_app
from collector.config import Settings, load_settings
from collector.errors import WideloadError
from collector.store.chdb import ChdbStore

RUM = "https://rum.example"


class Elements(HTMLParser):
    """The elements of some markup with their attributes, and its text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    flags = {"data_dir": str(tmp_path), "public_url": RUM, "script_path": "/s/m.js", "beacon_path": "/s/m/"}
    return load_settings({}, flags)


@pytest.mark.parametrize("form", tags.FORMS, ids=lambda form: str(form.name))
def test_the_collector_answers_what_a_tag_names(settings: Settings, form: tags.Form, embedded_store: ChdbStore) -> None:
    elements = Elements(form.tag(settings, "demo")).found
    app = build_app(settings, embedded_store)
    with TestClient(app) as client:
        for url in [attributes.get("src") or attributes.get("href") for _, attributes in elements]:
            assert url is None or client.get(urlsplit(url).path).headers["content-type"].startswith(
                ("text/javascript", "application/j")
            )
        (endpoint,) = [a.get("data-endpoint", "/v1/beacon/demo") for _, a in elements if "data-key" in a]
        sent = client.post(urlsplit(str(endpoint)).path, json={"v": 1, "events": [{"id": "tag", "kind": "event"}]})

    assert sent.status_code == 202


def test_only_the_first_party_tag_has_no_host(settings: Settings) -> None:
    hosts = {form.name: RUM in form.tag(settings, "demo") for form in tags.FORMS}

    assert hosts == {"plain": True, "neutral": True, "first-party": False, "pinned": True, "loader": True}


def test_the_pinned_tag_names_the_digest_of_what_is_served(settings: Settings, embedded_store: ChdbStore) -> None:
    ((_, attributes),) = Elements(tags.pinned(settings, "demo")).found
    with TestClient(build_app(settings, embedded_store)) as client:
        script = client.get(urlsplit(str(attributes["src"])).path)

    digest = base64.b64encode(hashlib.sha384(script.content).digest()).decode()
    assert attributes["integrity"] == f"sha384-{digest}"
    assert attributes["crossorigin"] == "anonymous"
    assert "immutable" in script.headers["cache-control"]


def test_the_loader_is_a_template_with_preload_and_script_and_the_inline_script_behind_it(settings: Settings) -> None:
    elements = Elements(tags.loader(settings, "demo"))
    template, link, script, inline = elements.found

    assert [template[0], link[0], script[0], inline] == ["template", "link", "script", ("script", {"nonce": tags.NONCE})]
    assert link[1]["href"] == script[1]["src"]
    assert elements.text.strip() == tags.loader_script()


def test_the_listing_has_every_form_of_every_key(settings: Settings) -> None:
    listing = tags.listing(settings, None, None)

    assert "Site key demo of the dataset demo" in listing
    assert all(f"  {form.name}: " in listing for form in tags.FORMS)


def test_one_form_is_printed_ready_to_paste(settings: Settings) -> None:
    assert tags.listing(settings, "demo", "neutral") == tags.neutral(settings, "demo")


@pytest.mark.parametrize(
    ("key", "form", "sentence"),
    [
        ("nope", None, "There is no site key 'nope'; `wideload keys list` shows them."),
        (None, "x", "There is no tag of the form 'x'; there are: plain, neutral, first-party, pinned, loader."),
    ],
)
def test_what_is_not_there_gets_a_sentence(settings: Settings, key: str | None, form: str | None, sentence: str) -> None:
    with pytest.raises(WideloadError) as caught:
        tags.listing(settings, key, form)

    assert str(caught.value) == sentence
