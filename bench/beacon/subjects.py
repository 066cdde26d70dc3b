"""The scripts under measurement: ours as it is built, its rivals as a site would bundle them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILT = ROOT / "collector/static/beacon"
ESBUILD = ROOT / "beacon_js/node_modules/.bin/esbuild"

#: Stands in a rival's bundle for the address that it reports to; as long as a real one, because the bundle is weighed.
INGEST = "http://ingest.invalid"

OURS = {"ours": "beacon.js", "ours-full": "beacon.full.js"}
#: The npm packages behind the files of `rivals/`.
RIVALS = {"web-vitals": "web-vitals", "web-vitals-routes": "web-vitals", "lux": "@speedcurve/lux"}
NAMES = (*OURS, *RIVALS)

#: The bare page.
NONE = "none"


@dataclass(frozen=True)
class Subject:
    """A script that a page can carry. The bare page has an empty one."""

    name: str
    script: bytes = b""

    @property
    def is_ours(self) -> bool:
        """Whether it speaks our protocol."""
        return self.name.startswith("ours")


def find_subjects(only: Sequence[str] = NAMES, script: Path | None = None) -> list[Subject]:
    """Return the named ones; `script` takes the place of ours. What is not built is left out with a sentence."""
    unknown = sorted(set(only) - set(NAMES))
    if unknown:
        sys.exit(f"There is no beacon named {', '.join(unknown)}; there are {', '.join(NAMES)}.")
    found = []
    for name in only:
        if name in RIVALS:
            found.append(Subject(name, _bundle(name)))
            continue
        path = script if script and name == "ours" else BUILT / OURS[name]
        if path.is_file():
            found.append(Subject(name, path.read_bytes()))
        else:
            print(f"{name} is left out: there is no {path}; `make build` makes what this version has.", file=sys.stderr)
    return found


def rival_version(name: str) -> str:
    """Return the version in the lock."""
    packages = json.loads((HERE / "package-lock.json").read_text())["packages"]
    return str(packages[f"node_modules/{RIVALS[name]}"]["version"])


def _bundle(name: str) -> bytes:
    if not ESBUILD.exists():
        sys.exit(f"The rivals are bundled by esbuild, and there is no {ESBUILD}: run `make build` first.")
    if not (HERE / "node_modules").exists():
        subprocess.run(["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    options = ["--bundle", "--minify", "--format=iife", "--target=es2020", "--legal-comments=none", "--log-level=error"]
    command = [str(ESBUILD), f"rivals/{name}.js", *options, f"--define:INGEST={json.dumps(INGEST)}"]
    return subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.PIPE).stdout
