"""Ask the national geo API about communes; it is a stranger like any other."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import orjson

from fedcommune.domain.territory.model import Territory, check_insee, check_postal_code, read
from fedcommune.errors import NotFound
from federation.errors import RefusedError, UnavailableError
from federation.network import Client


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


PUBLIC: Final = "https://geo.api.gouv.fr"
_FIELDS: Final = "nom,code,codesPostaux,codeEpci,centre"
_LARGEST: Final = 4 * 1024 * 1024  # an outline of many islands is long


async def commune(client: Client, insee: str, *, api: str = PUBLIC) -> Territory:
    """Return the commune of this INSEE code, with its outline.

    Raises Invalid for what is no code, NotFound when the API knows no such commune,
    UnavailableError when it cannot be reached or answers nonsense.
    """
    code = check_insee(insee)
    try:
        found = await _ask(client, f"{api}/communes/{quote(code)}?fields={_FIELDS},contour")
    except RefusedError as error:
        if error.status_code == 404:
            raise NotFound(
                _("The geo API knows no commune with the INSEE code {code}."), code=code
            ) from None
        raise UnavailableError(f"The geo API refused to answer: {error}") from None
    try:
        return read(found if isinstance(found, dict) else {})
    except ValueError as error:
        raise UnavailableError(f"The geo API answered nonsense: {error}.") from None


async def communes_of(client: Client, postal_code: str, *, api: str = PUBLIC) -> list[Territory]:
    """Return the communes that share a postal code, by name; none when nobody uses it.

    Raises Invalid for what is no postal code, UnavailableError when the API cannot be
    reached or answers nonsense.
    """
    code = check_postal_code(postal_code)
    try:
        found = await _ask(client, f"{api}/communes?codePostal={quote(code)}&fields={_FIELDS}")
    except RefusedError as error:
        raise UnavailableError(f"The geo API refused to answer: {error}") from None
    if not isinstance(found, list):
        raise UnavailableError("The geo API answered nonsense: this is not a list.")
    try:
        communes = [read(each if isinstance(each, dict) else {}) for each in found[:100]]
    except ValueError as error:
        raise UnavailableError(f"The geo API answered nonsense: {error}.") from None
    return sorted(communes, key=lambda territory: territory.name)


async def _ask(client: Client, url: str) -> Any:
    response = await client.get(url, accept="application/json", limit=_LARGEST)
    try:
        # Not documents.read: an outline may hold more numbers than any activity.
        return orjson.loads(response.body)
    except ValueError:
        raise UnavailableError("The geo API answered nonsense: this is not JSON.") from None
