"""How often one may call: counted by person, token and address, told in every answer."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_REMEMBERED: Final = 50_000


@dataclass(frozen=True, slots=True)
class Rate:
    """At most *calls* in *seconds*. Endpoints with the same *name* share one count."""

    name: str
    calls: int
    seconds: int


# The starting values of SEC-DOS-11.
PER_PERSON: Final = Rate("person", 1_500, 300)
PER_TOKEN: Final = Rate("token", 300, 300)
PER_ADDRESS: Final = Rate("address", 300, 300)
MEDIA: Final = Rate("media", 30, 1_800)
PROFILE: Final = Rate("profile", 60, 1_800)
REGISTRATION: Final = Rate("apps", 5, 600)
SIGN_UP: Final = Rate("sign-up", 5, 1_800)
DELETION: Final = Rate("delete", 30, 1_800)
TRANSLATION: Final = Rate("translate", 30, 600)
PAGING: Final = Rate("paging", 300, 900)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one count stands: *remaining* of *limit* calls until *reset* (UTC)."""

    limit: int
    remaining: int
    reset: datetime
    exceeded: bool = False


class Limits:
    """Counts in fixed windows, for the callers seen most recently only (SEC-DOS-08).

    When not *enforced*, calls are counted and never refused.
    """

    def __init__(self, *, enforced: bool = True, remembered: int = _REMEMBERED) -> None:
        self._enforced = enforced
        self._remembered = remembered
        self._counts: OrderedDict[tuple[str, str], tuple[int, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    def count(self, rate: Rate, key: str, now: datetime) -> Standing:
        """Count one call of *key*; a refused call is not counted."""
        moment = now.timestamp()
        window = math.floor(moment / rate.seconds)
        before, calls = self._counts.get((rate.name, key), (window, 0))
        if before != window:
            calls = 0
        exceeded = self._enforced and calls >= rate.calls
        if not exceeded:
            calls += 1
        self._counts[rate.name, key] = (window, calls)
        self._counts.move_to_end((rate.name, key))
        while len(self._counts) > self._remembered:
            self._counts.popitem(last=False)
        reset = datetime.fromtimestamp((window + 1) * rate.seconds, UTC)
        return Standing(rate.calls, max(0, rate.calls - calls), reset, exceeded)


def closest(standings: list[Standing]) -> Standing:
    """Return the count that refuses, or else the one nearest to do so."""
    return min(standings, key=lambda each: (not each.exceeded, each.remaining))
