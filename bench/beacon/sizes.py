"""What the scripts weigh, as files and compressed as a host that compresses ahead of time does it."""

from __future__ import annotations

import subprocess
import zlib
from collections.abc import Callable, Sequence

from bench.beacon.report import Row
from bench.beacon.subjects import Subject

_BROTLI = """
import {readFileSync} from 'node:fs';
import {brotliCompressSync, constants as c} from 'node:zlib';
const script = readFileSync(0);
const params = {[c.BROTLI_PARAM_QUALITY]: 11, [c.BROTLI_PARAM_MODE]: c.BROTLI_MODE_TEXT, [c.BROTLI_PARAM_SIZE_HINT]: script.length};
console.log(brotliCompressSync(script, {params}).length);
"""


def brotli_bytes(script: bytes) -> int:
    """Return a script's length under brotli at its best."""
    command = ["node", "--input-type=module", "--eval", _BROTLI]
    return int(subprocess.run(command, input=script, check=True, stdout=subprocess.PIPE).stdout)


def gzip_bytes(script: bytes) -> int:
    """Return a script's length under gzip at its best."""
    squeezed = zlib.compressobj(9, zlib.DEFLATED, 31)
    return len(squeezed.compress(script) + squeezed.flush())


def measure(subjects: Sequence[Subject]) -> list[Row]:
    """Weigh every script."""

    def row(what: str, limit: str, weigh: Callable[[bytes], int]) -> Row:
        return Row(what, limit, {subject.name: weigh(subject.script) for subject in subjects}, is_compared=True)

    return [
        row("script, B", "", len),
        row("script, gzip -9, B", "", gzip_bytes),
        row("script, brotli -11, B", "7,168; full 8,192", brotli_bytes),
    ]
