"""Find whom and what an app names, here or elsewhere: before the transaction of its errand."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from typing import Final

from fedcommune import lookup, retrieval
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.errors import Invalid, NotFound
from fedcommune.fediverse.client.errand import Errand
from federation import iris
from federation.errors import GoneError, RefusedError

MAX_PEOPLE: Final = 50


async def actor(errand: Errand, actor_id: str, name: str = "object") -> Account:
    """Return the living actor of this id; a stranger is learnt of.

    Raises :class:`Invalid` when there is nobody, UnavailableError when its server is silent.
    """
    wrong = Invalid(name, f"Nobody is found at {actor_id[:200]}: give the id of an actor.")
    if not actor_id.startswith(("https://", "http://", "acct:")):
        raise wrong
    try:
        found = await lookup.actor(errand.commune, actor_id)
    except (NotFound, Invalid, RefusedError, GoneError):
        raise wrong from None
    if not found.is_active:
        raise wrong
    return found


async def people(errand: Errand, actor_ids: Collection[str]) -> tuple[Account, ...]:
    """Return the actors of these ids, all of them. Raises as :func:`actor`."""
    if len(actor_ids) > MAX_PEOPLE:
        raise Invalid("to", f"At most {MAX_PEOPLE} people can be addressed by name.")
    return tuple(await asyncio.gather(*(actor(errand, each, "to") for each in actor_ids)))


async def post(errand: Errand, object_id: str, name: str = "object") -> Post:
    """Return the post of this id that the person may see; one of elsewhere is fetched.

    Raises :class:`Invalid` when there is none, or none for them, alike (SEC-VIS-03).
    """
    wrong = Invalid(name, f"No post that you may see is found at {object_id[:200]}.")
    commune, viewer = errand.commune, errand.viewer
    found = await retrieval.known(commune, object_id, viewer)
    if found is None:
        try:
            iris.check(object_id, commune.client.reach)
            found = await retrieval.fetched(commune, object_id, viewer)
        except (NotFound, Invalid, RefusedError, GoneError):
            raise wrong from None
    if not isinstance(found, Post):
        raise wrong
    return found


async def own_post(errand: Errand, object_id: str) -> Post:
    """Return a post that the person may see. Raises :class:`NotFound` (SEC-VIS-03)."""
    found = await posts.by_object_id(errand.commune.database.pool, errand.viewer, object_id)
    if found is None:
        raise NotFound
    return found


async def somebody(errand: Errand, account_id: int) -> Account:
    """Return an account that is known here, by its number. Raises :class:`NotFound`."""
    found = await accounts.by_id(errand.commune.database.pool, account_id)
    if found is None:
        raise NotFound
    return found


async def author_of(errand: Errand, post: Post) -> Account:
    """Return who wrote *post*."""
    return await somebody(errand, post.author_id)


async def is_actor(errand: Errand, ids: Iterable[str]) -> bool:
    """Tell whether one of these is the id of an actor that is known here."""
    return bool(await accounts.by_actor_ids(errand.commune.database.pool, list(ids)))
