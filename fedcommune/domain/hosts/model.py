"""What another server is to us, and which of its sub-domains that covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from federation import iris
from federation.errors import RefusedError


class Policy(StrEnum):
    """How much of a server we let through."""

    OPEN = "open"
    LIMITED = "limited"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Rules:
    """What more was decided about a server: nothing of its pictures, none of its reports.

    *public_comment* says why to everybody; *obfuscate* hides part of its name from them.
    """

    reject_media: bool = False
    reject_reports: bool = False
    public_comment: str = ""
    obfuscate: bool = False


NO_RULES: Final = Rules()


@dataclass(frozen=True, slots=True)
class Host:
    """One other server. *name* is its authority: ASCII, lower case.

    *reason* is for the moderators alone; *decision_id* names what they decided, if they did.
    """

    name: str
    policy: Policy
    reason: str
    first_seen_at: datetime
    policy_at: datetime | None
    decision_id: int | None = None
    rules: Rules = NO_RULES

    @property
    def shown_name(self) -> str:
        """The name as everybody may read it: with stars in its middle when it is to be hidden."""
        if not self.rules.obfuscate:
            return self.name
        quarter = len(self.name) // 4
        return "".join(
            "*" if quarter <= place < len(self.name) - quarter and letter != "." else letter
            for place, letter in enumerate(self.name)
        )


@dataclass(frozen=True, slots=True)
class Allowance:
    """A server that somebody noted down as welcome. Times are UTC."""

    id: int
    host: str
    created_at: datetime


def normalise(name: str) -> str:
    """Return *name* as it is stored: IDNA to ASCII, lower case, no trailing dot (SEC-MOD-01).

    Raises RefusedError when it is not the name of a host.
    """
    return iris.domain(name)


def covering(host: str) -> list[str]:
    """Return *host* and every name above it, on label boundaries, the longest first.

    ``a.evil.example`` is covered by ``evil.example`` and ``example``, never by
    ``vil.example``. A port is part of the first name only.
    """
    names = [host]
    bare = host.partition(":")[0]
    labels = bare.split(".")
    for start in range(len(labels)):
        name = ".".join(labels[start:])
        if name not in names:
            names.append(name)
    return names


class Policies:
    """The policies of all hosts, in memory, so that the gate answers without a query.

    Reload it with ``queries.policies`` whenever PostgreSQL notifies ``hosts``.
    """

    def __init__(self, policies: Mapping[str, Policy] | None = None) -> None:
        self._policies: dict[str, Policy] = dict(policies or {})

    def replace(self, policies: Mapping[str, Policy]) -> None:
        """Forget what was known; know *policies* (normalised name to policy)."""
        self._policies = dict(policies)

    def policy(self, host: str) -> Policy:
        """Return the strictest policy that covers *host*; nonsense is blocked."""
        try:
            name = normalise(host)
        except RefusedError:
            return Policy.BLOCKED
        found = {self._policies.get(each, Policy.OPEN) for each in covering(name)}
        if Policy.BLOCKED in found:
            return Policy.BLOCKED
        return Policy.LIMITED if Policy.LIMITED in found else Policy.OPEN

    def refused(self, host: str) -> bool:
        """Tell whether we neither listen nor speak to *host*."""
        return self.policy(host) is Policy.BLOCKED

    def limited(self, host: str) -> bool:
        """Tell whether what comes from *host* is shown only to those who follow its people."""
        return self.policy(host) is not Policy.OPEN
