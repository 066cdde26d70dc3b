"""The private surface over HTTP, for the commands that ask a running collector."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from collector import casts
from collector.access.bootstrap import TOKEN_FILE
from collector.config import TOKEN_VARIABLE, Origin, Settings, is_loopback
from collector.errors import ClientError, SettingsError, Unreachable

_STEPS: Final = "application/x-ndjson"
#: A question may take the store half a minute; to be connected takes a moment or will not happen.
TIMEOUT: Final = httpx2.Timeout(40, connect=3)


@dataclass(frozen=True, slots=True)
class Credential:
    """A token and the place it was found in; both empty where there is none, and then `place` says where it was looked for."""

    token: str = field(repr=False)
    place: str


def find_url(settings: Settings, given: str | None) -> str:
    """Return the collector's address: the given one, else where the settings let it listen. Raises SettingsError."""
    if given:
        try:
            return casts.url(given)
        except ValueError as error:
            raise SettingsError([f"--url {error} (it is {given!r})."]) from None
    return local_url(*(settings.process.private or (settings.host, settings.port)))


def local_url(host: str, port: int) -> str:
    """Return the address under which this machine reaches what listens there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def find_credential(settings: Settings, url: str, given: str | None) -> Credential:
    """Return the given token, else the admin token: the settings', or the one that `serve` keeps in the data folder."""
    if given:
        return Credential(given, f"--token or {TOKEN_VARIABLE}")
    if settings.admin_token:
        return Credential(settings.admin_token, _describe(settings.origins["admin_token"], settings))
    path = settings.data_dir / TOKEN_FILE
    # The token in the folder is this machine's; it is not shown to others.
    if is_loopback(urlsplit(url).hostname or "") and path.is_file():
        try:
            return Credential(path.read_text().strip(), f"the file {path}")
        except OSError as error:
            raise SettingsError([f"The admin token in {path} cannot be read: {error.strerror}."]) from None
    return Credential("", f"--token, {TOKEN_VARIABLE}, WIDELOAD_ADMIN_TOKEN and the file {path}")


def _describe(origin: Origin, settings: Settings) -> str:
    return f"admin_token in {settings.config}" if origin.kind == "file" else origin.place


