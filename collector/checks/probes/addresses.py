"""Which addresses a probe may connect to. Pure.

A check's host, or the target of a redirect, may resolve to anything: without this, whoever can steer either would read what only
the runner's machine can reach.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from collector.checks.probes.model import ProbeError

Address = IPv4Address | IPv6Address
#: Where clouds give their machines credentials, beyond the link-local 169.254.169.254: AWS, Alibaba, Azure, Oracle.
_METADATA: Final = frozenset(map(ip_address, ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")))
#: An IPv4 address stands in the last 32 bits. https://www.rfc-editor.org/rfc/rfc6052
_NAT64: Final = ip_network("64:ff9b::/96")


def check_address(text: str, allow_private: bool) -> None:
    """Look whether an address may be connected to.

    Args:
        text: the address that a name resolved to.
        allow_private: whether loopback and private ranges may be.

    Raises:
        ProbeError: `refused_address`; it may not.
    """
    address = _plain(ip_address(text.partition("%")[0]))
    if address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA or _is_reserved(address):
        raise ProbeError("refused_address", f"{text} is a link-local, metadata or reserved address: no check may connect to it.")
    if not (allow_private or address.is_global):
        raise ProbeError("refused_address", f"{text} is a private address: allow those with --allow-private.")


def _is_reserved(address: Address) -> bool:
    return address.is_reserved and not address.is_loopback


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address leads to."""
    if isinstance(address, IPv6Address):
        if inner := address.ipv4_mapped or address.sixtofour:
            return inner
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
