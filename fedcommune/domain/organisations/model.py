"""Organisation: its kind, its identifiers, and what somebody types to found one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fedcommune.domain.accounts.lines import ACCESSIBILITY
from fedcommune.domain.accounts.model import (
    MAX_HOURS,
    MAX_LINE,
    MAX_TAGS,
    MAX_WEBSITE,
    Account,
)
from fedcommune.domain.links.model import Openness
from fedcommune.domain.organisations.identifiers import is_rna, is_siret
from fedcommune.errors import Invalid
from federation.vocabulary import tags


def _(message: str) -> str:
    """Mark *message* for the catalogues; it is translated where it is shown."""
    return message


# The ActivityStreams type of each kind (product reference 8.1).
TYPES: Final = {
    "association": "Organization",
    "business": "Organization",
    "authority": "Organization",
    "group": "Group",
}


# One class of characters after the other: linear, whatever is typed (SEC-PAR-07).
_POSTAL_CODE: Final = re.compile(r"[0-9]{5}")
_WEBSITE: Final = re.compile(r"https?://[^\s/@:?#\"<>]+(?:[:/?#][^\s\"<>]*)?")
_EMAIL: Final = re.compile(r"[^\s@\"<>,;:]{1,64}@[^\s@\"<>,;:]+\.[^\s@\"<>,;:.]+")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 .()-]{3,30}")


@dataclass(frozen=True, slots=True)
class Organisation:
    """What is particular to an organisation; the rest is its account."""

    account_id: int
    siret: str | None
    rna: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Where it is in words, how it is reached, when it is open, what it is about.

    ``tags`` are words, with or without sharp sign.
    """

    tags: tuple[str, ...] = ()
    street: str = ""
    postal_code: str = ""
    locality: str = ""
    opening_hours: str = ""
    accessibility: str = ""
    website: str = ""
    email: str = ""
    phone: str = ""

    def check(self) -> None:
        """Raise :class:`Invalid` for what needs a correction."""
        for name, text, limit in (
            ("street", self.street, MAX_LINE),
            ("locality", self.locality, MAX_LINE),
            ("opening_hours", self.opening_hours, MAX_HOURS),
            ("website", self.website, MAX_WEBSITE),
            ("email", self.email, MAX_LINE),
        ):
            if len(text) > limit or any(not char.isprintable() for char in text):
                raise Invalid(
                    name, _("One line of at most {limit} characters: shorten it."), limit=limit
                )
        if self.postal_code and not _POSTAL_CODE.fullmatch(self.postal_code):
            raise Invalid("postal_code", _("A postal code has five digits."))
        if self.accessibility not in ("", *ACCESSIBILITY):
            raise Invalid("accessibility", _("Choose one of the answers."))
        if self.website and not _WEBSITE.fullmatch(self.website):
            raise Invalid("website", _("The address of a website begins with https://."))
        if self.email and not _EMAIL.fullmatch(self.email):
            raise Invalid("email", _("Write an address like contact@example.org."))
        if self.phone and not _PHONE.fullmatch(self.phone):
            raise Invalid("phone", _("Write a telephone number in digits, like 02 62 34 00 00."))
        if len(self.words) > MAX_TAGS:
            raise Invalid("tags", _("At most {limit} words: leave some out."), limit=MAX_TAGS)

    @property
    def words(self) -> tuple[str, ...]:
        """The tags as they are kept: each once, lower case, no sharp sign, nothing odd."""
        read = (tags.hashtag(each.strip()) for each in self.tags)
        return tuple(dict.fromkeys(each for each in read if each is not None))

    @property
    def address(self) -> str:
        """The address in one line, to look for it; empty without a street or a town."""
        town = " ".join(part for part in (self.postal_code, self.locality) if part)
        return ", ".join(part for part in (self.street, town) if part)


# What of the facts is one line of text.
WORDS: Final = (
    "street",
    "postal_code",
    "locality",
    "opening_hours",
    "accessibility",
    "website",
    "email",
    "phone",
)


def facts_of(account: Account) -> Facts:
    """Return the facts that are told of *account* now."""
    details = account.details
    return Facts(
        tags=details.tags,
        street=details.street,
        postal_code=details.postal_code,
        locality=details.locality,
        opening_hours=details.opening_hours,
        accessibility=details.accessibility,
        website=details.website or "",
        email=details.email,
        phone=details.phone,
    )


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
    facts: Facts = Facts()

    def check(self) -> None:
        """Raise :class:`Invalid` when the draft cannot become an organisation."""
        if self.kind not in TYPES:
            raise Invalid("kind", _("Choose a kind: {choices}."), choices=", ".join(TYPES))
        if not self.name.strip():
            raise Invalid("name", _("Give the organisation a name."))
        check_numbers(self.siret, self.rna)
        self.facts.check()


@dataclass(frozen=True, slots=True)
class Revision:
    """What an administrator says anew of an organisation or a project: the whole page.

    *text* is Markdown; the point is where its address was found, before the transaction.
    """

    name: str
    text: str = ""
    openness: Openness = Openness.MODERATED
    siret: str | None = None
    rna: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    facts: Facts = Facts()

    def check(self) -> None:
        """Raise :class:`Invalid` for what needs a correction."""
        if not self.name.strip():
            raise Invalid("name", _("Give it a name that others read."))
        check_numbers(self.siret, self.rna)
        self.facts.check()


def check_numbers(siret: str | None, rna: str | None) -> None:
    """Raise :class:`Invalid` for a SIRET or an RNA number that cannot be one."""
    if siret is not None and not is_siret(siret):
        raise Invalid("siret", _("A SIRET has 14 digits, the last one a check digit: look again."))
    if rna is not None and not is_rna(rna):
        raise Invalid("rna", _("An RNA number is the letter W and nine digits or letters."))
