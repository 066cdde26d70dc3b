"""The dictionary holds together."""

from __future__ import annotations

from collector.fields import BY_NAME, FIELDS, PARALLEL


def test_a_name_stands_once() -> None:
    assert len(BY_NAME) == len(FIELDS)


def test_what_parallel_lists_share_begins_no_other_name() -> None:
    for field in FIELDS:
        assert field.is_list == (field.name.partition(".")[0] in PARALLEL), field.name


def test_fields_of_one_heading_stand_together() -> None:
    headings = [field.group for field in FIELDS]

    assert [heading for heading, before in zip(headings, [None, *headings[:-1]], strict=True) if heading != before] == list(
        dict.fromkeys(headings)
    )
    assert all(headings)
