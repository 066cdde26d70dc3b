"""`wideload check run` against a site and a running collector."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from bench.running import Running
from collector.cli import main
from tests.checks.served import Server, site


@pytest.fixture
def shop() -> Iterator[Server]:
    with site() as server:
        yield server


def write(
    folder: Path, server: Server, name: str = "front", path: str = "/", expect: str = "status == 200", more: str = ""
) -> Path:
    file = folder / "checks" / f"{name}.check.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"kind: http\nurl: http://127.0.0.1:{server.server_port}{path}\nexpect: ['{expect}']\n{more}")
    return file


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["check", "run", "--allow-private", *map(str, arguments)], catch_exceptions=False)


def test_a_run_is_in_the_collector_when_the_command_returns(tmp_path: Path, shop: Server, live_collector: Running) -> None:
    name = f"t{uuid4().hex[:8]}"
    write(tmp_path, shop, name, "/flaky", more="attempts: 2\nbackoff: 0\nsuite: Shop\n")
    result = run(tmp_path, "--url", live_collector.url, "--token", live_collector.token, "--wait", "--location", "ci-1")

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "1 run: 1 pass, 1 flaky. Reported to the dataset demo."
    found = live_collector.query(
        breakdowns=["kind", "check.status", "check.is_final", "check.location", "user_agent.is_bot"],
        filters=[{"column": "check.name", "op": "=", "value": name}], disable_series=True,
    )["results"]  # fmt: skip
    counts = {(one["data"]["kind"], one["data"]["check.status"]): one["data"]["COUNT"] for one in found}
    assert counts == {("check_run", "fail"): 1, ("check_run", "pass"): 1, ("probe", "fail"): 1, ("probe", "pass"): 1}
    assert {(one["data"]["check.location"], one["data"]["user_agent.is_bot"]) for one in found} == {("ci-1", True)}


def test_without_a_collector_a_run_still_says_how_it_went(tmp_path: Path, shop: Server) -> None:
    write(tmp_path, shop)
    write(tmp_path, shop, "broken", expect="status == 404")

    result = run(tmp_path, "--no-report", "--junit", tmp_path / "out.xml")

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].startswith("FAIL      broken  (")
    assert lines[1].strip() == "status == 404: status is 200."
    assert lines[2].startswith("pass      front  (")
    assert lines[-1] == "2 runs: 1 pass, 1 fail."
    assert ElementTree.parse(tmp_path / "out.xml").getroot().find("testsuite").get("failures") == "1"  # type: ignore[union-attr]


def test_what_cannot_be_reported_is_an_exit_code_of_its_own(tmp_path: Path, shop: Server) -> None:
    result = run(write(tmp_path, shop), "--url", "http://127.0.0.1:1", "--token", "x" * 16)

    assert (result.exit_code, result.stdout.splitlines()[-1]) == (3, "1 run: 1 pass.")
    assert "The collector was not told: Nobody answers at http://127.0.0.1:1" in result.stderr


def test_nothing_is_known_without_a_secret(tmp_path: Path, shop: Server) -> None:
    result = run(write(tmp_path, shop, path="/${key}", more="secrets: [key]\n"), "--no-report")

    assert (result.exit_code, result.stdout.splitlines()[-1]) == (4, "1 run: 1 no data.")


def test_secrets_come_from_a_file_and_are_not_printed(tmp_path: Path, shop: Server) -> None:
    (tmp_path / "secrets.env").write_text("key = hush-hush\n")
    check = write(tmp_path, shop, path="/${key}", expect="body contains ${key}", more="secrets: [key]\n")
    result = run(check, "--no-report", "--secrets", tmp_path / "secrets.env", "--json")

    assert (result.exit_code, shop.seen[0][0]) == (1, "/hush-hush")
    assert "hush" not in result.output
    (made,) = json.loads(result.stdout)
    assert (made["status"], made["attempts"][0]["conditions"][0]["holds"]) == ("fail", False)


def test_rows_and_variables_make_runs(tmp_path: Path, shop: Server) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "pages.csv").write_text("page\ndata\nold\n")
    write(tmp_path, shop, path="/${page}?v=${version}", more="data: pages.csv\nvariables: {version: null}\n")
    result = run(tmp_path, "--no-report", "--var", "version=4.2")

    assert [path for path, _ in shop.seen][:2] == ["/data?v=4.2", "/old?v=4.2"]
    assert "front (row 2)" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--tag", "nothing"), "Known tags: smoke"),
        (("--var", "base"), "--var base: write NAME=VALUE"),
        (("--var", "bas=1"), "that a check has under `variables`: base"),
        (("--secrets", "nowhere"), "nowhere of secrets cannot be read"),
        (("nowhere",), "nowhere does not exist"),
    ],
)
def test_a_mistake_in_the_command_is_told_before_anything_runs(
    tmp_path: Path, shop: Server, arguments: tuple[str, ...], part: str
) -> None:
    write(tmp_path, shop, more="tags: [smoke]\nvariables: {base: a}\n")
    result = run(tmp_path, "--no-report", *arguments)

    assert (result.exit_code, part in result.stderr, shop.seen) == (2, True, []), result.output


def test_a_mistake_in_a_file_is_told_with_its_line(tmp_path: Path, shop: Server) -> None:
    result = run(write(tmp_path, shop, more="evry: 5m\n"), "--no-report")

    assert (result.exit_code, "front.check.yaml:4: A check of the kind http has no evry; did you mean every?" in result.stderr) == (
        2, True,
    )  # fmt: skip


def test_tags_choose_checks(tmp_path: Path, shop: Server) -> None:
    write(tmp_path, shop, "one", "/one", more="tags: [smoke]\n")
    write(tmp_path, shop, "two", "/two")
    run(tmp_path, "--no-report", "--tag", "smoke")

    assert [path for path, _ in shop.seen] == ["/one"]
