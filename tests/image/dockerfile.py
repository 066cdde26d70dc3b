"""Reads the Dockerfile and the .dockerignore. What is not known raises, so that nothing of them is passed over in silence."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Final

INSTRUCTIONS: Final = (
    *("ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM"),
    *("HEALTHCHECK", "LABEL", "RUN", "USER", "VOLUME", "WORKDIR"),
)


@dataclass(frozen=True)
class Instruction:
    """One instruction: its name, and what follows, with continued lines joined."""

    name: str
    value: str

    def words(self) -> list[str]:
        """Return the value as an exec form, or split as a shell would."""
        return list(json.loads(self.value)) if self.value.startswith("[") else shlex.split(self.value)

    def pairs(self) -> dict[str, str]:
        """Return NAME=VALUE pairs."""
        return dict(word.split("=", 1) for word in self.words())


@dataclass
class Stage:
    """A stage: its name, what it begins with, and its instructions."""

    name: str
    base: str
    instructions: list[Instruction] = field(default_factory=list)

    def last(self, name: str) -> Instruction | None:
        """Return the last instruction of this name."""
        return next((one for one in reversed(self.instructions) if one.name == name), None)


@dataclass(frozen=True)
class Dockerfile:
    """All stages, by name, the default target last."""

    stages: Mapping[str, Stage]

    @property
    def target(self) -> str:
        """What is built by default."""
        return list(self.stages)[-1]

    def lineage(self, name: str) -> Iterator[Stage]:
        """Yield a stage and those that it stands on, from the first to itself."""
        stage = self.stages[name]
        if stage.base in self.stages:
            yield from self.lineage(stage.base)
        yield stage

    @classmethod
    def read(cls, path: Path) -> Dockerfile:
        """Parse a file. Raises ValueError."""
        stages: dict[str, Stage] = {}
        arguments: dict[str, str] = {}
        for one in _instructions(path.read_text()):
            if one.name == "FROM":
                base, as_, name = one.value.split()
                if as_ != "AS":
                    raise ValueError(f"a stage without a name: {one.value}")
                stages[name] = stage = Stage(name, expand(base, arguments))
            elif not stages:
                arguments |= one.pairs()
            else:
                stage.instructions.append(one)
        return cls(stages)


def _instructions(text: str) -> Iterator[Instruction]:
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\\n\s*", "", lines).splitlines():
        if line:
            name, _, value = line.partition(" ")
            if name not in INSTRUCTIONS:
                raise ValueError(f"{name} is not known here")
            yield Instruction(name, value.strip())


def expand(text: str, values: Mapping[str, str]) -> str:
    """Replace ${NAME}. Raises KeyError."""
    return re.sub(r"\$\{(\w+)\}", lambda match: values[match[1]], text)


class Ignored:
    """What a .dockerignore leaves out: the last pattern that matches a path or a folder above it decides."""

    def __init__(self, path: Path) -> None:
        lines = [line.strip() for line in path.read_text().splitlines()]
        self._patterns = [line for line in lines if line and not line.startswith("#")]

    def __call__(self, path: str) -> bool:
        names = [path, *(str(parent) for parent in PurePosixPath(path).parents if str(parent) != ".")]
        is_ignored = False
        for pattern in self._patterns:
            wanted = pattern.removeprefix("!")
            if any(fnmatchcase(name, wanted) or fnmatchcase(f"/{name}", wanted.replace("**", "*")) for name in names):
                is_ignored = not pattern.startswith("!")
        return is_ignored
