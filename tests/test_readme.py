"""Every command of the README is run as it stands there, against what `make run` starts."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from bench.running import free_port

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
#: One command may go over several lines, within quotes.
COMMANDS = [command for block in BLOCKS for command in re.findall(r"(?:[^'\n]|'[^']*')+", block)]
#: Files that are to be written, and what is in them.
FILES = re.findall(r"`([\w/.]+)`:\n\n```yaml\n(.*?)```", README, re.DOTALL)
#: Fetching the checkout is what whoever runs this test has done; `make run` is the fixture.
DONE = ("git clone https://github.com/wideload/wideload", "cd wideload", "make run")


class Started:
    """What `make run` started, in a folder that looks like the checkout."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"127.0.0.1:{free_port()}"
        (folder / ".venv").symlink_to(ROOT / ".venv")
        for name, text in FILES:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text.replace("127.0.0.1:8080", self.address))
        settings = {"WIDELOAD_LISTEN": self.address, "WIDELOAD_DATA_DIR": str(folder / "data")}
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("WIDELOAD_")} | settings
        self.log = (folder / "log").open("w+b")
        self.process = subprocess.Popen(
            ["make", "run"], cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def printed(self) -> str:
        return (self.folder / "log").read_text()

    def wait(self) -> None:
        end = time.monotonic() + 60
        while "Demo page:" not in self.printed() and time.monotonic() < end:
            time.sleep(0.1)

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        text = command.replace("127.0.0.1:8080", self.address)
        return subprocess.run(text, shell=True, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False)

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)
        self.log.close()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    started = Started(tmp_path_factory.mktemp("checkout"))
    started.wait()
    yield started
    started.stop()


def test_make_run_prints_a_link_that_signs_in_a_tag_and_the_demo_page(started: Started) -> None:
    printed = started.printed()
    link = re.search(r"http://\S+/login\?token=\S+", printed)
    tag = re.search(r'<script async src="(http://\S+/beacon.js)" data-key="demo"></script>', printed)
    demo = re.search(r"http://\S+/demo/", printed)

    assert link and tag and demo, printed
    with httpx2.Client(follow_redirects=True) as browser:
        assert "<title>" in browser.get(link[0]).text
        assert browser.get(f"http://{started.address}/api/me").json()["demo"] is True
        assert browser.get(tag[1]).status_code == browser.get(demo[0]).status_code == 200


def test_the_tag_of_the_readme_is_the_one_that_is_printed(started: Started) -> None:
    (tag,) = re.findall(r"```html\n(.*?)\n```", README)

    assert tag.replace("127.0.0.1:8080", started.address) in started.printed()


def test_there_is_nothing_in_the_readme_that_this_does_not_run() -> None:
    assert [command for command in COMMANDS if command in DONE] == list(DONE)
    assert len(COMMANDS) == len(DONE) + 6


@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in DONE], ids=lambda c: c.split("\n")[0][:60])
def test_a_command_of_the_readme_works(started: Started, command: str) -> None:
    done = started.run(command)

    assert done.returncode == 0, done.stdout + done.stderr
    assert '"error"' not in done.stdout


@pytest.mark.parametrize("path", re.findall(r"\]\(([^):]+)\)", README))
def test_a_link_of_the_readme_leads_somewhere(path: str) -> None:
    assert (ROOT / path).exists()
