"""What `helm test` runs in a pod, run against a collector."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench.running import Running
from tests.helm.charts import named, render


def smoke(collector: Running, folder: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run the pod's own command with the variables that its manifest names."""
    (container,) = named(render(), "Pod", "rum-wideload-test")["spec"]["containers"]
    (folder / "token").write_text(collector.token + "\n")
    chosen: dict[str, Any] = {"PUBLIC_URL": collector.url, "PRIVATE_URL": collector.url, "DATASET": "demo", "SITE_KEY": "demo",
                              "ORIGIN": "https://shop.example", "TOKEN_FILE": str(folder / "token"), **changes}  # fmt: skip
    assert chosen.keys() == {variable["name"] for variable in container["env"]}
    return subprocess.run([*container["command"], *container["args"]], env=chosen, capture_output=True, text=True, check=False)


def test_a_beacon_that_is_posted_is_found(live_collector: Running, tmp_path: Path) -> None:
    done = smoke(live_collector, tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert "was acknowledged, stored and found" in done.stdout


@pytest.mark.parametrize(("variable", "value"), [("SITE_KEY", "unknown"), ("TOKEN_FILE", "/dev/null")])
def test_what_is_wrong_is_said(live_collector: Running, tmp_path: Path, variable: str, value: str) -> None:
    done = smoke(live_collector, tmp_path, **{variable: value})

    assert done.returncode == 1
    assert "Traceback" not in done.stderr and done.stderr.strip()
