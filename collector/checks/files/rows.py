"""Rows of data: a CSV file with a heading, of which each row is a run of the check."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from collector.checks.files.load import Check
from collector.checks.variables import NAME
from collector.errors import WideloadError

MAX_ROWS: Final = 1000


def read_rows(check: Check) -> list[dict[str, str]]:
    """Return the rows of a check by the names of their columns; one without columns for a check without data.

    Raises:
        WideloadError: the file cannot be read as rows of variables.
    """
    if check.data is None:
        return [{}]
    try:
        with check.data.open(encoding="utf-8-sig", newline="") as file:
            heading, *rows = [row for row in csv.reader(file, strict=True) if row] or [[]]
    except OSError as error:
        raise WideloadError(f"{check.data}, the data of {check.name}, cannot be read: {error.strerror}.") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise WideloadError(f"{check.data}, the data of {check.name}, is not CSV in UTF-8: {error}.") from None
    _check_heading(check.data, heading)
    if not 0 < len(rows) <= MAX_ROWS:
        raise WideloadError(f"{check.data} has {len(rows):,} rows below its heading; it must have 1 to {MAX_ROWS:,}.")
    for number, row in enumerate(rows, 1):
        if len(row) != len(heading):
            raise WideloadError(f"{check.data}: row {number} has {len(row)} cells, and the heading {len(heading)}.")
    return [dict(zip(heading, row, strict=True)) for row in rows]


def _check_heading(path: Path, heading: list[str]) -> None:
    wrong = [name for name in heading if not NAME.fullmatch(name)]
    if wrong or not heading or len(set(heading)) < len(heading):
        text = f"{path}: the first row must name variables, each once, such as `user,card_type`"
        raise WideloadError(f"{text}; {wrong[0]!r} is none." if wrong else f"{text}.")
