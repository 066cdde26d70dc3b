"""Check files are read, and their mistakes are named with file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from collector.checks.conditions import OPERATORS
from collector.checks.files.load import find, load
from collector.checks.files.schema import KINDS, SCHEMA
from collector.checks.files.steps import COMMON, VERBS
from collector.cli import main

GOOD = "kind: http\nurl: https://shop.example/\nexpect:\n  - status == 200\n"
PAGE = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")


def write(folder: Path, text: str, name: str = "checks/shop/front.check.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_check_is_called_after_its_path_and_has_defaults(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (check,), problems = load(find([tmp_path]))

    assert problems == []
    assert (check.name, check.title, check.attempts, check.options["method"]) == ("shop/front", "shop/front", 1, "GET")
    assert [condition.path for condition in check.expect] == ["status"]


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("kind: htpp\n", 1, "must be one of http"),
        ("kind: http\nexpect: [status == 200]\n", 1, "'url' is a required property"),
        ("kind: http\nurl: https://a.example\nexpect: []\n", 3, "expect: "),
        ("kind: http\nurl: file:///etc/passwd\nexpect: [status == 200]\n", 2, "does not match"),
        (GOOD + "metod: POST\n", 5, "did you mean method?"),
        (GOOD + "  - status = 200\n", 5, "needs one of =="),
        (GOOD + "kind: tcp\n", 5, "a second time"),
        ("kind: [\n", 2, "not YAML"),
        ("- kind\n", 1, "is a mapping"),
        ("", 1, "is a mapping"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, part: str) -> None:
    checks, problems = load([write(tmp_path, text)])

    assert checks == []
    assert (problems[0].line, part in problems[0].message) == (line, True), problems


@pytest.mark.parametrize(
    ("step", "line", "part"),
    [
        ("clik: a", 5, "did you mean click?"),
        ("name: nothing", 5, "does nothing"),
        ("click: a\n    fill: b", 5, "does one thing"),
        ("fill: a", 5, "'value' is a required property"),
        ("fill: a\n    valeu: b", 6, "did you mean value?"),
        ("click: 1", 5, "click is 1, which it cannot be. The element"),
        ("scroll: [1]", 5, "which it cannot be"),
        ("use: missing.module.yaml", 4, "cannot be read"),
        ("use: self.module.yaml", 4, "uses itself"),
        ("request: /a\n    expect: [status = 1]", 6, "needs one of =="),
        ("open: ${bas}", 4, "${bas} is not named"),
    ],
)
def test_a_mistake_in_a_step_is_named_with_its_line(tmp_path: Path, step: str, line: int, part: str) -> None:
    write(tmp_path, "steps: [{use: self.module.yaml}]", "checks/shop/self.module.yaml")
    path = write(tmp_path, f"kind: journey\nurl: https://shop.example\ntimeout: 60\nsteps:\n  - {step}\n")
    checks, problems = load([path])

    assert checks == []
    assert part in problems[-1].message, problems
    assert problems[-1].line in (line, line - 1)


def test_a_module_is_put_into_the_journeys_that_use_it(tmp_path: Path) -> None:
    write(tmp_path, "title: Sign in\nsteps:\n  - fill: '#user'\n    value: ${user}\n", "checks/parts/sign-in.module.yaml")
    use = "  - use: ../parts/sign-in.module.yaml\n    with: {user: jane}\n"
    (check,), problems = load([write(tmp_path, f"kind: journey\nsteps:\n{use}")])

    assert problems == []
    assert check.options["steps"][0]["name"] == "Sign in"
    assert check.options["steps"][0]["steps"] == [{"fill": "#user", "value": "${user}"}]


def test_no_key_of_a_step_is_the_verb_of_another() -> None:
    assert not [key for verb in VERBS.values() for key in {**verb.more, **COMMON} if key in VERBS]


def test_two_checks_cannot_have_one_name(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, f"id: shop/front\n{GOOD}", "checks/other.check.yaml")
    checks, problems = load(find([tmp_path]))

    assert (len(checks), len(problems)) == (1, 1)


def test_files_that_kubernetes_has_mounted_are_found_once(tmp_path: Path) -> None:
    (tmp_path / "..2026_11_25").mkdir()
    (tmp_path / "..2026_11_25" / "front.check.yaml").touch()
    (tmp_path / "..data").symlink_to("..2026_11_25")
    (tmp_path / "front.check.yaml").symlink_to("..data/front.check.yaml")

    assert find([tmp_path]) == [tmp_path / "front.check.yaml"]


def test_lint_says_what_is_wrong_and_fails(tmp_path: Path) -> None:
    path = write(tmp_path, "kind: nothing\n")
    result = CliRunner().invoke(main, ["check", "lint", str(tmp_path)])

    assert (result.exit_code, result.output.startswith(f"{path}:1: kind is 'nothing'")) == (1, True)


def test_lint_is_content_with_the_example_of_the_docs(tmp_path: Path) -> None:
    write(tmp_path, re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0])
    result = CliRunner().invoke(main, ["check", "lint", str(tmp_path)])

    assert (result.exit_code, result.output) == (0, "1 check, no mistakes.\n")


def test_the_page_names_every_kind_and_operator() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert all(f"| `{kind}` |" in PAGE for kind in KINDS)
    assert all(f"`{operator}`" in PAGE for operator in OPERATORS)
