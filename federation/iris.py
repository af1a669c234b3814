"""What an IRI may be, what its origin is, and how a host name is written: one parser for all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote

import idna

from federation.errors import RefusedError

MAX_IRI: Final = 2048


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the guarded door goes.

    *development* allows plain http, any port, loopback addresses and the names
    ``localhost`` and ``*.localhost``. *high_ports* allows ports from 1024 on.
    """

    development: bool = False
    high_ports: bool = False


PUBLIC_WEB: Final = Reach()


class Origin(NamedTuple):
    """Scheme, ASCII lower-case host and port: two ids with the same one trust each other."""

    scheme: str
    host: str
    port: int


class _Parts(NamedTuple):
    origin: Origin
    target: str  # path and query, percent-encoded
    fragment: str | None


_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_IRI: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(\?[^#]*)?(?:#(.*))?")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}")
_IPV4: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
# What ends like a number is read as an address by some resolvers: 127.1, 0x7f.1, 0177.0.0.1.
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DOT_SEGMENT: Final = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?=/|$)", re.IGNORECASE)
_RESERVED: Final = "/:@!$&'()*+,;=~-._%"
# Names that no public resolver answers for, or that lead inside (RFC 6761, 6762, 7686, 8375, 9476).
_INSIDE: Final = frozenset(
    {
        "alt",
        "arpa",
        "corp",
        "home",
        "i2p",
        "internal",
        "intranet",
        "invalid",
        "lan",
        "local",
        "localdomain",
        "localhost",
        "onion",
        "private",
    }
)
# Second-level labels under which people register names, below a country's two letters.
_SECOND_LEVEL: Final = frozenset(
    {
        "ac",
        "asso",
        "co",
        "com",
        "edu",
        "go",
        "gob",
        "gouv",
        "gov",
        "ltd",
        "ne",
        "net",
        "nom",
        "or",
        "org",
        "plc",
    }
)


def check(iri: str, reach: Reach = PUBLIC_WEB) -> str:
    """Return *iri* normalised, when *reach* lets us ask it (SEC-NET-06).

    Normalised: scheme and host in lower-case ASCII (IDNA, UTS-46), no default port, no
    trailing dot of the host, at least ``/`` as path, no empty query, everything else
    percent-encoded. A fragment is kept. Raises RefusedError.
    """
    parts = _split(iri)
    _permit(parts.origin, reach)
    return _join(parts)


def origin(iri: str) -> Origin:
    """Return the origin of *iri* (W-ORI-01). Raises RefusedError when it is not http(s)."""
    return _split(iri).origin


def same_origin(one: str, other: str) -> bool:
    """Tell whether two IRIs have the same origin; False when either is nonsense (W-ORI-01)."""
    try:
        return _split(one).origin == _split(other).origin
    except RefusedError:
        return False


def authority(iri: str) -> str:
    """Return the host of *iri* in lower-case ASCII, with ``:port`` unless it is the default."""
    return _authority(_split(iri).origin)


def domain(text: str) -> str:
    """Return the domain *text* in its one spelling: ASCII, lower case, no trailing dot.

    An explicit port other than 443 is kept (an instance in development has one). Raises
    RefusedError for whatever is not a bare domain, such as ``victim.example/`` (SEC-ORI-09).
    """
    if not isinstance(text, str) or not 0 < len(text) <= MAX_IRI:
        raise RefusedError("This is not a domain name.")
    host, port = _host_and_port(text)
    return host if port in (None, 443) else f"{host}:{port}"


def registrable(host: str) -> str:
    """Return the part of *host* that somebody registered, for budgets on discovery (SEC-DOS-03).

    A simple rule without the public suffix list: the last two labels, three below a country
    code with a usual second level (``example.co.uk``). Every name under ``localhost`` counts
    for itself. Too wide an answer only makes the budget stricter.
    """
    labels = host.partition(":")[0].rstrip(".").split(".")
    if labels[-1] == "localhost":
        return ".".join(labels)
    deep = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if deep else labels[-2:])


def without_fragment(iri: str) -> str:
    """Return *iri* up to its ``#``."""
    return iri.partition("#")[0]


def target(iri: str) -> str:
    """Return path and query of *iri* as they are written on a request line."""
    return _split(iri).target


