"""The page of a collection, and that on which one agrees to stand in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.collections import actions, queries
from fedcommune.domain.collections.model import Collection, Item
from fedcommune.domain.visibility import ANYONE, Viewer
from fedcommune.errors import NotFound
from fedcommune.web import forms, sessions, three_lists
from fedcommune.web.pages import Group, commune_of, pages_of
from fedcommune.web.signing import onwards

MOST: Final = 100


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
    # Places, which other software is not told of, stand behind the people.
    return pages_of(request).page(
        request,
        "collection.html",
        alternate=found.object_id,
        collection=found,
        owner=owner,
        groups=[Group(found.name, people)],
        entries=await three_lists.places_of(db, found.id),
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """That somebody recommends, or wants to recommend, the reader."""

    collection: Collection
    owner: Account
    item: Item


async def show_mine(request: Request) -> Response:
    """Who recommends the reader, and who asks to."""
    who = await sessions.required(request)
    db = commune_of(request).database.pool
    viewer = Viewer(who.account.id)
    found = await queries.with_account(db, viewer, who.account.id, limit=MOST)
    owners = await accounts.by_ids(db, [each.account_id for each in found])
    wishes = []
    for each in found:
        item = await queries.item_of(db, each.id, who.account.id)
        if item is not None and each.account_id in owners:
            wishes.append(Wish(each, owners[each.account_id], item))
    return forms.page(request, "settings/collections.html", here="settings", who=who, wishes=wishes)


async def answer(request: Request) -> Response:
    """Agree to stand in a collection, or refuse, for good (FEP-7aa9)."""
    form = await forms.read(request)
    who = await sessions.required(request)
    collection_id, item_id = (_number(form.get(name, "")) for name in ("collection", "item"))
    act = actions.agree if form.get("answer") == "yes" else actions.revoke
    async with commune_of(request).database.transaction() as tx:
        await act(tx, who.account, collection_id, item_id)
    return onwards("/settings/collections")


def _number(text: str) -> int:
    """Return an id that a form sent back. Raises NotFound for nonsense (SEC-PAR-03)."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotFound
    return int(text)
