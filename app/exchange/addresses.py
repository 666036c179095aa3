"""
Where a gateway may call.

The registry says where a party's gateway is, and the registry is not to be believed: an address there must not make a
gateway call what is only reachable from inside. So a name is resolved once, every address it has must be public, and
what is called is one of these addresses and not the name again. What else may be called stands in the operator's own
settings, as exact pairs of host and port.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

Resolver = Callable[[str, int], list[str]]
"""The numeric addresses of a name; raises OSError if it has none."""

DEVELOPMENT_CHAIN = 31337
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", re.ASCII)
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*", re.ASCII)

_INWARD = tuple(
    ipaddress.ip_network(each)
    for each in (
        # Public by their numbers, and yet a way to somewhere inside: addresses that carry an IPv4 address in them.
        *("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10"),
        # What two large hosts answer their own machines from.
        *("168.63.129.16/32", "192.0.0.0/24"),
    )
)


class AddressRefused(Exception):
    """A gateway does not call there; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Target:
    """A gateway to call: the name it is known by, and the numeric addresses that were found good for it."""

    secure: bool
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]


def system_resolver(host: str, port: int) -> list[str]:
    """What the machine's own resolver says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True, slots=True)
class Directory:
    """
    Turns an address of the registry into a target.

    `allowed` are the operator's own pairs `host:port`; `plain` is whether they may be called without TLS.
    """

    allowed: Collection[str] = ()
    plain: bool = False
    resolve: Resolver = system_resolver

    def target(self, url: str) -> Target:
        """Where to call for the gateway at `url`; raises AddressRefused."""
        secure, host, port, path = _parsed(url)
        ours = f"{host}:{port}" in self.allowed
        if not secure and not (ours and self.plain):
            raise AddressRefused("address_not_https")
        try:
            found = self.resolve(host.strip("[]"), port)
        except (OSError, UnicodeError):
            raise AddressRefused("address_unknown") from None
        # One address that is not public condemns them all: the next answer might give only that one.
        if not found or not (ours or all(is_public(each) for each in found)):
            raise AddressRefused("address_not_public")
        return Target(secure, host, port, path, tuple(found))


def is_public(text: str) -> bool:
    """Whether a numeric address is one that anybody can reach, and nobody's inside."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped is not None or address.scope_id is not None):
        return False
    if any(address.version == each.version and address in each for each in _INWARD):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _parsed(url: str) -> tuple[bool, str, int, str]:
    """TLS or not, host, port and path; raises AddressRefused for anything that is not exactly these."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressRefused("address_malformed") from None
    literal = parts.netloc.startswith("[")
    plain_host = re.fullmatch("[0-9a-f:.]{2,45}", host) if literal else _HOST.fullmatch(host)
    exact = plain_host is not None and "@" not in parts.netloc and not (parts.query or parts.fragment)
    if parts.scheme not in ("http", "https") or not exact or _PATH.fullmatch(parts.path.rstrip("/")) is None:
        raise AddressRefused("address_malformed")
    secure = parts.scheme == "https"
    host = f"[{host}]" if literal else host
    return secure, host, port or (443 if secure else 80), parts.path.rstrip("/")
