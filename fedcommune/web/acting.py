"""As whom somebody who is signed in reads and acts: oneself, or an actor one administers.

The session remembers the choice, and each request asks anew whether the right still holds. A
form names as whom it was shown (``as``): what is done is done as them or not at all, whatever
was chosen meanwhile in another tab.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.database import Executor, Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import throttles
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.citizens.queries import sessions as stored
from fedcommune.domain.conversations import queries as conversations
from fedcommune.domain.links import queries as links
from fedcommune.domain.links.model import State
from fedcommune.domain.notifications import listing
from fedcommune.domain.visibility import ANYONE, Viewer
from fedcommune.errors import NotAllowed
from fedcommune.web import forms, sessions
from fedcommune.web.signing import commune_of, count, onwards

Page = Callable[[Request], Awaitable[Response]]
FIELD: Final = "as"
# Beyond that, it is enough to know that there are many.
MANY: Final = 99


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page: the citizen, as whom (*account*), and among whom they may choose.

    ``csrf`` is what forms of the page send back; ``unread`` how much the account was told since
    it last looked, ``MANY`` and one more at most.
    """

    who: SignedIn
    account: Account
    actors: tuple[Account, ...]
    csrf: str
    unread: int
    letters: int

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.account.id)


async def actors(db: Executor, person: Account) -> list[Account]:
    """Return the person, then every actor of ours whom they administer."""
    administered = [
        link.target_id
        for link in await links.of_subject(db, person.id, state=State.ACTIVE)
        if link.is_admin
    ]
    found = await accounts.by_ids(db, administered)
    others = sorted(
        (each for each in found.values() if each.local and each.is_active),
        key=lambda each: each.display_name.lower(),
    )
    return [person, *others]


async def reader_of(request: Request) -> Reader | None:
    """Return who reads, None for a visitor; asked once a request."""
    if not hasattr(request.state, "reader"):
        request.state.reader = await _meet(request)
    found = request.state.reader
    assert found is None or isinstance(found, Reader), "only we write there"
    return found


async def required(request: Request) -> Reader:
    """Return who reads. Raises SignInFirst, which becomes the sign-in page, for a visitor."""
    found = await reader_of(request)
    if found is None:
        raise sessions.SignInFirst
    return found


async def viewer_of(request: Request) -> Viewer:
    """Return for whose eyes a page is made."""
    found = await reader_of(request)
    return ANYONE if found is None else found.viewer


async def decider(db: Executor, reader: Reader, target: Account) -> Account | None:
    """Return who decides about *target*: the person who reads, as whom they act, or neither."""
    for each in (reader.who.account, reader.account):
        if target.local and await links.is_admin(db, each.id, target.id):
            return each
    return None


def greeting(page: Page) -> Page:
    """Let *page* know who reads before it is made: its header shows them."""

    async def shown(request: Request) -> Response:
        await reader_of(request)
        return await page(request)

    return shown


async def as_whom(request: Request, form: Mapping[str, str]) -> Account:
    """Return as whom *form* is to be done, and count it.

    Raises SignInFirst, NotAllowed when the right does not hold (any more), TooMany.
    """
    reader = await required(request)
    await count(request, (throttles.DEED, str(reader.who.account.id)))
    return _chosen(reader.actors, reader, form)


@asynccontextmanager
async def doing(
    request: Request, form: Mapping[str, str]
) -> AsyncIterator[tuple[Transaction, Account]]:
    """Open the transaction in which *form* is done, and say as whom. Raises as :func:`as_whom`."""
    reader = await required(request)
    async with commune_of(request).database.transaction() as tx:
        # Who administers it may have changed meanwhile.
        yield tx, _chosen(await actors(tx.db, reader.who.account), reader, form)


async def switch(request: Request) -> Response:
    """``POST /acting``: read and act as somebody else from now on, in this browser."""
    form = await forms.read(request)
    reader = await required(request)
    async with commune_of(request).database.transaction() as tx:
        found = await actors(tx.db, reader.who.account)
        chosen = _chosen(found, reader, {FIELD: form.get("account", "")})
        oneself = chosen.id == reader.who.account.id
        await stored.act_as(tx.db, reader.who.session.id, None if oneself else chosen.id)
    return onwards(sessions.return_to(form.get("return_to")))


async def _meet(request: Request) -> Reader | None:
    who = await sessions.citizen_of(request)
    if who is None:
        return None
    database = commune_of(request).database
    found = await actors(database.pool, who.account)
    chosen = await stored.acting_as(database.pool, who.session.id)
    account = next((each for each in found if each.id == chosen), who.account)
    told = await listing.listed(
        database.pool,
        account.id,
        database.clock(),
        floor=await listing.last_read(database.pool, account.id),
        limit=MANY + 1,
    )
    letters = await conversations.unread(database.pool, account.id)
    return Reader(who, account, tuple(found), sessions.token(request), len(told), letters)


def _chosen(found: Sequence[Account], reader: Reader, form: Mapping[str, str]) -> Account:
    text = form.get(FIELD, str(reader.account.id))
    for account in found:
        if text == str(account.id):
            return account
    raise NotAllowed(_("You may not act in this name any more: choose another one, then retry."))
