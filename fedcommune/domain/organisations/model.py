"""Organisation: its kind, its identifiers, and what somebody types to found one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fedcommune.domain.links.model import Openness
from fedcommune.domain.organisations.identifiers import is_rna, is_siret
from fedcommune.errors import Invalid

# The ActivityStreams type of each kind (product reference 8.1).
TYPES: Final = {
    "association": "Organization",
    "business": "Organization",
    "authority": "Organization",
    "group": "Group",
}


@dataclass(frozen=True, slots=True)
class Organisation:
    """What is particular to an organisation; the rest is its account."""

    account_id: int
    siret: str | None
    rna: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody types to found an organisation."""

    kind: str
    username: str
    name: str
    summary: str = ""
    openness: Openness = Openness.MODERATED
    siret: str | None = None
    rna: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    def check(self) -> None:
        """Raise :class:`Invalid` when the draft cannot become an organisation."""
        if self.kind not in TYPES:
            raise Invalid("kind", f"Choose a kind: {', '.join(TYPES)}.")
        if not self.name.strip():
            raise Invalid("name", "Give the organisation a name.")
        if self.siret is not None and not is_siret(self.siret):
            raise Invalid("siret", "A SIRET has 14 digits: check the number.")
        if self.rna is not None and not is_rna(self.rna):
            raise Invalid("rna", "An RNA number looks like W9R4001234: check it.")
