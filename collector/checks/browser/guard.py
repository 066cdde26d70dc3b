"""What a check's browser may connect to: all its connections go through here, and here the address is looked at.

A SOCKS 5 proxy on loopback. The browser hands it names, not addresses, so a redirect, a picture, a script, a socket of the page
and a name that changes its address are all the same to it: the name is resolved here, looked at, and connected to as it was found.
https://www.rfc-editor.org/rfc/rfc1928
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final

from collector.checks.probes.addresses import check_address
from collector.checks.probes.model import ProbeError

_CHUNK: Final = 1 << 16
_CONNECT_SECONDS: Final = 30
_NO_AUTHENTICATION: Final = b"\x05\x00"
_DONE, _FAILED, _REFUSED, _UNREACHABLE = 0, 1, 2, 4
_IPV4, _NAME, _IPV6 = 1, 3, 4


@dataclass(slots=True)
class Gate:
    """A proxy for one attempt.

    Attributes:
        allow_private: whether loopback and private addresses may be connected to.
        port: where it listens on loopback.
        errors: by host, why it was not connected to.
        is_closed: the attempt is over.
        open: its connections.
    """

    allow_private: bool
    port: int = 0
    errors: dict[str, ProbeError] = field(default_factory=dict)
    is_closed: bool = False
    open: set[asyncio.Task[None]] = field(default_factory=set)


class Guard:
    """Opens gates. It runs in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="guard", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        asyncio.run_coroutine_threadsafe(_finish(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @contextmanager
    def gate(self, allow_private: bool) -> Iterator[Gate]:
        """Yield a gate; with the block it and its connections end."""
        gate = Gate(allow_private)
        server = asyncio.run_coroutine_threadsafe(_listen(gate), self._loop).result()
        try:
            yield gate
        finally:
            asyncio.run_coroutine_threadsafe(_end(gate, server), self._loop).result()


async def _listen(gate: Gate) -> asyncio.Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        gate.open.add(task)
        try:
            if not gate.is_closed:
                await _serve(gate, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # One of both sides is gone, and then so is the other.
            return
        finally:
            writer.close()
            gate.open.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    gate.port = server.sockets[0].getsockname()[1]
    return server


async def _end(gate: Gate, server: asyncio.Server) -> None:
    gate.is_closed = True
    server.close()
    await _cancel(gate.open)


async def _finish() -> None:
    """End what a gate has left, such as a connection that was made at the last moment."""
    await _cancel(asyncio.all_tasks() - {asyncio.current_task()})
    # Transports are closed in the next turn of the loop.
    await asyncio.sleep(0)


async def _cancel(open_: Iterable[asyncio.Task[None] | None]) -> None:
    tasks = [task for task in open_ if task]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(gate: Gate, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    _, count = await reader.readexactly(2)
    await reader.readexactly(count)
    writer.write(_NO_AUTHENTICATION)
    _, command, _, kind = await reader.readexactly(4)
    host = await _read_host(reader, kind)
    port = int.from_bytes(await reader.readexactly(2), "big")
    if command != 1 or not host:
        _answer(writer, _FAILED)
        return
    try:
        there = await asyncio.wait_for(_connect(gate, host, port), _CONNECT_SECONDS)
    except ProbeError as error:
        gate.errors[host] = error
        _answer(writer, _REFUSED if error.reason == "refused_address" else _UNREACHABLE)
        return
    except TimeoutError:
        gate.errors[host] = ProbeError("timeout", f"{host}:{port} was not connected in time.")
        _answer(writer, _UNREACHABLE)
        return
    _answer(writer, _DONE)
    await _pass_on(reader, writer, *there)


async def _read_host(reader: asyncio.StreamReader, kind: int) -> str:
    if kind == _NAME:
        (length,) = await reader.readexactly(1)
        return (await reader.readexactly(length)).decode("ascii", "replace")
    if kind in (_IPV4, _IPV6):
        return str(ip_address(await reader.readexactly(4 if kind == _IPV4 else 16)))
    return ""


async def _connect(gate: Gate, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ProbeError("dns_error", f"The name {host} cannot be resolved: {error}.") from None
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    for address in addresses:
        check_address(address, gate.allow_private)
    last: OSError = OSError("it has no address")
    for address in addresses:
        try:
            return await asyncio.open_connection(address, port, limit=_CHUNK)
        except OSError as error:
            last = error
    raise ProbeError("connection_error", f"{host}:{port} cannot be connected: {last.strerror or last}.")


def _answer(writer: asyncio.StreamWriter, status: int) -> None:
    writer.write(bytes((5, status, 0, _IPV4, 0, 0, 0, 0, 0, 0)))


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, far: asyncio.StreamReader, there: asyncio.StreamWriter
) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_copy(reader, there))
            group.create_task(_copy(far, writer))
    except* OSError:
        pass
    finally:
        there.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(_CHUNK):
        writer.write(part)
        await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()
