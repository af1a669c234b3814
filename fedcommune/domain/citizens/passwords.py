"""Passwords: which are good enough, and how they are kept (SEC-AUT-01).

Hashing takes a tenth of a second of a processor and 64 MiB on purpose, so it is done by two
threads, before the transaction begins; whoever comes when the queue is long is asked to wait.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from fedcommune.errors import Invalid, TooMany

T = TypeVar("T")

SHORTEST: Final = 12
LONGEST: Final = 256  # bytes
_THREADS: Final = 2
_MOST_WAITING: Final = 64
_PARTS: Final = 4  # the shortest part of a name that makes a password easy to guess

# The second recommended option of RFC 9106 §4: 64 MiB, three passes.
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="passwords")
_waiting = 0


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


def check_strength(password: str, *about: str) -> None:
    """Raise Invalid for a password that is too short, too long, or that many would guess.

    *about* is what others know of the person: the name, the e-mail address, the commune.
    """
    if len(password) < SHORTEST:
        raise Invalid("password", _("A password has at least 12 characters: a few words do well."))
    if len(password.encode("utf-8", "surrogatepass")) > LONGEST:
        raise Invalid("password", _("This password is too long: stay below 256 characters."))
    if is_guessable(password, *about):
        raise Invalid("password", _("Many would guess this password: choose another."))


def is_guessable(password: str, *about: str) -> bool:
    """Tell whether *password* is among the known ones, repeats itself, or says who it is of."""
    plain = _plain(password)
    if len(set(plain)) < 5 or plain in _known() or plain.rstrip("0123456789!.?*") in _known():
        return True
    rows = "abcdefghijklmnopqrstuvwxyz azertyuiopqsdfghjklmwxcvbn qwertyuiopasdfghjklzxcvbnm "
    rows += "01234567890123456789 98765432109876543210"
    if plain in rows or plain in rows[::-1]:
        return True
    letters = _letters(plain)
    parts = {_letters(part) for text in about for part in re.split(r"[\W_]+", _plain(text))}
    parts |= {_letters(_plain(text)) for text in about}
    rest = letters
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _PARTS:
            rest = rest.replace(part, "")
    return rest != letters and len(rest) < _PARTS


async def hash(password: str) -> str:  # noqa: A001  # passwords.hash says what it does
    """Return what is kept of *password*. Raises TooMany when many others wait."""
    return await _in_pool(lambda: _hasher.hash(_bytes(password)))


async def check(password: str, kept: str | None) -> bool:
    """Tell whether *password* is the one of which *kept* was made.

    Without *kept* it takes the same time and is wrong, so that nobody learns from the clock
    who has an account. Raises TooMany when many others wait.
    """

    def work() -> bool:
        try:
            right = _hasher.verify(kept or _nobodys(), _bytes(password))
        except (Argon2Error, InvalidHashError):
            return False
        return right and kept is not None

    return await _in_pool(work)


async def _in_pool(work: Callable[[], T]) -> T:
    global _waiting
    if _waiting >= _MOST_WAITING:
        raise TooMany(_("Many people are signing in: try again in a moment."), retry_after=5)
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_pool, work)
    finally:
        _waiting -= 1


@cache
def _nobodys() -> str:
    """The hash of a password that nobody has, with today's parameters."""
    return _hasher.hash(b"")


@cache
def _known() -> frozenset[str]:
    """The passwords that everybody tries first, as *_plain* writes them."""
    listed = Path(__file__).with_name("known_passwords.txt").read_text("utf-8")
    return frozenset(line for line in listed.splitlines() if line and not line.startswith("#"))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower().replace(" ", "")


def _letters(plain: str) -> str:
    return "".join(each for each in plain if each.isalpha())


def _bytes(password: str) -> bytes:
    """One spelling of the same characters: keyboards disagree about accents."""
    normal = unicodedata.normalize("NFKC", password)
    return normal.encode("utf-8", "surrogatepass")[: LONGEST * 4]