@lru_cache(maxsize=4096)
def _read(iri: str) -> _Parts:
    if not iri or len(iri) > MAX_IRI:
        raise RefusedError("This address is empty or too long.")
    if "\\" in iri or not iri.isprintable() or any(map(str.isspace, iri)):
        # isprintable refuses controls, lone surrogates, bidirectional marks and NUL.
        raise RefusedError("This address contains characters that no address may contain.")
    match = _IRI.fullmatch(iri)
    if match is None:
        raise RefusedError("This is not a web address.")
    scheme, netloc, path, query, fragment = match.groups()
    scheme = scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        raise RefusedError("Only web addresses are followed.")
    if "@" in netloc:
        raise RefusedError("An address must not contain a user name.")
    if not path and "@" in iri:
        # Some parsers end the host elsewhere, and would go to what follows the @.
        raise RefusedError("It is not clear which server this address names.")
    if _DOT_SEGMENT.search(path):
        raise RefusedError("This address climbs through folders.")
    host, port = _host_and_port(netloc)
    written = quote(path, safe=_RESERVED) or "/"
    if query is not None and query != "?":
        written += "?" + quote(query[1:], safe=_RESERVED + "?")
    return _Parts(Origin(scheme, host, port or _DEFAULT_PORTS[scheme]), written, fragment)


def _split(iri: str) -> _Parts:
    if not isinstance(iri, str):
        raise RefusedError("An address must be a text.")
    return _read(iri)


def _join(parts: _Parts) -> str:
    written = f"{parts.origin.scheme}://{_authority(parts.origin)}{parts.target}"
    if parts.fragment is None:
        return written
    return f"{written}#{quote(parts.fragment, safe=_RESERVED + '?')}"


def _authority(origin: Origin) -> str:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    return host if origin.port == _DEFAULT_PORTS[origin.scheme] else f"{host}:{origin.port}"


def _host_and_port(netloc: str) -> tuple[str, int | None]:
    if netloc.startswith("["):
        # The only literal that is ever understood is the loopback address, in development.
        if netloc != "[::1]" and not netloc.startswith("[::1]:"):
            raise RefusedError("A bare network address is not a server's name.")
        host, port = "::1", netloc[5:]
    else:
        name, colon, digits = netloc.partition(":")
        host, port = _ascii(name), colon + digits
    if not port:
        return host, None
    if not _PORT.fullmatch(port[1:]) or int(port[1:]) > 65535:
        raise RefusedError("The port of this address is not a port.")
    return host, int(port[1:])


def _ascii(host: str) -> str:
    """Return *host* in lower-case ASCII without trailing dot, or raise RefusedError."""
    try:
        if not host.isascii():
            mapped = idna.uts46_remap(host, std3_rules=True, transitional=False)
            host = ".".join(
                label if label.isascii() else idna.alabel(label).decode("ascii")
                for label in mapped.split(".")
            )
        host = host.lower().removesuffix(".")
        for label in host.split("."):
            if not _LABEL.fullmatch(label):
                raise RefusedError("This is not a domain name.")
            if label.startswith("xn--"):
                idna.ulabel(label)
    except (idna.IDNAError, UnicodeError) as error:
        raise RefusedError("This is not a domain name.") from error
    if len(host) > 253:
        raise RefusedError("This domain name is too long.")
    return host


def _permit(origin: Origin, reach: Reach) -> None:
    """Refuse schemes, ports and names that *reach* does not cover."""
    if origin.scheme != "https" and not reach.development:
        raise RefusedError("Only https addresses are followed.")
    ported = origin.port == 443 or (reach.high_ports and origin.port >= 1024)
    if not ported and not reach.development:
        raise RefusedError("This port is not asked.")
    host = origin.host
    if reach.development and (_is_localhost(host) or _is_loopback(host)):
        return
    labels = host.split(".")
    if ":" in host or _NUMBER.fullmatch(labels[-1]):
        raise RefusedError("A bare network address is not a server's name.")
    if len(labels) < 2 or labels[-1] in _INSIDE:
        raise RefusedError("This name is not a public one.")


def _is_localhost(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")


def _is_loopback(host: str) -> bool:
    return host == "::1" or (host.startswith("127.") and _IPV4.fullmatch(host) is not None)
