"""Takes a picture of every view, in every look, and keeps them in docs/screenshots, or compares them with those.

    python -m tests.screenshots [--check] [--only VIEW ...]

The data is one week of the demo shop, always the same one. Pictures of other fonts or another Chromium are others: `--check` says
so and stops.
"""

from __future__ import annotations

import argparse
import json
import sys

from playwright.sync_api import sync_playwright

from bench.beacon.browser import CHROMIUM
from bench.viewer.reader import sign_in
from tests.screenshots.pictures import FOLDER, MADE_WITH, difference, encode, made_here, made_with
from tests.screenshots.shoot import ARGUMENTS, LOOKS, opened, shoot
from tests.screenshots.shop import serving
from tests.screenshots.views import views


def main() -> None:
    """Take them."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true", help="compare, and keep nothing")
    arguments.add_argument("--only", nargs="*", default=[], metavar="VIEW")
    options = arguments.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    problems = []
    with sync_playwright() as playwright, serving() as running:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        here, kept = made_here(browser.version), made_with()
        if options.check and here != kept:
            sys.exit(f"The pictures were made with {kept}, and here is {here}: they cannot be compared.")
        cookies = sign_in(browser, running)
        chosen = [view for view in views(running) if not options.only or view.name in options.only]
        for look in LOOKS:
            with opened(browser, look, cookies) as page:
                for view in chosen:
                    picture, file = shoot(page, running, view, look), FOLDER / f"{view.name}-{look.name}.webp"
                    if options.check and (found := difference(file, picture)):
                        problems.append(f"{file.name}: {found}")
                    # What nobody would see makes no other file.
                    if not options.check and difference(file, picture):
                        file.write_bytes(encode(picture))
                        print(f"{file.name}: {file.stat().st_size:,} bytes")
        browser.close()
    if not options.check:
        MADE_WITH.write_text(json.dumps(here, indent=2) + "\n")
    # An empty text would be a failure, too.
    sys.exit("\n".join(problems) or None)


if __name__ == "__main__":
    main()
