"""`python -m tests.fuzz SECONDS [TARGET [CORPUS]]`: fuzz targets under atheris (libFuzzer), one after another, each for so long.

What is new to a target is added to the corpus, and what breaks it stands beside that as `crash-…`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["collector.ingest"]):
    from tests.fuzz.targets import CORPUS, TARGETS


def fuzz(name: str, seconds: str, corpus: Path) -> None:
    """Fuzz one target; ends the process, with 0 if nothing was found."""
    folder = corpus / name
    arguments = [
        f"-max_total_time={seconds}",
        "-max_len=4096",
        "-timeout=5",
        "-rss_limit_mb=2048",
        f"-artifact_prefix={folder}/crash-",
    ]
    atheris.Setup([sys.argv[0], *arguments, str(folder)], TARGETS[name])
    atheris.Fuzz()


def main(seconds: str, name: str = "", corpus: str = "") -> None:
    """Fuzz one target, or all of them."""
    if name:
        fuzz(name, seconds, Path(corpus or CORPUS))
    for each in TARGETS:
        subprocess.run([sys.executable, "-m", "tests.fuzz", seconds, each], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
