"""Where somebody with a postal code lives: here, at a neighbour's, or further away."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

import structlog

from fedcommune.commune import Commune
from fedcommune.domain.citizens.queries import places
from fedcommune.domain.territory import geo_api
from fedcommune.domain.territory.model import check_postal_code
from fedcommune.errors import Invalid
from federation.errors import FederationError

_log = structlog.get_logger(__name__)

# Postal codes change rarely; what we were told serves longer when nobody answers.
FRESH: Final = timedelta(days=60)
STALE: Final = timedelta(days=3650)
SECONDS: Final = 4.0
# Where somebody lives whose commune nobody could name.
ELSEWHERE: Final = "elsewhere"


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Place:
    """A commune with the postal code: ours, one that a neighbour serves, or nobody's yet.

    ``address`` leads to the neighbour's sign-up.
    """

    insee: str
    name: str
    whose: Literal["ours", "neighbour", "nobody"]
    address: str = ""


def chosen(commune: Commune, found: list[Place], territory: str) -> Place | None:
    """Return the commune somebody lives in, once it is clear; None while they must say.

    Nobody is asked when there is only ours. Raises nothing: where friends are not let in,
    only ours can be chosen.
    """
    if len(found) == 1 and found[0].whose == "ours":
        return found[0]
    for place in found:
        if place.insee == territory and territory:
            allowed = place.whose == "ours" or commune.config.registration.friends
            return place if allowed else None
    if territory == ELSEWHERE and commune.config.registration.friends:
        return Place("", "", "nobody")
    return None


async def of_postal_code(commune: Commune, postal_code: str) -> list[Place]:
    """Return the communes of *postal_code*, ours first; none when nobody could tell.

    Raises Invalid for what is no postal code, or one that no commune has.
    """
    code = check_postal_code(postal_code)
    instance = commune.instance
    is_ours = code in instance.postal_codes
    told = await _communes(commune, code)
    if told is not None and not told and not is_ours:
        raise Invalid("postal_code", _("No commune has this postal code: check it."))
    known = dict(told or [])
    if is_ours and instance.insee not in known:
        known[instance.insee] = instance.name
    neighbours = {
        each.insee: each for each in await places.neighbours(commune.database.pool, list(known))
    }
    found = []
    for insee, name in known.items():
        if insee == instance.insee:
            if is_ours or told is not None:
                found.append(Place(insee, instance.name, "ours"))
        elif (neighbour := neighbours.get(insee)) is not None:
            address = f"{instance.scheme}://{neighbour.domain}/sign-up?postal_code={code}"
            found.append(Place(insee, name or neighbour.name, "neighbour", address))
        else:
            found.append(Place(insee, name, "nobody"))
    return sorted(found, key=lambda place: (place.whose != "ours", place.name))


async def _communes(commune: Commune, code: str) -> list[tuple[str, str]] | None:
    """Return what is known of a code: kept, asked for, or kept long ago; None for nothing."""
    pool, now = commune.database.pool, commune.database.clock()
    kept = await places.communes_of(pool, code, now - FRESH)
    api = commune.config.registration.geo_api
    if kept is not None or not api:
        return kept
    try:
        async with asyncio.timeout(SECONDS):
            told = await geo_api.communes_of(commune.client, code, api=api.rstrip("/"))
    except (FederationError, TimeoutError) as error:
        _log.info("geo_api_silent", reason=str(error))
        return await places.communes_of(pool, code, now - STALE)
    communes = [(territory.insee, territory.name) for territory in told]
    async with commune.database.transaction() as tx:
        await places.remember(tx.db, code, communes, tx.now)
    return communes
