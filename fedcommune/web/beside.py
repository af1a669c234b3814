"""What the page of an actor shows beside its words: facts, doors, links, lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from fedcommune.database import Executor
from fedcommune.domain.accounts import lines, personal
from fedcommune.domain.accounts.model import Account, Field, Kind
from fedcommune.domain.collections import three
from fedcommune.domain.collections.model import Kind as Kind3
from fedcommune.domain.collections.queries import three as stored
from fedcommune.domain.links import queries as links
from fedcommune.domain.links.model import JOINABLE, State
from fedcommune.domain.visibility import Viewer
from fedcommune.instance import Instance
from fedcommune.text import html
from fedcommune.web import recommendations, taking_part, three_lists
from fedcommune.web.hours import in_a_line
from fedcommune.web.recommendations import Praise
from fedcommune.web.taking_part import Bond
from fedcommune.web.three_lists import Shelf

# Signs beside the words, for those who look before they read; each line has its name as well.
_ICONS: Final[Mapping[str, str]] = {
    "website": "↗",
    "email": "✉",
    "phone": "☎",
    "opening_hours": "◷",
    "accessibility": "♿",
    "authority": "✔",
    "birth_date": "✻",
    "locality": "⌂",
}
_SCHEMA: Final = {
    Kind.ASSOCIATION: "NGO",
    Kind.BUSINESS: "LocalBusiness",
    Kind.AUTHORITY: "GovernmentOrganization",
    Kind.GROUP: "Organization",
    Kind.PROJECT: "Project",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a profile; *verified* is since when what it leads to links back."""

    name: str
    value: str
    icon: str = ""
    verified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the words of an actor, for one reader."""

    tags: tuple[str, ...]
    address: str
    map: str
    lines: tuple[Line, ...]
    joinable: bool
    openness: str
    runs: bool
    state: str
    waiting: int
    members: list[Bond]
    takes_part: list[Bond]
    schema: str
    fits: Kind3 | None
    listed: str
    likes: int
    likers: list[Account]
    lists: list[Shelf]
    praise: list[Praise]
    reads: bool
    mine: bool


async def of(
    db: Executor, instance: Instance, account: Account, reader: Account | None, language: str
) -> Beside:
    """Return what the page of our *account* shows *reader* (None: a visitor), in *language*."""
    viewer = Viewer(None if reader is None else reader.id)
    joinable = account.kind in JOINABLE
    link = None
    runs = False
    if reader is not None and joinable:
        link = await taking_part.bond_between(db, reader, account)
        runs = link is not None and link.is_active and link.is_admin
    waiting = await links.of_target(db, account.id, state=State.PENDING) if runs else []
    details = account.details
    town = " ".join(part for part in (details.postal_code, details.locality) if part)
    return Beside(
        tags=details.tags,
        address=", ".join(part for part in (details.street, town) if part),
        map=_map(account),
        lines=_lines(instance, account, await _told(db, instance, account, viewer), language),
        joinable=joinable,
        openness=details.openness or "moderated",
        runs=runs,
        state="" if link is None else link.state,
        waiting=len(waiting),
        members=await taking_part.shown(db, viewer, target_id=account.id) if joinable else [],
        takes_part=await taking_part.shown(db, viewer, subject_id=account.id),
        schema=_schema(account) if joinable else "",
        fits=three.FITS.get(account.kind),
        listed=await _listed(db, reader, account),
        likes=await stored.count_appreciations(db, account.id) if joinable else 0,
        likers=await stored.appreciating(db, account.id) if joinable else [],
        lists=await three_lists.shelves(db, account, viewer),
        praise=await recommendations.of(db, viewer, account),
        reads=reader is not None,
        mine=reader is not None and reader.id == account.id,
    )


async def _listed(db: Executor, reader: Account | None, account: Account) -> str:
    """Return how *account* stands in the lists of *reader*: accepted, pending, refused or not."""
    kind = three.FITS.get(account.kind)
    if reader is None or kind is None:
        return ""
    return (await stored.where_stands(db, reader.id, account.id)).get(kind, "")


async def _told(
    db: Executor, instance: Instance, account: Account, viewer: Viewer
) -> tuple[Field, ...]:
    found = await personal.shown(db, instance, viewer, [account.id])
    return found.get(account.id, ())


def _lines(
    instance: Instance, account: Account, personal_lines: Sequence[Field], language: str
) -> tuple[Line, ...]:
    told = lines.named(instance, account, language)
    hours = html.escape(in_a_line(account.details.opening_hours, language))
    return tuple(
        Line(
            each.name,
            hours if key == "opening_hours" else each.value,
            _ICONS.get(key, ""),
            lines.verified_at(account, each),
        )
        for key, each in told
    ) + tuple(
        Line(each.name, each.value, "", lines.verified_at(account, each))
        for each in (*personal_lines, *account.fields)
    )


def _map(account: Account) -> str:
    if account.latitude is None or account.longitude is None:
        return ""
    where = {"lat": f"{account.latitude:.5f}", "lon": f"{account.longitude:.5f}", "radius": 1}
    return f"/map?{urlencode(where)}"


def _schema(account: Account) -> str:
    """Return what search engines read of an organisation, as JSON-LD (schema.org)."""
    details = account.details
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": _SCHEMA[account.kind],
        "@id": account.actor_id,
        "name": account.display_name,
        "url": account.url,
        "description": html.plain(account.summary, limit=300),
        "email": details.email,
        "telephone": details.phone,
        "sameAs": details.website,
        "identifier": details.siret or details.rna,
        "keywords": ", ".join(details.tags),
    }
    if account.kind in (Kind.BUSINESS, Kind.AUTHORITY):
        said["openingHours"] = details.opening_hours
    if details.locality:
        said["address"] = {
            "@type": "PostalAddress",
            "streetAddress": details.street,
            "postalCode": details.postal_code,
            "addressLocality": details.locality,
            "addressCountry": "FR",
        }
    if account.latitude is not None and account.longitude is not None:
        point = {
            "@type": "GeoCoordinates",
            "latitude": account.latitude,
            "longitude": account.longitude,
        }
        # Only a business is a place as well; everybody else is somewhere.
        if account.kind is Kind.BUSINESS:
            said["geo"] = point
        else:
            said["location"] = {"@type": "Place", "geo": point}
    return html.script_json({name: value for name, value in said.items() if value})
