"""The page of a collection: whom somebody recommends."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.collections import queries
from fedcommune.domain.visibility import ANYONE
from fedcommune.errors import NotFound
from fedcommune.web.pages import Group, commune_of, pages_of


async def show(request: Request) -> Response:
    """Who stands in a collection of ours and agreed; an unlisted one for who has its address."""
    db = commune_of(request).database.pool
    number = int(request.path_params["collection"])
    # A bigint is what the database can look for (SEC-PAR-03).
    found = await queries.by_id(db, ANYONE, number) if number < 2**63 else None
    if found is None or not found.local:
        raise NotFound
    owner = await accounts.by_id(db, found.account_id)
    if owner is None:
        raise NotFound
    people = [account for _, account in await queries.people(db, found.id)]
    return pages_of(request).page(
        request,
        "collection.html",
        alternate=found.object_id,
        collection=found,
        owner=owner,
        groups=[Group(found.name, people)],
    )
