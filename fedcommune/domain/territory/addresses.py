"""Ask the national address base where an address is; it is a stranger like any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import orjson

from fedcommune.database import Executor
from federation.errors import RefusedError, UnavailableError
from federation.network import Client

MAX_QUERY: Final = 200
MAX_FOUND: Final = 5
LARGEST: Final = 256 * 1024
KEPT: Final = timedelta(days=180)


class Address(msgspec.Struct, frozen=True):
    """An address and where it is. Angles are degrees (WGS 84)."""

    label: str
    latitude: float
    longitude: float
    street: str = ""
    postal_code: str = ""
    locality: str = ""
    insee: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """Where to look first."""

    latitude: float
    longitude: float


def tidy(text: str) -> str:
    """Return *text* as it is asked for and kept: single spaces, lower case, not too long."""
    return " ".join(text.split()).lower()[:MAX_QUERY]


async def search(
    client: Client, text: str, *, api: str, around: Around | None = None
) -> list[Address]:
    """Return the best matches of *text*, best first, those near *around* preferred.

    *api* is the address of a server of the kind of api-adresse.data.gouv.fr (addok). Raises
    UnavailableError when it cannot be reached, refuses or answers nonsense.
    """
    asked = {"q": tidy(text), "limit": str(MAX_FOUND), "autocomplete": "0"}
    if around is not None:
        asked |= {"lat": f"{around.latitude:.4f}", "lon": f"{around.longitude:.4f}"}
    try:
        answer = await client.get(
            f"{api.rstrip('/')}/search/?{urlencode(asked)}",
            accept="application/json",
            limit=LARGEST,
        )
        found = orjson.loads(answer.body)
    except (RefusedError, ValueError) as error:
        raise UnavailableError(f"The address base answered nonsense: {error}") from None
    features = found.get("features") if isinstance(found, Mapping) else None
    if not isinstance(features, list):
        raise UnavailableError("The address base answered nonsense: this is no list.")
    return [address for each in features[:MAX_FOUND] if (address := _read(each)) is not None]


def _read(feature: object) -> Address | None:
    match feature:
        case {
            "geometry": {"type": "Point", "coordinates": [longitude, latitude, *_]},
            "properties": {"label": str(label), **properties},
        }:
            pass
        case _:
            return None
    if not (isinstance(longitude, int | float) and isinstance(latitude, int | float)):
        return None
    if abs(longitude) > 180 or abs(latitude) > 90:
        return None

    def said(name: str) -> str:
        value: Any = properties.get(name)
        return value[:MAX_QUERY] if isinstance(value, str) else ""

    return Address(
        label=label[:MAX_QUERY],
        latitude=float(latitude),
        longitude=float(longitude),
        street=said("name") if said("type") != "municipality" else "",
        postal_code=said("postcode"),
        locality=said("city"),
        insee=said("citycode"),
    )


async def kept(db: Executor, text: str, since: datetime) -> list[Address] | None:
    """Return what was told of *text* since then; None when nothing was."""
    answer = await db.fetchval(
        "select answer from commune.geocoded where query = $1 and told_at >= $2",
        tidy(text),
        since,
    )
    return None if answer is None else msgspec.json.decode(answer, type=list[Address])


async def keep(db: Executor, text: str, found: list[Address], now: datetime) -> None:
    """Keep what was told of *text*, perhaps that there is no such address."""
    await db.execute(
        """
        insert into commune.geocoded (query, answer, told_at)
        values ($1, $2::jsonb, $3)
        on conflict (query) do update
        set answer = excluded.answer, told_at = excluded.told_at
        """,
        tidy(text),
        msgspec.json.encode(found).decode(),
        now,
    )


async def forget(db: Executor, before: datetime) -> None:
    """Forget what was told before then."""
    await db.execute("delete from commune.geocoded where told_at < $1", before)
