"""Carries out a Dockerfile without a container engine: every stage is a folder, its steps run with that folder as their root.

It needs root, debootstrap and the network. Debian's own bootstrap stands for the `debian` image, with what the slim one leaves out
left out; for the `node` image the same with the Node of this machine.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from tests.image.dockerfile import Dockerfile, Ignored, Instruction, Stage, expand

ROOT: Final = Path(__file__).parents[2]
CACHE: Final = ROOT / ".venv" / "image"
_MIRROR: Final = "http://deb.debian.org/debian"
#: What Debian's slim images leave out: https://github.com/debuerreotype/debuerreotype/blob/master/scripts/.slimify-excludes
_SLIM: Final = (
    "usr/share/doc",
    "usr/share/info",
    "usr/share/lintian",
    "usr/share/locale",
    "usr/share/man",
    "var/cache",
    "var/lib/apt/lists",
)
#: Names of a file with certificates, where a proxy of this machine has its own.
_CERTIFICATES: Final = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "npm_config_cafile")
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def reason_to_skip() -> str:
    """Return why the steps cannot be carried out on this machine; empty if they can."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        return "only root can change roots and mount"
    missing = [name for name in ("debootstrap", "chroot", "setpriv", "npm") if not shutil.which(name)]
    return f"there is no {missing[0]} here" if missing else ""


@dataclass(frozen=True)
class Image:
    """What a stage has become: a folder, and how it is run."""

    root: Path
    environment: Mapping[str, str] = field(default_factory=lambda: {"PATH": _PATH})
    user: str = "0:0"
    folder: str = "/"
    entrypoint: Sequence[str] = ()
    command: Sequence[str] = ()
    health: Sequence[str] = ()
    volumes: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    def size_mb(self) -> float:
        """Return the bytes of all files in MB (10⁶)."""
        done = subprocess.run(["du", "--summarize", "--bytes", self.root], capture_output=True, text=True, check=True)
        return int(done.stdout.split()[0]) / 1e6

    def start(
        self, command: Sequence[str], mounts: Mapping[str, Path], variables: Mapping[str, str], **options: Any
    ) -> subprocess.Popen[str]:
        """Start a command as a hardened runtime does: the root read-only, no capability, no new privileges, a `/tmp` in memory.

        Args:
            command: what to run, by default the image's own.
            mounts: folders of this machine, by their places within.
            variables: environment variables beside those of the image.
            options: of `Popen`.
        """
        chosen = [*self.entrypoint, *(command or self.command)]
        steps = [f"mount --bind {self.root} {self.root}", *_devices(self.root), f"mount -t tmpfs tmpfs {self.root}/tmp"]
        for place, folder in mounts.items():
            (self.root / place.lstrip("/")).mkdir(parents=True, exist_ok=True)
            steps.append(f"mount --bind {folder} {self.root}{place}")
        uid, gid = self.user.split(":")
        environment = _within(self.folder, {**self.environment, **variables})
        drop = f"setpriv --reuid {uid} --regid {gid} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all"
        steps += [f"mount -o remount,bind,ro {self.root}", f"cd {self.root}"]
        steps.append(f"exec chroot . {drop} {environment} {shlex.join(chosen)}")
        return subprocess.Popen(["unshare", "--mount", "sh", "-ec", "\n".join(steps)], text=True, **options)


