"""Reads rules: of the published shape, with windows, and questions that can be asked. A problem names file and line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator

from collector.alerts.question import QuestionError, read_question
from collector.alerts.rules import CheckRule, Policy, QueryRule, Rule, Threshold
from collector.alerts.spans import seconds
from collector.alerts.windows import Window, read_window
from collector.yaml_files import Problem, YamlFile, find_files, load_files, name_below, need_yaml, read_yaml

ENDING: Final = ".alert.yaml"
#: Names of rules are paths below a folder of this name.
FOLDER: Final = "alerts"
SCHEMA: Final[dict[str, Any]] = orjson.loads((Path(__file__).parent / "alert.json").read_bytes())
KINDS: Final = tuple(SCHEMA["$defs"])
_VALIDATORS: Final = {kind: Draft202012Validator(SCHEMA["$defs"][kind]) for kind in KINDS}


def find(paths: Sequence[Path]) -> list[Path]:
    """Return the rules' files that are named, and those below named folders. Raises WideloadError: there is nothing there."""
    return find_files(paths, ENDING, "file of a rule")


def load(paths: Sequence[Path]) -> tuple[list[Rule], list[Problem]]:
    """Return the rules of these files, and what is wrong with the others. Raises WideloadError: PyYAML is missing."""
    need_yaml("Rules", "alerts")
    return load_files(paths, _load_one)


def _load_one(path: Path) -> Rule | list[Problem]:
    file = read_yaml(path, "A rule")
    if isinstance(file, list):
        return file
    kind = str(file.content.get("kind"))
    if kind not in KINDS:
        return [file.problem(f"kind is {kind!r}; it must be one of {', '.join(KINDS)}.", "kind")]
    schema = SCHEMA["$defs"][kind]
    if problems := file.mistakes(f"A rule of the kind {kind}", schema, _VALIDATORS[kind]):
        return problems
    filled = {key: one["default"] for key, one in schema["properties"].items() if "default" in one} | file.content
    windows = _windows(file, problems)
    common = {
        "name": filled.get("id") or name_below(path, FOLDER, ENDING),
        "description": filled.get("description", ""),
        "runbook": filled.get("runbook", ""),
        "dataset": filled["dataset"],
        "severity": filled["severity"],
        "channels": tuple(filled.get("channels", ())),
        "maintenance": windows,
        "policy": _policy(filled),
        "path": path,
    }
    common["title"] = filled.get("title", common["name"])
    if kind == "check":
        return problems or _check(filled, common)
    if "query" in filled:
        try:
            read_question(filled["query"], filled["dataset"], filled.get("calculation", ""), seconds(filled["window"]))
        except QuestionError as error:
            problems.append(file.problem(str(error), error.part if error.part in filled else "query"))
    return problems or _query(filled, common)


def _windows(file: YamlFile, problems: list[Problem]) -> tuple[Window, ...]:
    windows = []
    for index, part in enumerate(file.content.get("maintenance", ())):
        try:
            windows.append(read_window(part))
        except ValueError as error:
            problems.append(file.problem(f"maintenance.{index}: {error}", "maintenance", index))
    return tuple(windows)


def _policy(filled: dict[str, Any]) -> Policy:
    return Policy(
        for_seconds=seconds(filled["for"]) if "for" in filled else 0,
        no_data_alerts=filled["no_data"] == "alert",
        # The runs of a check are old enough when there is said to be no data; answers are asked for all the time.
        no_data_seconds=seconds(filled["no_data_after"]) if filled["kind"] == "query" else 0,
        remind_seconds=seconds(filled["remind_every"]) if "remind_every" in filled else 0,
    )


def _check(filled: dict[str, Any], common: dict[str, Any]) -> CheckRule:
    count, _, word = filled["fail_after"].partition(" ")
    chosen = filled["checks"]
    return CheckRule(
        **common,
        names=tuple(chosen.get("names", ())),
        suites=tuple(chosen.get("suites", ())),
        tags=tuple(chosen.get("tags", ())),
        fail_runs=int(count) if word else 0,
        fail_seconds=0 if word else seconds(count),
        recover_runs=int(filled["recover_after"].partition(" ")[0]),
        share=int(filled.get("share_of_locations", "0%").rstrip("%")) / 100,
        degraded_fails=filled["degraded_fails"],
        stale_seconds=seconds(filled["no_data_after"]),
        parent=filled.get("parent", ""),
        together=filled["one_incident_for"] == "all",
    )


def _query(filled: dict[str, Any], common: dict[str, Any]) -> QueryRule:
    return QueryRule(
        **common,
        query=filled.get("query"),
        query_id=filled.get("query_id", ""),
        calculation=filled.get("calculation", ""),
        when=Threshold.read(filled["when"]),
        recover_when=Threshold.read(filled["recover_when"]) if "recover_when" in filled else None,
        window=seconds(filled["window"]),
        minimum_samples=filled["minimum_samples"],
    )


def unknown_channels(rules: Sequence[Rule], known: Collection[str]) -> list[Problem]:
    """Return the rules that name a channel which there is not."""
    there = f"there are: {', '.join(known)}." if known else "there are none: write channels.yaml beside the rules."
    return [Problem(rule.path, 1, f"The rule names the channel {name!r}; {there}")
            for rule in rules for name in rule.channels if name not in known]  # fmt: skip
