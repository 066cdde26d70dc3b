"""What a dataset's rules and a visitor's wishes leave of an event."""

from __future__ import annotations

from typing import Any

import pytest

from collector.config import Dataset, IngestLimits
from collector.fields import FIELDS
from collector.ingest.decode import decode_event
from collector.ingest.privacy import Budget, Privacy, wishes

HOSTILE = "https://ann:pw@shop.example/a?e=ann@b.example&token=abc#top"


def cleaned(told: dict[str, Any] | None = None, rules: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    event = decode_event({"id": "a1", "kind": "page_view", **fields}, IngestLimits())
    Privacy(Dataset("shop", (), **(rules or {}))).clean(event, told or {})
    return event


@pytest.mark.parametrize("name", [f.name for f in FIELDS if f.item_type == "string" and f.origin == "sender" and f.high >= 64])
def test_every_text_of_a_sender_is_masked(name: str) -> None:
    if name in ("id", "kind"):
        pytest.skip("its letters are checked")
    is_list = next(field for field in FIELDS if field.name == name).is_list

    event = cleaned(**{name: [HOSTILE] if is_list else HOSTILE})

    assert (event[name][0] if is_list else event[name]) == "https://shop.example/a"


def test_attributes_and_their_names_are_masked() -> None:
    event = cleaned(**{"note": HOSTILE, "ann@mail.example": True, "password": "hunter2", "api_token": "7", "n": 4111111111111111})

    assert event["attrs_string"] == {"note": "https://shop.example/a", "password": "[secret]", "api_token": "[secret]"}
    assert event["attrs_bool"] == {"[email]": True}
    assert event["attrs_number"] == {}


def test_an_address_loses_its_query_also_without_a_host() -> None:
    event = cleaned(**{"page.path": "/a?b=1", "resources.path": ["/x.js?v=1", "/y#z"], "next_url": "/n?c=1", "note": "really? yes"})

    assert (event["page.path"], event["resources.path"]) == ("/a", ["/x.js", "/y"])
    assert event["attrs_string"] == {"next_url": "/n", "note": "really? yes"}


def test_allowed_parameters_stay() -> None:
    url = "https://shop.example/?utm_source=mail&page=2&q=shoes"

    assert cleaned(**{"page.url": url})["page.url"] == "https://shop.example/?utm_source=mail"
    assert (
        cleaned(rules={"allowed_query": ("page", "q*")}, **{"page.url": url})["page.url"] == "https://shop.example/?page=2&q=shoes"
    )
    assert cleaned(rules={"allowed_query": ()}, **{"page.url": url})["page.url"] == "https://shop.example/"


def test_ids_and_ordinary_values_stay() -> None:
    fields = {
        "session.id": "5f4dcc3b5aa765d61d8327deb882cf99",
        "trace.trace_id": "0af7651916cd43dd8448eb211c80319c",
        "page.url": "https://shop.example/product/4711",
        "lcp.element": "div#main>img.hero",
        "plan": "gold",
    }

    event = cleaned(**fields)

    assert {**event, **event["attrs_string"]}.items() >= fields.items()


@pytest.mark.parametrize("signal", ["gpc", "dnt"])
@pytest.mark.parametrize("by_header", [True, False], ids=["header", "event"])
def test_by_default_a_wish_takes_the_session_away(signal: str, by_header: bool) -> None:
    name = f"privacy.{signal}"
    told, own = ({name: True}, {}) if by_header else ({}, {name: True})

    event = cleaned(told, **{"session.id": "s1", "view.number": 3, "view.previous_id": "v2", "lcp.value": 9, **own})

    assert event == {"id": "a1", "kind": "page_view", "lcp.value": 9, name: True}


def test_a_view_within_a_document_is_numbered_without_a_session() -> None:
    assert cleaned({"privacy.gpc": True}, **{"view.number": 2})["view.number"] == 2


def test_a_wish_may_be_ignored_or_make_an_event_be_dropped() -> None:
    event = {"session.id": "s1", "privacy.gpc": True}

    assert cleaned(rules={"gpc": "ignore"}, **event)["session.id"] == "s1"
    assert Privacy(Dataset("shop", (), gpc="drop")).refuses(event, {}) == "gpc"
    assert Privacy(Dataset("shop", (), dnt="drop")).refuses({}, {"privacy.dnt": True}) == "dnt"
    assert Privacy(Dataset("shop", ())).refuses(event, {}) == ""


def test_only_a_1_is_a_wish() -> None:
    assert wishes(b"1", b"1") == {"privacy.gpc": True, "privacy.dnt": True}
    assert wishes(b"0", b"unspecified") == wishes(None, None) == {}


def test_a_beacon_of_secrets_costs_a_bounded_time_and_tells_none_of_them() -> None:
    secret = "token=abcdefgh "
    event = {"id": "1", "kind": "event", "attrs_string": {f"a{n}": secret * 250 for n in range(120)}}
    budget = Budget()
    Privacy(Dataset("shop", ())).clean(event, {}, budget)

    values = list(event["attrs_string"].values())
    assert not any("abcdefgh" in value for value in values)
    assert values[0] == "token=[secret] " * 250
    assert values[-1] == "[masked]"
    assert budget.left < 0


@pytest.mark.parametrize("name", ["check.name", "check.title", "check.suite", "check.tags", "check.location", "check.step.name"])
def test_what_the_operator_calls_a_check_stays(name: str) -> None:
    called = "builds/9f86d081884c7d659a2feaa0c55ad015: smoke"

    event = cleaned(**{"check.message": called, name: called})

    assert event[name] == called
    assert event["check.message"] == "builds/[key]: smoke"