class Builder:
    """Builds targets of a Dockerfile, each stage once.

    Args:
        dockerfile: what to carry out.
        folder: where the stages' folders go.
    """

    def __init__(self, dockerfile: Dockerfile, folder: Path) -> None:
        self._dockerfile, self._folder = dockerfile, folder
        self._images: dict[str, Image] = {}
        self._context = _context(folder / "context")

    def build(self, target: str) -> Image:
        """Return the image of a stage. Raises CalledProcessError if a step fails."""
        if target not in self._images:
            self._images[target] = self._carry_out(self._dockerfile.stages[target])
        return self._images[target]

    def _carry_out(self, stage: Stage) -> Image:
        begin = self.build(stage.base) if stage.base in self._dockerfile.stages else Image(base(stage.base.split(":")[0]))
        root = self._folder / stage.name
        subprocess.run(["cp", "--archive", "--reflink=auto", begin.root, root], check=True)
        image = replace(begin, root=root)
        arguments: dict[str, str] = {}
        for one in stage.instructions:
            if one.name == "ARG":
                arguments |= one.pairs()
            else:
                image = self._step(image, replace(one, value=one.value if one.name == "RUN" else expand(one.value, arguments)))
        return image

    def _step(self, image: Image, one: Instruction) -> Image:
        match one.name:
            case "RUN":
                _run(image, one.value)
            case "COPY":
                self._copy(image, one.words())
            case "WORKDIR":
                (image.root / one.value.lstrip("/")).mkdir(parents=True, exist_ok=True)
                return replace(image, folder=one.value)
            case "ENV":
                return replace(image, environment={**image.environment, **one.pairs()})
            case "LABEL":
                return replace(image, labels={**image.labels, **one.pairs()})
            case "USER":
                return replace(image, user=one.value)
            case "VOLUME":
                return replace(image, volumes=[*image.volumes, *one.words()])
            case "ENTRYPOINT":
                return replace(image, entrypoint=one.words(), command=())
            case "CMD":
                return replace(image, command=one.words())
            case "HEALTHCHECK":
                _, _, command = one.value.partition("CMD ")
                return replace(image, health=Instruction("CMD", command).words() if command else ())
        return image

    def _copy(self, image: Image, words: list[str]) -> None:
        source = self._context
        if words[0].startswith("--from="):
            source = self.build(words.pop(0).removeprefix("--from=")).root
        *names, place = words
        to = (image.root / image.folder.lstrip("/") / place) if not place.startswith("/") else image.root / place.lstrip("/")
        for name in names:
            found = source / name.lstrip("/")
            if found.is_dir():
                to.mkdir(parents=True, exist_ok=True)
                subprocess.run(["cp", "--archive", f"{found}/.", to], check=True)
            else:
                (to if place.endswith("/") else to.parent).mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, to)


def base(name: str) -> Path:
    """Return the folder that stands for an image of the registry, made once and kept."""
    root = CACHE / name
    if not root.exists():
        making = CACHE / f"{name}.new"
        shutil.rmtree(making, ignore_errors=True)
        making.parent.mkdir(parents=True, exist_ok=True)
        {"debian": _debian, "node": _node}[name](making)
        making.rename(root)
    return root


def _debian(root: Path) -> None:
    subprocess.run(["debootstrap", "--variant=minbase", "trixie", root, _MIRROR], check=True, stdout=subprocess.DEVNULL)
    for folder in _SLIM:
        shutil.rmtree(root / folder)
        (root / folder).mkdir()
    excluded = "".join(f"path-exclude /{folder}/*\n" for folder in _SLIM if folder.startswith("usr"))
    (root / "etc/dpkg/dpkg.cfg.d/docker").write_text(excluded)


def _node(root: Path) -> None:
    subprocess.run(["cp", "--archive", base("debian"), root], check=True)
    shutil.copy2(Path(shutil.which("node") or "node").resolve(), root / "usr/local/bin/node")
    found = subprocess.run(["npm", "root", "--global"], capture_output=True, text=True, check=True).stdout.strip()
    shutil.copytree(Path(found) / "npm", root / "usr/local/lib/node_modules/npm", symlinks=True)
    (root / "usr/local/bin/npm").symlink_to("../lib/node_modules/npm/bin/npm-cli.js")


def _context(folder: Path) -> Path:
    """Return a folder with what the build gets to see: the files under version control that are not ignored."""
    is_ignored = Ignored(ROOT / ".dockerignore")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if not is_ignored(name) and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def _run(image: Image, command: str) -> None:
    """Carry out a RUN, with the names and the certificates of this machine."""
    certificates = Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"))
    within = "/run/certificates.crt"
    steps, variables = _devices(image.root), dict(image.environment)
    for file, place in ((certificates, within), (Path("/etc/resolv.conf"), "/etc/resolv.conf")):
        if file.exists():
            (image.root / place.lstrip("/")).touch()
            steps.append(f"mount --bind {file} {image.root}{place}")
    if certificates.exists():
        variables |= dict.fromkeys(_CERTIFICATES, within)
    steps.append(f"exec chroot --userspec={image.user} {image.root} {_within(image.folder, variables)} "
                 f"/bin/sh -ec {shlex.quote(command)}")  # fmt: skip
    try:
        subprocess.run(
            ["unshare", "--mount", "sh", "-ec", "\n".join(steps)], check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except subprocess.CalledProcessError as error:
        raise AssertionError(f"RUN {command}\n{error.stdout.decode(errors='replace')[-4000:]}") from error
    (image.root / within.lstrip("/")).unlink(missing_ok=True)


def _devices(root: Path) -> list[str]:
    return [f"mount --rbind /proc {root}/proc", f"mount --rbind /dev {root}/dev"]


def _within(folder: str, variables: Mapping[str, str]) -> str:
    return f"/usr/bin/env --ignore-environment --chdir={folder} " + shlex.join(
        f"{name}={value}" for name, value in variables.items()
    )
