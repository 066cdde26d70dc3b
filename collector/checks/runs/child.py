"""The process that runs checks: `python -m collector.checks.runs.child`. A job a line comes in, the outcomes go out as one.

A check or a browser that hangs or crashes takes this process with it, and not the collector. When whoever started it is gone, it
ends at once with all that it has started.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from collector.checks.files.load import Check, load
from collector.checks.files.rows import read_rows
from collector.checks.marks import Mark
from collector.checks.runs.events import events_of
from collector.checks.runs.job import Job, Outcome
from collector.checks.runs.run import Order, Run, Runner
from collector.errors import WideloadError

#: What starts it waits for this word.
READY: Final = b"ready\n"


def outcomes(job: Job, runner: Runner) -> list[Outcome]:
    """Run a job. A check that cannot be read gives no data."""
    try:
        check = _read(job)
        rows = read_rows(check)
    except WideloadError as error:
        return [Outcome(one.run_id, "no_data", "config_error", str(error), []) for one in job.runs]
    found = []
    for one in job.runs:
        if one.row > len(rows):
            text = f"{check.data} has no row {one.row} any more."
            found.append(Outcome(one.run_id, "no_data", "config_error", text, []))
            continue
        order = Order(
            check, Mark(one.run_id, one.mark, one.expires_at), job.location, job.trigger,
            max(0.0, round((time.time() - job.slot_at) * 1000)), one.row, rows[max(one.row, 1) - 1], {}, job.secrets,
            job.allow_private, Path(job.evidence_dir) if job.evidence_dir else None, job.collector, budgets=job.budgets,
        )  # fmt: skip
        found.append(_outcome(runner.run(order)))
    return found


def _read(job: Job) -> Check:
    checks, problems = load([Path(job.file)])
    if problems:
        raise WideloadError("\n".join(map(str, problems)))
    # Its name may come from a path that is another one here.
    return replace(checks[0], name=job.name)


def _outcome(run: Run) -> Outcome:
    verdict = run.verdict
    evidence = [run.mask.deep(asdict(piece)) for made in run.tries for piece in made.attempt.evidence]
    return Outcome(
        run.order.mark.run_id, verdict.status, verdict.reason, run.mask(verdict.message), events_of(run), evidence,
        [asdict(one) for one in run.tries[-1].attempt.comparisons],
    )  # fmt: skip


def main(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Run jobs until there are no more."""
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs, waiting), daemon=True).start()
    with Runner() as runner:
        answers.write(READY)
        answers.flush()
        while True:
            found: list[dict[str, Any]] = [asdict(one) for one in outcomes(Job.read(waiting.get()), runner)]
            answers.write(orjson.dumps(found) + b"\n")
            answers.flush()


def _listen(jobs: BinaryIO, waiting: queue.SimpleQueue[bytes]) -> None:
    for line in jobs:
        waiting.put(line)
    # Whoever started this is gone, perhaps killed. It leads its process group, so what it has started ends, too.
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    logging.basicConfig(level="WARNING", format="%(levelname)-7s %(name)s: %(message)s")
    private = os.fdopen(os.dup(1), "wb")
    # What a check prints must not be taken for an answer.
    os.dup2(2, 1)
    main(sys.stdin.buffer, private)