class Client:
    """Asks one collector; use it in a `with` block.

    Args:
        url: its address.
        credential: the token to show.
        timeout: how long an answer may take.
        transport: what carries the requests; by default the network.
    """

    def __init__(
        self, url: str, credential: Credential, timeout: httpx2.Timeout = TIMEOUT, transport: httpx2.BaseTransport | None = None
    ) -> None:
        self.url = url
        self._credential = credential
        headers = {b"authorization": f"Bearer {credential.token}".encode()} if credential.token else {}
        # A proxy of the environment is for other machines.
        trust = not is_loopback(urlsplit(url).hostname or "")
        self._http = httpx2.Client(base_url=url, headers=headers, timeout=timeout, transport=transport, trust_env=trust)

    @property
    def token(self) -> str:
        """The token that is shown; empty if there is none."""
        return self._credential.token

    def __enter__(self) -> Client:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the JSON answer to a GET. Raises ClientError."""
        return self._ask("GET", path, params=params)

    def get_bytes(self, path: str) -> bytes:
        """Return the answer to a GET as it is. Raises ClientError."""
        with self._asking(path):
            response = self._http.get(path)
            if response.status_code != 200:
                self._read(response)
            return response.content

    def post(self, path: str, body: Any) -> dict[str, Any]:
        """Return the JSON answer to a POST. Raises ClientError."""
        return self._ask("POST", path, json=body)

    def put(self, path: str, body: bytes) -> dict[str, Any]:
        """Return the JSON answer to a PUT of bytes. Raises ClientError."""
        return self._ask("PUT", path, content=body)

    def delete(self, path: str) -> None:
        """Ask to delete something. Raises ClientError."""
        self._ask("DELETE", path)

    def stream(self, path: str, body: Any) -> Iterator[bytes]:
        """Yield the parts of the answer to a POST as they arrive. Raises ClientError."""
        with self._asking(path), self._http.stream("POST", path, json=body) as response:
            if response.status_code >= 400:
                response.read()
                self._read(response)
            yield from response.iter_bytes()

    def steps(self, path: str, body: Any) -> Iterator[dict[str, Any]]:
        """Yield the JSON answers to a POST as they come: perhaps one from a sample, then the whole one. Raises ClientError."""
        with self._asking(path), self._http.stream("POST", path, json=body, headers={"accept": _STEPS}) as response:
            if response.status_code >= 400 or response.headers.get("content-type") != _STEPS:
                # An older collector gives its one answer.
                response.read()
                yield self._read(response)
                return
            for line in _lines(response.iter_bytes()):
                answer = json.loads(line)
                if "error" in answer:
                    raise refusal(response.status_code, answer)
                yield answer

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        with self._asking(path):
            return self._read(self._http.request(method, path, **more))

    @contextmanager
    def _asking(self, path: str) -> Iterator[None]:
        """Turn what may go wrong on the way into a ClientError."""
        try:
            yield
        except httpx2.TimeoutException as error:
            if isinstance(error, httpx2.ConnectTimeout):
                raise unreachable(self.url, error) from error
            raise ClientError(f"{self.url} did not answer {path} in time; its log may say why.") from error
        except httpx2.ConnectError as error:
            raise unreachable(self.url, error) from error
        except httpx2.HTTPError as error:
            raise ClientError(f"{self.url} broke off while answering {path}: {error}.") from error

    def _read(self, response: httpx2.Response) -> dict[str, Any]:
        if response.status_code == 204:
            return {}
        answer = read_answer(response)
        if response.status_code == 401 and _reason(answer) != "token_expired":
            raise ClientError(self._unauthenticated(), 401, "unauthenticated")
        if response.status_code >= 400:
            raise refusal(response.status_code, answer)
        return answer

    def _unauthenticated(self) -> str:
        if self._credential.token:
            return f"{self.url} does not accept the token that was found in {self._credential.place}."
        return f"{self.url} asks for a token, and none was found: it was looked for in {self._credential.place}."


def _lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a stream. Only a line feed ends one: JSON may hold other separators as they are."""
    kept = b""
    for part in parts:
        *lines, kept = (kept + part).split(b"\n")
        yield from lines


def unreachable(url: str, error: Exception) -> Unreachable:
    """Return the error for an address where nobody answers."""
    return Unreachable(f"Nobody answers at {url}: is `wideload serve` running? ({error})")


def read_answer(response: httpx2.Response) -> dict[str, Any]:
    """Return a collector's JSON answer. Raises ClientError if it is not one."""
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        text = f"{response.url} answers with status {response.status_code}, but not as Wideload does: is it another server?"
        raise ClientError(text, response.status_code)
    return answer


def _reason(answer: dict[str, Any]) -> str:
    error = answer.get("error")
    return str(error.get("reason", "")) if isinstance(error, dict) else ""


def refusal(status: int, answer: dict[str, Any]) -> ClientError:
    """Return the error for an answer of the one JSON error shape."""
    error = answer.get("error")
    if not isinstance(error, dict):
        return ClientError(f"The collector answers with status {status}.", status)
    path = f"{error['path']}: " if error.get("path") else ""
    return ClientError(f"{path}{error.get('message', f'status {status}')}", status, _reason(answer))


def open_client(settings: Settings, url: str | None = None, token: str | None = None, timeout: httpx2.Timeout = TIMEOUT) -> Client:
    """Return a client for the collector of these settings, or for another one.

    Args:
        settings: where it listens and where its token is kept.
        url: the other one's address.
        token: the token to show.
        timeout: how long an answer may take.
    """
    found = find_url(settings, url)
    return Client(found, find_credential(settings, found, token), timeout)
