"""A stranger's post, taken from where it is kept, with who wrote it; told to nobody."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Protocol

from fedcommune.database import Database
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.hosts.model import Policies
from fedcommune.domain.posts import arrivals
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from federation import documents, iris, webfinger
from federation.errors import FederationError, IgnoredError, RefusedError
from federation.keys import Signer
from federation.network import Client, fetch
from federation.vocabulary import notes


class Signs(Protocol):
    """Gives what signs for the instance."""

    def __call__(self) -> Awaitable[Signer]: ...


@dataclass(frozen=True, slots=True)
class Origins:
    """Asks other servers, in the name of the instance, for what they keep."""

    database: Database
    client: Client
    signer: Signs
    policies: Policies

    async def document(self, address: str) -> dict[str, Any]:
        """Return the document whose id is *address*.

        Raises RefusedError for an address of ours, of a refused server (SEC-MOD-01), or for
        something that calls itself otherwise; UnavailableError; GoneError.
        """
        address = iris.check(iris.without_fragment(address), self.client.reach)
        if self.database.instance.owns(address) or self.policies.refused(iris.authority(address)):
            raise RefusedError("This address is not asked.")
        found = await fetch.document(self.client, address, signer=await self.signer())
        if documents.identifier(found) != address:
            raise RefusedError("This is not what its server calls it.")
        return found

    async def post(self, address: str) -> Post:
        """Return the post whose id is *address*, kept here; what is known is not asked for.

        Only open posts are kept, and nobody is told anything (W-THR-03). Raises as
        :meth:`document`, and RefusedError for what is no post, or not for everybody.
        """
        stored = await posts.stored(self.database.pool, address)
        if stored is not None:
            return stored
        document = await self.document(address)
        if documents.kind(document) is not documents.Kind.OBJECT:
            raise RefusedError("This is not a post.")
        author_id = notes.read(document).author
        author = await account_queries.by_actor_id(self.database.pool, author_id)
        actor, handle = None, None
        if author is None:
            actor = await self.document(author_id)
            handle = await self._handle(actor)
        async with self.database.transaction() as tx:
            known = await accounts.known(tx, author_id, actor, handle)
            if known.local or not known.is_active:
                raise RefusedError("Nothing is heard from who wrote this.")
            view = arrivals.checked(tx, document, known.actor_id)
            around = arrivals.envelope(view, known)
            if not around.visibility.is_open:
                raise RefusedError("This is not for everybody.")
            try:
                return await arrivals.keep(tx, view, known, around, live=False)
            except IgnoredError as error:
                raise RefusedError(str(error)) from None

    async def _handle(self, actor: dict[str, Any]) -> webfinger.Handle | None:
        try:
            return await webfinger.confirm(self.client, actor, signer=await self.signer())
        except FederationError:
            return None
