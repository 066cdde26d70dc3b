"""docs/access.md: its commands work in their order, and its configuration is accepted."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from collector.access.identity import ROLES, SCOPES
from collector.cli import main
from collector.config import load_settings
from collector.telemetry import METRICS

PAGE = (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8")
DATASETS = "[datasets.shop]\n[datasets.blog]\n"


def test_the_commands_work_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "w.toml").write_text(DATASETS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WIDELOAD_CONFIG", "w.toml")
    commands = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]

    for command in commands:
        result = CliRunner().invoke(main, shlex.split(command)[1:], input="correct horse battery\n")
        assert result.exit_code == 0, f"{command}: {result.output}"
    assert len(commands) == 14


def test_the_configuration_is_accepted(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "w.toml").write_text(example + DATASETS)

    assert load_settings({}, {"config": str(tmp_path / "w.toml")}).oidc.oidc_client_id == "wideload"


def test_every_role_scope_and_counter_is_explained() -> None:
    assert all(f"| {role} | `{scope}` |" in PAGE for role, scope in zip(ROLES, SCOPES, strict=True))
    counted = {metric.name for metric in METRICS if "sign_ins" in metric.name or "private" in metric.name}
    assert all(f"`{name}_total`" in PAGE for name in counted) and len(counted) == 2
