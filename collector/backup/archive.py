"""The file: a tar archive that ends with a manifest, in which each file has its SHA-256. One that broke off has no manifest."""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from collector.errors import BackupError

MANIFEST: Final = "manifest.json"
#: Grows when an older Wideload could not read what a newer one writes.
FORMAT: Final = 1
_CHUNK: Final = 1 << 20
_BLOCK: Final = tarfile.BLOCKSIZE
Manifest = dict[str, Any]
Member = tuple[str, int, IO[bytes]]


def pack(files: Iterable[tuple[str, Path]], facts: Callable[[], Manifest]) -> Generator[bytes]:
    """Yield an archive in parts of about a megabyte.

    Args:
        files: names within it, and files that do not change any more; each is read before the next one is asked for.
        facts: what else the manifest says; called at the end.

    Raises:
        OSError: a file cannot be read.
    """
    return _joined(_parts(files, facts))


def _parts(files: Iterable[tuple[str, Path]], facts: Callable[[], Manifest]) -> Iterator[bytes]:
    digests: dict[str, str] = {}
    for name, path in files:
        stat = path.stat()
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = stat.st_size, stat.st_mode & 0o777, int(stat.st_mtime)
        yield info.tobuf(tarfile.PAX_FORMAT)
        digest = hashlib.sha256()
        with path.open("rb") as file:
            for part in _read(file, stat.st_size):
                digest.update(part)
                yield part
        yield bytes(-stat.st_size % _BLOCK)
        digests[name] = digest.hexdigest()
    body = json.dumps({"format": FORMAT, **facts(), "files": digests}).encode()
    info = tarfile.TarInfo(MANIFEST)
    info.size, info.mode = len(body), 0o600
    yield info.tobuf(tarfile.PAX_FORMAT) + body + bytes(-len(body) % _BLOCK + 2 * _BLOCK)


def _read(file: IO[bytes], size: int) -> Iterator[bytes]:
    while size:
        part = file.read(min(size, _CHUNK))
        if not part:
            raise OSError(f"{file.name} became shorter while it was read")
        size -= len(part)
        yield part


def _joined(parts: Iterable[bytes]) -> Generator[bytes]:
    kept: list[bytes] = []
    size = 0
    for part in parts:
        kept.append(part)
        size += len(part)
        if size >= _CHUNK:
            yield b"".join(kept)
            kept, size = [], 0
    yield b"".join(kept)


def check(file: Path) -> Manifest:
    """Read a whole archive and return its manifest.

    Raises:
        BackupError: it is not one, is not whole, or was changed.
    """
    found: dict[str, str] = {}
    manifest: Manifest | None = None
    with _reading(file) as members:
        for name, _, content in members:
            if name == MANIFEST:
                manifest = _manifest(file, content.read())
                continue
            digest = hashlib.sha256()
            while part := content.read(_CHUNK):
                digest.update(part)
            found[name] = digest.hexdigest()
    if manifest is None:
        raise BackupError(f"{file} is no backup, or broke off before its end: it has no {MANIFEST}. Use another one.")
    if wrong := [name for name in found.keys() | manifest["files"].keys() if found.get(name) != manifest["files"].get(name)]:
        raise BackupError(f"{file} is damaged: {sorted(wrong)[0]} and {len(wrong) - 1} other files of it differ. Use another one.")
    return manifest


def unpack(file: Path, folders: dict[str, Path]) -> None:
    """Write the files of an archive that was checked.

    Args:
        file: the archive.
        folders: by the first part of the names, where these files go; others are left out.

    Raises:
        BackupError, OSError: they cannot be written.
    """
    with _reading(file) as members:
        for name, mode, content in members:
            top, *rest = PurePosixPath(name).parts
            if top not in folders:
                continue
            path = folders[top].joinpath(*rest)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as target:
                path.chmod(mode)
                shutil.copyfileobj(content, target, _CHUNK)


@contextmanager
def _reading(file: Path) -> Iterator[Iterator[Member]]:
    try:
        with tarfile.open(file, "r|") as tar:
            yield _members(file, tar)
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(f"{file} cannot be read as a backup: {error}.") from error


def _members(file: Path, tar: tarfile.TarFile) -> Iterator[Member]:
    """Yield name, mode and content of each file; never one that would be written elsewhere than below its folder."""
    for info in tar:
        content = tar.extractfile(info) if info.isfile() else None
        parts = PurePosixPath(info.name).parts
        if content is None or not parts or ".." in parts or PurePosixPath(info.name).is_absolute():
            raise BackupError(f"{file} is no backup: {info.name[:200]!r} is not a file that one has.")
        yield info.name, info.mode & 0o777, content


def _manifest(file: Path, body: bytes) -> Manifest:
    try:
        manifest: Manifest = json.loads(body)
        number = manifest["format"]
        manifest["files"].items()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(f"{file} is no backup: its {MANIFEST} cannot be read ({error}).") from error
    if number > FORMAT:
        raise BackupError(f"{file} was written by Wideload {manifest.get('version')}: restore it with that version or a newer one.")
    return manifest
