"""Files of rules: read, and refused by file and line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from ruling import CHECK, QUERY, check_rule, query_rule, write

from collector.alerts.files.load import find, load
from collector.alerts.rules import Policy
from collector.alerts.windows import covering


def test_a_rule_about_checks_has_defaults(tmp_path: Path) -> None:
    found = check_rule(tmp_path)

    assert (found.name, found.title, found.severity, found.dataset) == ("it", "it", "warning", "shop")
    assert (found.fail_runs, found.fail_seconds, found.recover_runs, found.share, found.stale_seconds) == (2, 0, 2, 0, 3600)
    assert found.policy == Policy(no_data_alerts=True)


def test_a_rule_about_a_question_has_defaults(tmp_path: Path) -> None:
    found = query_rule(tmp_path, "for: 10m\nremind_every: 4h\n")

    assert (found.window, found.minimum_samples, str(found.when), found.recover_when) == (900, 30, "> 2500", None)
    assert found.policy == Policy(for_seconds=600, no_data_seconds=3600, remind_seconds=14_400)


def test_checks_are_chosen_by_name_suite_and_tag(tmp_path: Path) -> None:
    found = check_rule(tmp_path, "").watches
    other = check_rule(tmp_path, text=CHECK.replace("names: [front]", "names: [api/*], suites: [shop], tags: [paid]")).watches

    assert (found("front", "", frozenset()), found("front/2", "", frozenset())) == (True, False)
    assert (other("api/cart", "", frozenset()), other("x", "shop", frozenset()), other("x", "", frozenset({"paid"}))) == (True,) * 3
    assert not other("x", "", frozenset({"free"}))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("kind: chekc\n", 1, "kind is 'chekc'; it must be one of check, query."),
        (CHECK + "fail_afer: 2 runs\n", 4, "A rule of the kind check has no fail_afer; did you mean fail_after?"),
        (CHECK + "fail_after: 2\n", 4, "fail_after: 2 is not of type 'string'."),
        (CHECK + "kind: query\n", 4, "a second time"),
        ("kind: check\ndataset: shop\n", 1, "needs more: 'checks' is a required property."),
        (CHECK + "maintenance:\n  - {at: '02:00', lasts: 2d}\n", 5, "at most a day"),
        (CHECK + "maintenance:\n  - {at: '02:00', lasts: 2h, time_zone: Mars/Base}\n", 5, "is not known here"),
        (CHECK + "maintenance:\n  - {from: 2026-12-02, until: 2026-12-01}\n", 5, "must be later"),
        (CHECK + "maintenance:\n  - {from: 2026-12-02, untill: 2026-12-01}\n", 5, "maintenance.0"),
        (QUERY + "calculation: P99(lcp.value)\n", 5, "the query has P75(lcp.value)."),
        (QUERY.replace("P75, column", "P75, colum"), 3, "query.calculations[0].colum: “colum” is not known here."),
        (QUERY.replace("P75", "HEATMAP"), 3, "has no value that could be compared"),
        (QUERY.replace("[{op: P75,", "[{op: COUNT}, {op: P75,"), 3, "Say which calculation"),
        (QUERY.replace("> 2500", "about 3"), 4, "does not match"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    _, problems = load([write(tmp_path, "it.alert.yaml", text)])

    assert problems
    assert problems[0].line == line
    assert message in str(problems[0])


def test_two_rules_cannot_have_one_name(tmp_path: Path) -> None:
    write(tmp_path, "a.alert.yaml", CHECK + "id: same\n")
    write(tmp_path, "deep/b.alert.yaml", CHECK + "id: same\n")

    found, problems = load(find([tmp_path]))
    assert ([one.name for one in found], len(problems)) == (["same"], 1)


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_weekly_maintenance_goes_by_the_clock_of_its_zone(tmp_path: Path) -> None:
    windows = check_rule(
        tmp_path, "maintenance: [{days: [sun], at: '23:30', lasts: 2h, time_zone: Europe/Berlin, reason: backup}]"
    ).maintenance

    inside = [at("2026-11-22T22:30+00:00"), at("2026-11-23T00:29+00:00"), at("2026-07-05T21:30+00:00")]
    outside = [at("2026-11-22T22:29+00:00"), at("2026-11-23T00:30+00:00"), at("2026-11-23T22:45+00:00")]
    assert all(covering(windows, moment) for moment in inside)
    assert not any(covering(windows, moment) for moment in outside)
