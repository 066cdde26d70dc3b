"""`wideload ready`, as a container's health check runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bench.running import Running, free_port
from collector.cli import main


def ready(*arguments: str, **settings: str) -> Result:
    environment = {f"WIDELOAD_{name.upper()}": value for name, value in settings.items()}
    return CliRunner(env=environment).invoke(main, ["ready", *arguments])


def test_a_collector_that_takes_beacons_is_ready(live_collector: Running) -> None:
    found = ready(listen=live_collector.url.removeprefix("http://"))

    assert (found.exit_code, "says 'ok'" in found.output) == (0, True)


def test_a_configuration_file_that_has_become_bad_does_not_make_a_collector_ill(live_collector: Running, tmp_path: Path) -> None:
    (tmp_path / "wideload.toml").write_text("nonsense")

    assert ready(listen=live_collector.url.removeprefix("http://"), config=str(tmp_path / "wideload.toml")).exit_code == 0


@pytest.mark.parametrize("arguments", [(), ("--url", "nonsense")])
def test_without_a_collector_there_is_a_sentence(arguments: tuple[str, ...]) -> None:
    found = ready(*arguments, listen=f"127.0.0.1:{free_port()}")

    assert found.exit_code == 1
    assert found.output.startswith("wideload: ")
    assert "Traceback" not in found.output
