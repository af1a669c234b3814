"""People and other actors: found, read, and who follows whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from fedcommune import lookup
from fedcommune.domain.accounts import queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import queries as blocks
from fedcommune.domain.relations import people
from fedcommune.domain.relations import queries as relations
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.mastodon import entities
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.errors import Gone
from fedcommune.mastodon.limits import PAGING
from fedcommune.mastodon.pagination import linked, page
from fedcommune.mastodon.render import account as render
from federation.errors import FederationError

MAX_ACCOUNTS: Final = 40
LONGEST: Final = 500
_FARTHEST: Final = 1_000


class FamiliarFollowers(Struct, frozen=True, kw_only=True):
    """Whom one follows among the followers of an account."""

    id: str
    accounts: list[entities.Account]


class Suggestion(Struct, frozen=True, kw_only=True):
    """Somebody to follow, and why."""

    source: str
    sources: list[str]
    account: entities.Account


async def show(call: Call) -> Answer:
    """One account; of a deleted one, that it is gone."""
    account = await queries.by_id(call.db, call.number())
    if account is None:
        raise NotFound
    if account.deleted_at is not None:
        raise Gone
    return await render.account(call.db, call.instance, account, call.viewer)


async def show_many(call: Call) -> Answer:
    """Those of the ids that there are, in the order asked."""
    ids = call.params.identifiers("id")[:MAX_ACCOUNTS]
    found = await queries.by_ids(call.db, ids)
    return await shown(
        call, [found[each] for each in ids if each in found and not found[each].deleted_at]
    )


async def look_up(call: Call) -> Answer:
    """Whom a handle names, as far as it is known here."""
    text = call.params.required("acct").strip().removeprefix("@")[:LONGEST]
    name, _, domain = text.partition("@")
    account = await queries.by_handle(call.db, name, domain.lower() or call.instance.domain)
    if account is None or not account.is_active:
        raise NotFound
    return await render.account(call.db, call.instance, account, call.viewer)


async def search(call: Call) -> Answer:
    """People by name or handle; with ``resolve``, a whole handle on its server too."""
    params = call.params
    text = params.text("q").strip()[:LONGEST]
    if not text:
        return []
    limit = max(1, min(params.number("limit") or 40, 80))
    skip = max(0, min(params.number("offset") or 0, _FARTHEST))
    following = params.flag("following")
    found = await queries.search(
        call.db, call.account.id, text, limit=limit, skip=skip, following=following
    )
    if not found and not skip and not following and params.flag("resolve"):
        found = await _elsewhere(call, text)
    return await shown(call, found)


async def _elsewhere(call: Call, text: str) -> list[Account]:
    name, _, domain = text.removeprefix("@").partition("@")
    if not name or not domain or " " in text:
        return []
    try:
        account = await lookup.actor(call.commune, text)
    except (CommuneError, FederationError):
        return []
    return [account] if account.is_active else []


async def followers(call: Call) -> Answer:
    return await _around(call, outwards=False)


async def following(call: Call) -> Answer:
    return await _around(call, outwards=True)


async def _around(call: Call, *, outwards: bool) -> Answer:
    account = await one(call)
    part = page(call, 40, 80)
    keeps = account.details.hides_follows and call.viewer.account_id != account.id
    if keeps or await _hidden(call, account):
        return linked(call, [], [])
    ask = people.following if outwards else people.followers
    found = await ask(
        call.db,
        call.viewer,
        account.id,
        ceiling=part.ceiling,
        floor=part.floor,
        order=part.order,
        limit=part.limit,
    )
    return await paged(call, found)


async def endorsements(call: Call) -> Answer:
    """Whom the caller recommends."""
    return await _endorsed(call, call.account)


async def endorsements_of(call: Call) -> Answer:
    """Whom an account recommends."""
    return await _endorsed(call, await one(call))


async def _endorsed(call: Call, account: Account) -> Answer:
    part = page(call, 40, 80)
    if await _hidden(call, account):
        return linked(call, [], [])
    found = await people.endorsed(
        call.db,
        call.viewer,
        account.id,
        ceiling=part.ceiling,
        floor=part.floor,
        order=part.order,
        limit=part.limit,
    )
    return await paged(call, found)


async def familiar_followers(call: Call) -> Answer:
    ids = call.params.identifiers("id")[:MAX_ACCOUNTS]
    known = await queries.by_ids(call.db, ids)
    ids = [each for each in ids if each in known]
    found = await people.familiar(call.db, call.account.id, ids)
    return [
        FamiliarFollowers(id=str(each), accounts=await shown(call, found[each])) for each in ids
    ]


async def suggestions(call: Call) -> Answer:
    return await shown(call, await _suggested(call))


async def suggestions_with_reasons(call: Call) -> Answer:
    entities_ = await shown(call, await _suggested(call))
    return [
        Suggestion(source="global", sources=["most_followed"], account=each) for each in entities_
    ]


async def _suggested(call: Call) -> list[Account]:
    limit = max(1, min(call.params.number("limit") or 40, 80))
    return await people.suggested(call.db, call.account.id, limit=limit)


async def decline_suggestion(call: Call) -> Answer:
    account_id = call.number()
    async with call.transaction() as tx:
        await relations.decline(tx.db, call.account.id, account_id)
    return {}


async def directory(call: Call) -> Answer:
    """Our own people and organisations who want to be found; strangers are never shown around."""
    params = call.params
    order = params.text("order", "active")
    if order not in ("active", "new"):
        raise Invalid("order", "Choose active or new.")
    found = await people.directory(
        call.db,
        call.viewer,
        by_age=order == "new",
        skip=max(0, min(params.number("offset") or 0, _FARTHEST)),
        limit=max(1, min(params.number("limit") or 40, 80)),
    )
    return await shown(call, found)


# What other modules need, too.


async def one(call: Call, name: str = "id") -> Account:
    """Return the account of the address. Raises :class:`NotFound`."""
    account = await queries.by_id(call.db, call.number(name))
    if account is None or account.deleted_at is not None:
        raise NotFound
    return account


async def shown(call: Call, found: Sequence[Account]) -> list[entities.Account]:
    return await render.accounts(call.db, call.instance, found, call.viewer)


async def paged(call: Call, found: people.People) -> Answer:
    """Return a page of people, with where the pages around it are."""
    entities_ = await shown(call, [account for _, account in found])
    return linked(call, entities_, [cursor for cursor, _ in found])


async def _hidden(call: Call, account: Account) -> bool:
    """Tell whether whom *account* knows is nothing for the caller."""
    if not account.is_active:
        return True
    viewer_id = call.viewer.account_id
    if viewer_id is None or viewer_id == account.id:
        return False
    return await blocks.of(call.db, account.id, viewer_id) is not None


_ALL: Final = "/api/v1/accounts"
_ONE: Final = f"{_ALL}/{{id}}"

ENDPOINTS: Final = (
    Endpoint("GET", _ALL, show_many, "read:accounts", "anyone"),
    Endpoint("GET", f"{_ALL}/lookup", look_up, "read:accounts", "anyone"),
    Endpoint("GET", f"{_ALL}/search", search, "read:accounts"),
    Endpoint("GET", f"{_ALL}/familiar_followers", familiar_followers, "read:follows"),
    Endpoint("GET", _ONE, show, "read:accounts", "anyone"),
    Endpoint("GET", f"{_ONE}/followers", followers, "read:accounts", "anyone", PAGING),
    Endpoint("GET", f"{_ONE}/following", following, "read:accounts", "anyone", PAGING),
    Endpoint("GET", f"{_ONE}/endorsements", endorsements_of, "read:accounts", "anyone"),
    Endpoint("GET", "/api/v1/endorsements", endorsements, "read:accounts"),
    Endpoint("GET", "/api/v1/suggestions", suggestions, "read:accounts"),
    Endpoint("GET", "/api/v2/suggestions", suggestions_with_reasons, "read:accounts"),
    Endpoint("DELETE", "/api/v1/suggestions/{id}", decline_suggestion, "write:accounts"),
    Endpoint("GET", "/api/v1/directory", directory, access="anyone"),
)
