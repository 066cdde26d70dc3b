"""The metrics of several workers as one text."""

from __future__ import annotations

import asyncio
from pathlib import Path

from collector.siblings import Siblings, merged

ONE = '# HELP a Of a.\n# TYPE a counter\na 1.0\n# HELP b Of b.\n# TYPE b gauge\nb{x="1"} 2.0\n'


def test_series_of_workers_get_a_label_and_families_stay_together() -> None:
    assert merged({"": ONE, "2": ONE}).splitlines() == [
        "# HELP a Of a.",
        "# TYPE a counter",
        "a 1.0",
        'a{worker="2"} 1.0',
        "# HELP b Of b.",
        "# TYPE b gauge",
        'b{x="1"} 2.0',
        'b{x="1",worker="2"} 2.0',
    ]


def test_whoever_is_asked_tells_of_all_and_leaves_out_who_is_gone(tmp_path: Path) -> None:
    homes = [tmp_path / "ingest" / number for number in ("1", "2", "3")]
    for home in homes:
        home.mkdir(parents=True)

    async def ask() -> bytes:
        one, two, gone = (Siblings(tmp_path, ONE.encode, home) for home in homes)
        for worker in (one, two, gone):
            await worker.start()
        assert gone._server
        gone._server.close()
        await gone._server.wait_closed()
        try:
            return await one.metrics()
        finally:
            one.stop()
            two.stop()

    text = asyncio.run(ask()).decode()
    assert [line for line in text.splitlines() if line.startswith("a")] == ['a{worker="1"} 1.0', 'a{worker="2"} 1.0']
