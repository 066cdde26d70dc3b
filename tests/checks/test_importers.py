"""Recordings and checks of other products become check files, lossless or loud."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.checks.files.load import find, load
from collector.checks.importers import reading, recorder, selenium, selenium_commands, writing
from collector.checks.importers.ghost_steps import COMMANDS
from collector.checks.importers.model import Imported, ImportRefused, Step
from collector.checks.importers.pingdom_transactions import _FUNCTIONS as FUNCTIONS
from collector.checks.importers.report import as_json
from collector.checks.importers.targets import ghost_target, pingdom_target, recorder_target, selenium_selector
from collector.checks.secrets import read_secrets
from collector.cli import main

RECORDINGS = Path(__file__).parent / "recordings"
WHOLE = (
    "recorder.json", "ghost-inspector-suite.json", "project.side", "pingdom-transaction.json", "pingdom-recording.json",
    "pingdom-checks.json",
)  # fmt: skip


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["check", "import", *args], catch_exceptions=False)


def imported(tmp_path: Path, document: Any, name: str = "it.json") -> list[Imported]:
    path = tmp_path / name
    path.write_text(json.dumps(document))
    return reading.read([path])


def steps_of(tmp_path: Path, document: Any) -> list[Step]:
    (one,) = imported(tmp_path, document)
    return one.drafts[0].steps


def ghost(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "A test", "startUrl": "https://shop.example/", "steps": list(steps), **more}


def side(*commands: tuple[str, ...]) -> dict[str, Any]:
    made = [dict(zip(("command", "target", "value"), (*one, "", ""), strict=False)) for one in commands]
    return {"name": "P", "url": "https://shop.example", "tests": [{"id": "1", "name": "T", "commands": made}], "suites": []}


def flow(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"title": "A flow", "steps": list(steps)}


@pytest.mark.parametrize("name", WHOLE)
def test_a_recording_becomes_check_files_without_mistakes(tmp_path: Path, name: str) -> None:
    result = run(str(RECORDINGS / name), "--to", str(tmp_path / "checks"), "--report", "json")

    report = json.loads(result.stdout)
    checks, problems = load(find([tmp_path]))
    assert (result.exit_code, problems) == (0, [])
    assert [one["refused"] for one in report["files"]] == [0] * len(report["files"])
    assert len(checks) == sum(one["kind"] != "module" for one in report["files"])


@pytest.mark.parametrize("name", WHOLE)
def test_the_report_has_a_line_for_every_step(name: str) -> None:
    lines = [line for one in reading.read([RECORDINGS / name]) for draft in one.drafts for line in draft.lines]
    document = json.loads((RECORDINGS / name).read_text())
    verbs = re.findall(r'"(?:command|fn)": "([^"]+)"', json.dumps(document)) or [one["type"] for one in document.get("steps", ())]

    for verb in set(verbs) - {"end"}:
        assert any(verb in line.source for line in lines), verb


@pytest.mark.parametrize("name", WHOLE)
def test_no_secret_is_in_a_file_or_in_the_report(tmp_path: Path, name: str) -> None:
    secrets = tmp_path / "secrets.env"
    result = run(str(RECORDINGS / name), "--to", str(tmp_path / "checks"), "--secrets", str(secrets))

    written = "".join(path.read_text() for path in (tmp_path / "checks").rglob("*.yaml"))
    values = read_secrets({}, secrets) if secrets.exists() else {}
    assert not any(value in written + result.output for value in ("open-sesame", "let-me-in", *values.values()))
    assert all(f"${{{name}}}" in written for name in values)
    assert not secrets.exists() or secrets.stat().st_mode & 0o777 == 0o600


def test_a_step_that_cannot_be_translated_refuses_the_import(tmp_path: Path) -> None:
    result = run(str(RECORDINGS / "ghost-inspector-test.json"), "--to", str(tmp_path / "checks"))

    assert (result.exit_code, (tmp_path / "checks").exists()) == (1, False)
    assert "refused     step 2     assertAccessibility" in result.stdout
    assert "Nothing was written: 2 parts could not be translated." in result.stderr


def test_keep_going_leaves_a_step_that_fails(tmp_path: Path) -> None:
    result = run(str(RECORDINGS / "ghost-inspector-test.json"), "--to", str(tmp_path / "checks"), "--keep-going")

    (check,), problems = load(find([tmp_path]))
    assert (result.exit_code, problems) == (0, [])
    assert check.options["steps"][2]["exit"] == "fail"
    assert check.options["steps"][2]["message"].startswith("Not translated: assertAccessibility. No step looks at")


def test_what_has_no_kind_is_never_written(tmp_path: Path) -> None:
    result = run(str(RECORDINGS / "pingdom-ping.json"), "--to", str(tmp_path), "--keep-going")

    assert (list(tmp_path.iterdir()), "No kind of check sends ICMP" in result.stdout) == ([], True)


def test_an_import_without_an_assertion_says_so(tmp_path: Path) -> None:
    (one,) = imported(tmp_path, ghost({"command": "click", "target": "#buy"}))

    assert "It has no assertion" in one.drafts[0].lines[-1].note


def test_files_that_are_there_stay_unless_it_is_said(tmp_path: Path) -> None:
    args = (str(RECORDINGS / "recorder.json"), "--to", str(tmp_path))
    first, again, replaced = run(*args), CliRunner().invoke(main, ["check", "import", *args]), run(*args, "--overwrite")

    assert (first.exit_code, again.exit_code, replaced.exit_code) == (0, 1, 0)


def test_an_archive_is_one_import(tmp_path: Path) -> None:
    suite = json.loads((RECORDINGS / "ghost-inspector-suite.json").read_text())["data"]
    with zipfile.ZipFile(tmp_path / "suite.zip", "w") as archive:
        for test in suite["tests"]:
            archive.writestr(f"{test['name']}.json", json.dumps(test))
        archive.writestr("readme.txt", "no JSON")

    (one,) = reading.read([tmp_path / "suite.zip"])

    assert {draft.path for draft in one.drafts} == {"modules/sign-in.module.yaml", "fill-the-cart.check.yaml"}
    assert [line.note for _, line in one.refused()] == [
        "There is none, neither in the test nor in its suite: import them together."
    ]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '"text"', '{"steps": 7}', '[{"steps": [{"command": "open"}]}, 7]', "PK\x03\x04"]
)
def test_what_is_of_no_known_format_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "it.json"
    path.write_text(text)

    with pytest.raises(ImportRefused, match=r"it\.json"):
        reading.read([path])


def test_every_step_of_every_format_is_known() -> None:
    documented = json.loads((RECORDINGS / "documented.json").read_text())
    known = {*selenium_commands.COMMANDS, *selenium._STEERING, *selenium._DIALOGS, *selenium._DIALOG_TEXTS}

    assert set(documented["recorder"]) == set(recorder._TYPES)
    assert set(documented["pingdom_transactions"]) == set(FUNCTIONS)
    assert set(documented["ghost_inspector"]) == set(COMMANDS)
    assert set(documented["selenium_ide"]) <= known


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (recorder_target([["aria/Add to cart"], ["#add"]]), ["name=Add to cart", "#add"]),
        (recorder_target(['aria/Buy[role="button"]']), 'role=button[name="Buy"]'),
        (recorder_target(['aria/[role="main"]']), "role=main"),
        (recorder_target([["shop-app", "pierce/.buy"]]), "shop-app >> .buy"),
        (recorder_target(["text/Buy", "xpath///*[@id='a']", "css/#a"]), ["text=Buy", "xpath=//*[@id='a']", "#a"]),
        (ghost_target("//a[1]"), "xpath=//a[1]"),
        (ghost_target([{"selector": "a:contains('Buy now')"}, {"selector": "xpath=//a"}]), ['a:has-text("Buy now")', "xpath=//a"]),
        (selenium_selector("id=a b"), '[id="a b"]'),
        (selenium_selector('linkText=Say "hi"'), "xpath=//a[normalize-space(.)='Say \"hi\"']"),
        (selenium_selector("css=text=x"), "css=text=x"),
        (pingdom_target("Your name", True), ["label=Your name", '[name="Your name"]']),
        (pingdom_target("q", True), ['[name="q"]', "label=q"]),
        (pingdom_target("Sign in", False), ['text="Sign in"', '[name="Sign in"]']),
        (pingdom_target("#a > .b", False), "#a > .b"),
        (pingdom_target("h1", False), "h1"),
    ],
)
def test_a_selector_becomes_the_like(found: Any, wanted: Any) -> None:
    assert found == wanted


def test_a_dollar_sign_of_a_script_is_no_variable(tmp_path: Path) -> None:
    (step,) = steps_of(tmp_path, ghost({"command": "assertEval", "value": "return `${1}` === '{{n}}'"}))[1:]

    assert step == {"expect_js": "return `$${1}` === '${n}'"}


def test_a_variable_without_a_value_has_to_be_given(tmp_path: Path) -> None:
    (one,) = imported(tmp_path, ghost({"command": "assertText", "target": "h1", "value": "{{userName}}"}))

    assert one.drafts[0].document["variables"] == {"user_name": None}
    assert any("--var user_name=…" in line.note for line in one.drafts[0].lines)


def test_keys_that_go_down_and_up_at_once_are_pressed(tmp_path: Path) -> None:
    keys = [
        {"type": type_, "key": key}
        for type_, key in (("keyDown", "Control"), ("keyDown", "a"), ("keyUp", "a"), ("keyUp", "Control"))
    ]

    assert steps_of(tmp_path, flow(*keys)) == [{"key_down": "Control"}, {"press": "a"}, {"key_up": "Control"}]


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({}, {"expect_visible": "a"}),
        ({"visible": False}, {"expect_hidden": "a"}),
        ({"operator": "<=", "count": 2}, {"expect_count": "a >> visible=true", "value": "<= 2"}),
        ({"operator": ">=", "count": 3, "visible": False}, {"expect_count": "a >> visible=true", "value": "< 3"}),
        ({"operator": "==", "count": 3, "visible": False}, {"exit": "fail"}),
    ],
)
def test_a_wait_for_an_element_is_an_assertion(tmp_path: Path, more: dict[str, Any], wanted: Step) -> None:
    (step,) = steps_of(tmp_path, flow({"type": "waitForElement", "selectors": [["a"]], **more}))

    assert wanted.items() <= step.items()


def test_a_custom_step_may_be_a_step_of_a_check(tmp_path: Path) -> None:
    good = {"type": "customStep", "name": "expect_text", "parameters": {"expect_text": "h1", "value": "Hi"}}
    bad = [good | {"parameters": {"expect_text": "h1"}}, good | {"name": "theirs"}, {"type": "teleport"}]

    (one,) = imported(tmp_path, flow(good, *bad))

    assert one.drafts[0].steps[0] == {"expect_text": "h1", "value": "Hi"}
    assert [line.outcome for line in one.drafts[0].lines] == ["translated", "refused", "refused", "refused"]


def test_a_dialog_is_answered_before_what_brings_it_up(tmp_path: Path) -> None:
    commands = (("click", "id=a"), ("assertAlert", "Sure?"), ("acceptAlert",))

    assert steps_of(tmp_path, side(*commands)) == [
        {"dialog": "accept"}, {"click": "#a"}, {"expect_dialog": "Sure?", "match": "exact"},
    ]  # fmt: skip


def test_a_loop_of_many_turns_is_refused_and_a_short_one_written_out(tmp_path: Path) -> None:
    short = steps_of(tmp_path, side(("times", "3"), ("click", "id=a"), ("end",)))
    (long,) = imported(tmp_path, side(("while", "true"), ("click", "id=a"), ("end",)))

    assert short == [{"click": "#a"}] * 3
    assert [line.outcome for line in long.drafts[0].lines[:2]] == ["refused", "translated"]


def test_modules_that_use_each_other_are_refused(tmp_path: Path) -> None:
    tests = [ghost({"command": "execute", "value": other}, _id=id_) for id_, other in (("a", "b"), ("b", "a"))]
    (one,) = imported(tmp_path, tests)

    assert {line.note for _, line in one.refused()} == {"The test that it imports imports itself."}


def test_settings_of_the_suite_are_those_of_a_test_that_has_none(tmp_path: Path) -> None:
    suite = {
        "name": "S",
        "autoRetry": True,
        "viewportSize": {"width": 800, "height": 600},
        "screenshotCompareEnabled": True,
        "screenshotExclusions": ".ad, :is(.a, .b)",
        "tests": [ghost(autoRetry=None), ghost(autoRetry=False, viewportSize="1024x768")],
    }
    (one,) = imported(tmp_path, suite)

    first, second = (draft.document for draft in one.drafts)
    assert (first["attempts"], first["browser"]["viewport"]) == (2, [800, 600])
    assert ("attempts" in second, second["browser"]["viewport"]) == (False, [1024, 768])
    assert first["steps"][-1] == {
        "screenshot": "final",
        "full_page": True,
        "compare": True,
        "tolerance": 10.0,
        "mask": [".ad", ":is(.a, .b)"],
    }


def test_two_files_of_one_name_are_two_files(tmp_path: Path) -> None:
    texts = writing.files(imported(tmp_path, flow({"type": "close"})) * 2)

    assert list(texts) == ["a-flow.check.yaml", "a-flow-2.check.yaml"]


def test_what_strangers_wrote_stays_within_comments_and_values(tmp_path: Path) -> None:
    title = "../../x\nkind: http # \x1b[0m"
    texts = writing.files(imported(tmp_path, {"title": title, "steps": [{"type": "teleport\n- exit: pass"}, {"type": "click"}]}))
    ((path, text),) = texts.items()

    assert (path, "\x1b" in text) == ("x-kind-http-0m.check.yaml", False)
    assert [step["exit"] for step in yaml.safe_load(text)["steps"]] == ["fail", "fail"]


def leaves(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    return [path, *(leaf for key, value in items for leaf in leaves(value, (*path, key)))]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_broken_recording_is_refused_or_reported(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([*WHOLE, "ghost-inspector-test.json", "pingdom-ping.json"]))
    document = json.loads((RECORDINGS / name).read_text())
    path = data.draw(st.sampled_from(leaves(document)[1:]))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = data.draw(st.sampled_from([None, 7, -1.5, "", "text", [], [None], {}, {"a": 1}, True]))

    try:
        imports = imported(tmp_path_factory.getbasetemp(), document)
    except ImportRefused:
        return

    assert as_json(imports, True)["files"] is not None
    assert writing.files(imports) is not None


def test_the_page_says_what_becomes_of_every_step() -> None:
    page = (Path(__file__).parents[2] / "docs" / "migrating.md").read_text(encoding="utf-8")
    documented = json.loads((RECORDINGS / "documented.json").read_text())
    missing = {name for names in documented.values() for name in names if f"`{name}`" not in page}

    # Those that a row sums up.
    assert {name for name in missing if not name.startswith(("assert", "waitForElement"))} == set()
