"""Starts the process that runs checks, gives it jobs, and ends it when it takes too long."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Final

import orjson

from collector.checks.runs.child import READY
from collector.checks.runs.job import Job, Outcome
from collector.config.model import BROWSER_VARIABLE, PREFIX
from collector.errors import WideloadError

#: After so many jobs or seconds a new process takes over: browsers grow.
MAX_JOBS: Final = 50
MAX_SECONDS: Final = 3600.0
_START_SECONDS: Final = 60.0
_READ_BYTES: Final = 1 << 16


class ChildLost(WideloadError):
    """The process ended, or was ended, before it had an answer."""


class Child:
    """One process, started when it is first needed; for one thread.

    Args:
        environ: its environment; what is the collector's own (tokens, the store's password, secrets of checks) is left out.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        found = os.environ if environ is None else environ
        self._environ = {name: value for name, value in found.items() if not name.startswith(PREFIX) or name == BROWSER_VARIABLE}
        self._process: subprocess.Popen[bytes] | None = None
        self._jobs, self._begun_at = 0, 0.0

    def run(self, job: Job, seconds: float) -> list[Outcome]:
        """Run a job. Raises ChildLost: it broke off, or took longer than these seconds."""
        process = self._started()
        self._jobs += 1
        try:
            assert process.stdin is not None
            process.stdin.write(job.line())
            process.stdin.flush()
            line = self._read_line(process, seconds)
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                raise ChildLost("The process that ran it ended.") from None
            raise
        return [Outcome(**one) for one in orjson.loads(line)]

    def kill(self) -> None:
        """End the process and what it has started, at once; a `run` in another thread raises ChildLost."""
        if (process := self._process) and process.returncode is None:
            # It leads a process group of its own; a browser beyond that ends when its pipe breaks.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process and forget it."""
        self.kill()
        process, self._process = self._process, None
        if process is None:
            return
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    def _started(self) -> subprocess.Popen[bytes]:
        if self._jobs >= MAX_JOBS or time.monotonic() - self._begun_at > MAX_SECONDS:
            self.close()
        if self._process is None:
            command = [sys.executable, "-m", "collector.checks.runs.child"]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self._environ, start_new_session=True
            )
            self._jobs, self._begun_at = 0, time.monotonic()
            try:
                self._read_line(self._process, _START_SECONDS, READY)
            except BaseException:
                self.close()
                raise
        return self._process

    def _read_line(self, process: subprocess.Popen[bytes], seconds: float, expected: bytes = b"") -> bytes:
        assert process.stdout is not None
        end, kept = time.monotonic() + seconds, b""
        while not kept.endswith(b"\n"):
            left = end - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                raise ChildLost(f"It did not end within {seconds:g} s, and was ended.")
            part = os.read(process.stdout.fileno(), _READ_BYTES)
            if not part:
                raise ChildLost("The process that ran it ended.")
            kept += part
        if expected and kept != expected:
            raise ChildLost("The process that runs checks did not start as it should.")
        return kept
