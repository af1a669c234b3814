"""Find an actor by its handle or its address, here or elsewhere: before any transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from fedcommune.commune import Commune
from fedcommune.domain.accounts import actions, queries
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.errors import Invalid, NotFound
from federation import iris, webfinger
from federation.errors import FederationError, GoneError, RefusedError
from federation.network import fetch
from federation.webfinger import Handle


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def actor(commune: Commune, text: str) -> Account:
    """Return the actor that *text* names: ``@name``, ``@name@domain`` or an address.

    A stranger who is not known yet is looked up on its own server and learnt of, in a
    transaction of its own. Raises :class:`Invalid` for a text that names nobody,
    :class:`NotFound` when there is no such actor, UnavailableError when its server does not
    answer now, RefusedError when what it answers is not acceptable.
    """
    text = text.strip()
    if "\x00" in text:
        raise Invalid(
            "actor", _("Write a name like @marie@commune.example, without special signs.")
        )
    if text.startswith(("https://", "http://")):
        return await _at(commune, text)
    name = text.removeprefix("acct:").removeprefix("@")
    if "@" not in name:
        return await _local(commune, name)
    try:
        handle = webfinger.parse_handle(text)
    except RefusedError as error:
        raise Invalid(
            "actor", _("Write a name like @marie@commune.example. {error}"), error=error
        ) from None
    if handle.domain in (commune.instance.domain, commune.instance.host):
        return await _local(commune, handle.username)
    known = await queries.by_handle(commune.database.pool, handle.username, handle.domain)
    if known is not None:
        return known
    signer = await commune.signer()
    try:
        actor_id = await webfinger.resolve(commune.client, handle, signer=signer)
    except (GoneError, RefusedError) as error:
        raise NotFound(
            _("Nobody is called @{handle}: {error}"), handle=handle, error=error
        ) from error
    return await _learnt(commune, actor_id)


async def commune(here: Commune, domain: str) -> Account:
    """Return the actor of the commune whose server is *domain*, looked up when it is not known.

    Raises :class:`Invalid` for what is no commune's, and what :func:`actor` raises.
    """
    domain = domain.strip().removeprefix("https://").strip("/@").lower()
    if not domain or domain == here.instance.domain:
        raise Invalid("domain", _("Write the domain of another commune, such as leur.commune.fr."))
    known = await queries.commune_of(here.database.pool, domain)
    host = domain.partition(":")[0]
    found = known or await actor(here, f"@{host}@{domain}")
    if found.kind is not Kind.COMMUNE:
        raise Invalid("domain", _("This server is no commune's: follow who is there instead."))
    return found


async def mentioned(commune: Commune, handles: Iterable[str]) -> tuple[Account, ...]:
    """Return those of *handles* that can be found; the others stay words."""

    async def found(handle: str) -> Account | None:
        try:
            return await actor(commune, handle)
        except (FederationError, Invalid, NotFound):
            return None

    accounts = await asyncio.gather(*(found(handle) for handle in handles))
    return tuple(account for account in accounts if account is not None)


async def _local(commune: Commune, username: str) -> Account:
    name = username.lower()
    account = await queries.local_by_username(commune.database.pool, name)
    if account is None and name in (commune.instance.host, commune.instance.domain, "commune"):
        account = await queries.by_actor_id(commune.database.pool, commune.instance.actor)
    if account is None or account.deleted_at is not None:
        raise NotFound(_("Nobody here is called @{username}."), username=username)
    return account


async def _at(commune: Commune, address: str) -> Account:
    pool = commune.database.pool
    known = await queries.by_actor_id(pool, address) or await queries.by_url(pool, address)
    if known is not None and known.deleted_at is None:
        return known
    try:
        iris.check(address, commune.client.reach)
    except RefusedError as error:
        raise Invalid("actor", _("This address cannot be used: {error}"), error=error) from None
    if commune.instance.owns(address):
        raise NotFound(_("Nobody here has this address."))
    return await _learnt(commune, address)


async def _learnt(commune: Commune, actor_id: str) -> Account:
    known = await queries.by_actor_id(commune.database.pool, actor_id)
    if known is not None:
        return known
    signer = await commune.signer()
    try:
        document = await fetch.document(commune.client, actor_id, signer=signer)
    except GoneError as error:
        raise NotFound(_("Nobody is found there: {error}"), error=error) from error
    handle: Handle | None = None
    try:
        handle = await webfinger.confirm(commune.client, document, signer=signer)
    except FederationError:
        handle = None  # then it is called by the host of its id
    async with commune.database.transaction() as tx:
        return await actions.learn(tx, document, handle)
