"""Bytes become events or rejections; nothing else ever comes out."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config import IngestLimits
from collector.errors import RequestError
from collector.fields import FIELDS
from collector.ingest.decode import MAX_ATTRIBUTE_TEXT, Beacon, decode_beacon

LIMITS = IngestLimits()
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
field_names = st.sampled_from([f.name for f in FIELDS]) | st.text()


def beacon(*events: Any, **more: Any) -> bytes:
    return orjson.dumps({"v": 1, "events": list(events), **more})


def event(**fields: Any) -> dict[str, Any]:
    return {"id": "a1", "kind": "page_view", **fields}


def decode(*events: Any, limits: IngestLimits = LIMITS) -> Beacon:
    return decode_beacon(beacon(*events), limits)


def test_known_fields_are_kept_under_their_names() -> None:
    decoded = decode(event(**{"lcp.value": 1234.5, "page.path": "/a", "browser.webdriver": True}))

    assert decoded.rejected == []
    assert decoded.events == [event(**{"lcp.value": 1234.5, "page.path": "/a", "browser.webdriver": True})]


def test_unknown_fields_become_attributes_by_type() -> None:
    decoded = decode(event(plan="gold", seats=3, beta=True))

    assert decoded.events[0] == event(attrs_string={"plan": "gold"}, attrs_number={"seats": 3}, attrs_bool={"beta": True})


def test_a_beacon_may_have_so_many_attributes_and_no_more() -> None:
    events = [event(id=f"a{number}", **{f"n{name}": 1 for name in range(200)}) for number in range(51)]

    assert len(decode(*events[:50]).events) == 50
    with pytest.raises(RequestError) as caught:
        decode(*events)
    assert (caught.value.status, caught.value.reason) == (400, "too_many_fields")


def test_null_means_not_measured() -> None:
    assert decode(event(**{"lcp.value": None, "plan": None})).events == [event()]


def test_lists_are_kept_under_their_names() -> None:
    lists = {"resources.host": ["a", ""], "resources.ttfb": [None, 12.5], "resources.cached": [True, False]}

    decoded = decode(event(**lists))

    assert decoded.rejected == []
    assert decoded.events == [event(**lists)]


def test_empty_lists_are_as_good_as_none() -> None:
    assert decode(event(**{"resources.host": [], "resources.path": [], "visibility.state": ["hidden"]})).events == [
        event(**{"visibility.state": ["hidden"]})
    ]


@pytest.mark.parametrize(
    ("lists", "reason", "words"),
    [
        ({"resources.host": "a"}, "wrong_type", "resources.host must be a list of strings, not a text."),
        ({"resources.start": 7}, "wrong_type", "resources.start must be a list of numbers, not a number."),
        ({"resources.cached": True}, "wrong_type", "resources.cached must be a list of booleans, not a boolean."),
        ({"resources.host": {}}, "wrong_type", "resources.host must be a list of strings, not an object."),
        ({"resources.host": ["a", 1]}, "wrong_type", "must be a list of strings, but one of its items is a number."),
        ({"resources.host": ["a", None]}, "wrong_type", "must be a list of strings, but one of its items is null."),
        ({"resources.start": [1, True]}, "wrong_type", "must be a list of numbers, but one of its items is a boolean."),
        ({"resources.cached": [True, 0]}, "wrong_type", "must be a list of booleans, but one of its items is a number."),
        ({"resources.start": [[1]]}, "wrong_type", "must be a list of numbers, but one of its items is a list."),
        ({"resources.start": [5, -1]}, "out_of_range", "An item of resources.start is -1; it must be from 0 to 1e+09."),
        ({"resources.status": [200, 1000]}, "out_of_range", "An item of resources.status is 1000; it must be from 0 to 999."),
        ({"resources.status": [None, 200.5]}, "out_of_range", "An item of resources.status is 200.5; it must be a whole number."),
        ({"resources.path": ["", "x" * 513]}, "too_long", "An item of resources.path has 513 characters; it may have 512."),
        ({"resources.host": ["a"] * 101}, "too_many_items", "resources.host has 101 items; it may have 100."),
        ({"resources.host": ["a"], "resources.path": ["/", "/"]}, "unequal_lengths",
         "resources.host and resources.path have 1 and 2 items; the lists of resources must be equally long."),
        ({"resources.host": ["a"], "resources.path": []}, "unequal_lengths", "have 1 and 0 items;"),
    ],
)  # fmt: skip
def test_a_bad_list_rejects_its_event_with_a_sentence(lists: dict[str, Any], reason: str, words: str) -> None:
    decoded = decode(event(**lists), event(id="good"))

    assert [e["id"] for e in decoded.events] == ["good"]
    assert decoded.rejected[0].reason == reason
    assert words in decoded.rejected[0].error


def test_lists_that_do_not_belong_together_may_differ_in_length() -> None:
    assert decode(event(**{"resources.host": ["a"], "resource_hosts.name": ["a", "b"]})).rejected == []


@pytest.mark.parametrize("name", ["ts", "dataset", "browser.name", "lcp.rating", "navigation.dns_duration"])
def test_what_the_collector_or_the_table_sets_is_ignored(name: str) -> None:
    assert decode(event(**{name: "forged"})).events == [event()]


@pytest.mark.parametrize(
    ("fields", "reason", "words"),
    [
        ({"lcp.value": "fast"}, "wrong_type", "lcp.value must be a number, not a text."),
        ({"lcp.value": True}, "wrong_type", "lcp.value must be a number, not a boolean."),
        ({"lcp.value": [1]}, "wrong_type", "lcp.value must be a number, not a list."),
        ({"page.path": ["/"]}, "wrong_type", "page.path must be a string, not a list."),
        ({"lcp.value": -1}, "out_of_range", "lcp.value is -1; it must be from 0 to 1e+09."),
        ({"lcp.value": 1e300}, "out_of_range", "lcp.value is 1e+300; it must be from 0 to 1e+09."),
        ({"page.path": 7}, "wrong_type", "page.path must be a string, not a number."),
        ({"page.path": "x" * 65_000}, "too_long", "page.path has 65,000 characters; it may have 2,048."),
        ({"browser.webdriver": 1}, "wrong_type", "browser.webdriver must be a boolean, not a number."),
        ({"revision": 1.5}, "out_of_range", "revision is 1.5; it must be a whole number."),
        ({"revision": -1}, "out_of_range", "revision is -1; it must be from 0 to"),
        ({"time": 1e15}, "out_of_range", "time is 1e+15; it must be from"),
        ({"kind": "Page View"}, "bad_value", "kind 'Page View' has characters that are not allowed"),
        ({"id": "a b"}, "bad_value", "id 'a b' has characters that are not allowed"),
        ({"id": None}, "missing_field", "id is missing: every event needs one, such as a UUID."),
        ({"cart": {"items": 2}}, "not_flat", "'cart' is an object; events are flat"),
        ({"tags": ["a"]}, "not_flat", "'tags' is a list; events are flat"),
        ({"note": "x" * 65_000}, "too_long", f"'note' has 65,000 characters; it may have {MAX_ATTRIBUTE_TEXT:,}."),
        ({"": 1}, "bad_name", "A field's name must have 1 to 128 printable characters."),
        ({"a\nb": 1}, "bad_name", "A field's name must have"),
        ({"attrs_string": "x"}, "bad_name", "A field's name must have"),
        ({f"k{n}": n for n in range(3000)}, "too_many_fields", "An event may have 256 fields outside the dictionary"),
    ],
)  # fmt: skip
def test_a_bad_event_is_rejected_with_a_sentence_beside_its_neighbours(fields: dict[str, Any], reason: str, words: str) -> None:
    decoded = decode({**event(**fields), **({"id": fields["id"]} if "id" in fields else {})}, {"id": "good", "kind": "event"})

    assert [e["id"] for e in decoded.events] == ["good"]
    assert (decoded.rejected[0].index, decoded.rejected[0].reason) == (0, reason)
    assert words in decoded.rejected[0].error


def test_an_event_must_be_an_object() -> None:
    assert decode("x", event()).rejected[0].error == "An event must be an object, not a text."


def test_the_second_of_two_equal_ids_is_rejected_unless_it_is_a_later_revision() -> None:
    decoded = decode(event(), event(), event(revision=1))

    assert [e.get("revision") for e in decoded.events] == [None, 1]
    assert [(r.index, r.reason) for r in decoded.rejected] == [(1, "duplicate_id")]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "not_json", id="empty"),
        pytest.param(b"v=1", "not_json", id="a form"),
        pytest.param(b'{"v":1,"events":[{"id":"a","kind":"event","x":NaN}]}', "not_json", id="NaN"),
        pytest.param(b'{"v":1,"events":[', "not_json", id="cut short"),
        pytest.param(b"\xff\xfe", "not_json", id="not UTF-8"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, "not_json", id="deep nesting"),
        pytest.param(b'{"v":1,"events":[{"id":"a","kind":"event","x":"\\ud800"}]}', "not_json", id="lone surrogate"),
        pytest.param(b"[]", "bad_shape", id="a list"),
        pytest.param(b'{"events":[{}]}', "bad_version", id="no version"),
        pytest.param(b'{"v":2,"events":[{}]}', "bad_version", id="another version"),
        pytest.param(b'{"v":1}', "bad_shape", id="no events"),
        pytest.param(b'{"v":1,"events":[]}', "bad_shape", id="empty events"),
        pytest.param(b'{"v":1,"events":{}}', "bad_shape", id="events is an object"),
        pytest.param(b'{"v":1,"sent_at":"now","events":[{}]}', "bad_shape", id="sent_at is a text"),
        pytest.param(b'{"v":1,"sent_at":1e300,"events":[{}]}', "bad_shape", id="sent_at is huge"),
        pytest.param(orjson.dumps({"v": 1, "events": [{}] * 501}), "too_many_events", id="too many events"),
    ],
)
def test_an_unusable_beacon_is_refused_with_its_reason(body: bytes, reason: str) -> None:
    with pytest.raises(RequestError) as caught:
        decode_beacon(body, LIMITS)

    assert (caught.value.status, caught.value.reason) == (400, reason)
    assert caught.value.message.endswith((".", "]}."))


@given(st.binary() | json_values.map(orjson.dumps))
def test_any_bytes_give_a_beacon_or_a_refusal(body: bytes) -> None:
    try:
        decoded = decode_beacon(body, LIMITS)
    except RequestError as error:
        assert error.status == 400
    else:
        assert decoded.events or decoded.rejected


@given(st.lists(st.dictionaries(field_names, json_values, max_size=8) | json_values, min_size=1, max_size=4))
def test_any_event_is_accepted_or_rejected_and_never_both(events: list[Any]) -> None:
    decoded = decode_beacon(beacon(*events), LIMITS)

    assert len(decoded.events) + len(decoded.rejected) == len(events)
    assert all(r.error and r.reason for r in decoded.rejected)


@given(st.dictionaries(field_names, json_values, max_size=8))
def test_an_accepted_event_is_flat_and_its_fields_have_their_types(fields: dict[str, Any]) -> None:
    types = {"string": str, "number": (int, float), "time": (int, float), "boolean": bool}
    lists = {"strings": str, "numbers": (int, float, type(None)), "booleans": bool}
    by_name = {f.name: f for f in FIELDS}
    for accepted in decode(event(**fields)).events:
        for name, value in accepted.items():
            if name.startswith("attrs_"):
                assert all(isinstance(v, (str, int, float)) for v in value.values())
            elif by_name[name].is_list:
                assert value and all(isinstance(item, lists[by_name[name].type]) for item in value)
            else:
                assert isinstance(value, types[by_name[name].type])
                assert by_name[name].origin == "sender"
