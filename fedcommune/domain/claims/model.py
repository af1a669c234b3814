"""What a claim is, and what proves that somebody speaks for a place."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from fedcommune.domain.accounts.model import is_username
from fedcommune.domain.citizens.model import check_email
from fedcommune.domain.organisations.identifiers import is_rna, is_siret
from fedcommune.errors import Invalid

MAX_MESSAGE: Final = 1_000
MAX_REASON: Final = 1_000
LETTER: Final = timedelta(days=3)

# Where everybody can have an address or a page: neither says who keeps a shop.
SHARED: Final = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "outlook.fr", "hotmail.com", "hotmail.fr"),
        *("live.com", "live.fr", "msn.com", "yahoo.com", "yahoo.fr", "ymail.com", "aol.com"),
        *("icloud.com", "me.com", "mac.com", "proton.me", "protonmail.com", "pm.me", "tuta.com"),
        *("gmx.com", "gmx.fr", "mailo.com", "laposte.net", "orange.fr", "wanadoo.fr", "free.fr"),
        *("sfr.fr", "neuf.fr", "bbox.fr", "numericable.fr", "only.fr", "zeop.re", "zoho.com"),
        *("facebook.com", "instagram.com", "linkedin.com", "x.com", "twitter.com", "tiktok.com"),
        *("google.com", "google.fr", "wordpress.com", "blogspot.com", "wixsite.com", "github.io"),
    }
)


class Proof(StrEnum):
    """What a claim leans on: a letter to the domain of the website, a number, or a word."""

    LETTER = "letter"
    NUMBER = "number"
    WORD = "word"


class State(StrEnum):
    """How a claim stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of ``commune.claim``. Times are UTC."""

    id: int
    place_id: int
    account_id: int
    username: str
    proof: Proof
    email: str | None
    email_proven_at: datetime | None
    siret: str | None
    rna: str | None
    message: str
    state: State
    reason: str
    organisation_id: int | None
    decided_by: int | None
    created_at: datetime
    decided_at: datetime | None

    @property
    def waits_for_letter(self) -> bool:
        """Whether who claims must open the link of the letter first."""
        return self.proof is Proof.LETTER and self.email_proven_at is None


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody types to claim a place; *username* is the short name it will have."""

    username: str
    proof: Proof
    email: str = ""
    number: str = ""
    message: str = ""

    def check(self, website: str | None) -> None:
        """Raise Invalid for what needs a correction; *website* is that of the place."""
        if not is_username(self.username):
            raise Invalid("username", _("A short name has 1 to 30 letters a–z, digits and _."))
        if len(self.message) > MAX_MESSAGE:
            raise Invalid("message", _("This is too long: shorten it."))
        match self.proof:
            case Proof.LETTER:
                domain = check_email(self.email).rpartition("@")[2].lower()
                if not proves(domain, website):
                    raise Invalid(
                        "email",
                        _("Only an address at the domain of the website proves something."),
                    )
            case Proof.NUMBER:
                if self.siret is None and self.rna is None:
                    raise Invalid(
                        "number",
                        _("This is no SIRET (14 digits) and no RNA number (W…): check it."),
                    )
            case Proof.WORD:
                if not self.message.strip():
                    raise Invalid("message", _("Say how one can tell that it is yours."))

    @property
    def siret(self) -> str | None:
        """The SIRET that was typed, its check digit verified."""
        number = _tidy(self.number)
        return number if is_siret(number) else None

    @property
    def rna(self) -> str | None:
        """The number in the register of associations that was typed."""
        number = _tidy(self.number)
        return number if is_rna(number) else None


def proves(domain: str, website: str | None) -> bool:
    """Tell whether an e-mail address at *domain* says something about who keeps *website*.

    Only the very host of the website does: of a part of it, others may have addresses.
    """
    host = (urlsplit(website or "").hostname or "").lower().removeprefix("www.")
    return bool(host) and domain == host and host not in SHARED


def suggested(name: str) -> str:
    """Return a short name for what is called *name*: "Café Técher" is cafe_techer."""
    plain = unicodedata.normalize("NFD", name.lower().replace("œ", "oe"))
    ascii_ = "".join(each for each in plain if not unicodedata.combining(each))
    return re.sub(r"[^a-z0-9]+", "_", ascii_).strip("_")[:30].strip("_")


def _tidy(number: str) -> str:
    return re.sub(r"[\s.\u00a0-]", "", number).upper()


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message
