"""Which network addresses may be dialled: an allow-list, whatever Python thinks of them."""

from __future__ import annotations

import socket
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

from federation.iris import Reach

# Special-purpose blocks of the IANA registry, multicast and class E, and the address at which
# one large hosting company answers its own machines (SEC-NET-02).
_IPV4_INSIDE: Final = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",
    )
)
_IPV6_OUTSIDE: Final = IPv6Network("2000::/3")
_IPV6_INSIDE: Final = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_LOOPBACK: Final = IPv4Network("127.0.0.0/8")


@lru_cache(maxsize=4096)
def may_dial(address: str, reach: Reach) -> bool:
    """Tell whether the literal *address* may be dialled (SEC-NET-02, SEC-NET-03).

    Forms that carry an IPv4 address inside an IPv6 one are refused as such, never unwrapped.
    In development the loopback addresses are allowed too, and no other private one.
    """
    if ":" in address:
        try:
            six = IPv6Address(address)
        except AddressValueError:
            return False
        if six.scope_id is not None:
            return False
        if reach.development and six == IPv6Address("::1"):
            return True
        return six in _IPV6_OUTSIDE and not any(six in block for block in _IPV6_INSIDE)
    try:
        four = IPv4Address(address)
    except AddressValueError:
        return False
    if reach.development and four in _LOOPBACK:
        return True
    return not any(four in block for block in _IPV4_INSIDE)


def family(address: str) -> socket.AddressFamily:
    """Return the address family of the literal *address*."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET
