"""What happens between the two communes: everything here travels over HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Final

from fedcommune import lookup, retrieval
from fedcommune.commune import Commune
from fedcommune.database import Executor
from fedcommune.demo import meeting
from fedcommune.demo.meeting import Meeting, Name
from fedcommune.demo.steps import Advance, is_done, known, made, once, remember
from fedcommune.demo.waiting import until
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.classifieds import actions as classifieds
from fedcommune.domain.collections import queries as collections
from fedcommune.domain.collections import three
from fedcommune.domain.collections.queries import three as lists
from fedcommune.domain.events.actions import joining
from fedcommune.domain.events.queries import people
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.follows import queries as follow_queries
from fedcommune.domain.helping import actions as helping
from fedcommune.domain.helping import queries as helpers
from fedcommune.domain.links import actions as links
from fedcommune.domain.links import queries as link_queries
from fedcommune.domain.links.model import State, Wish, relationship_with
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.projects import actions as projects
from fedcommune.domain.projects.model import stage_named
from fedcommune.domain.quotes import queries as quotes
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.visibility import ANYONE

# So many posts of the other commune are asked for at one time.
_AT_ONCE: Final = 8


class Neighbours:
    """The two communes, by name."""

    def __init__(self, saint_leu: Commune, trois_bassins: Commune) -> None:
        self._first, self._second = saint_leu, trois_bassins

    def of(self, home: Name) -> tuple[Commune, Commune]:
        """Return the commune *home*, and the other one."""
        ours = (self._first, self._second)
        return ours if home == "saint-leu" else ours[::-1]


def size(told: Meeting) -> int:
    """How many steps it takes to meet, to read each other and to mingle."""
    followed = 2 + 2 + sum(len(follow.followed) for follow in told.follows)
    joined = len(told.requests) + len(told.invitations) + len(told.visits) + len(told.hands)
    return followed + joined + len(told.choices) + len(told.moves) + len(told.words)


async def meet(both: Neighbours, told: Meeting, advance: Advance) -> None:
    """Let the communes and their people follow each other, once: then news travel."""
    for name in ("saint-leu", "trois-bassins"):
        here, there = both.of(name)
        await _follow(here, here.instance.host, there, there.instance.host)
        advance()
    for each in told.follows:
        here, there = both.of(each.home)
        for followed in each.followed:
            await _follow(here, each.follower, there, followed)
            advance()


async def read_each_other(communes: tuple[Commune, Commune], advance: Advance) -> None:
    """Let each commune read, once, what the other said to everybody before they met.

    It is asked for at its own address, so that it stands among the news of its day.
    """
    slots = asyncio.Semaphore(_AT_ONCE)

    async def fetch(here: Commune, address: str) -> None:
        async with slots:
            await retrieval.fetched(here, address, ANYONE)

    for here, there in (communes, communes[::-1]):
        if not await is_done(here.database.pool, "read the neighbours"):
            said = await _said(there.database.pool)
            await asyncio.gather(*(fetch(here, address) for address in said))
        async with once(here, "read the neighbours"):
            advance()


async def _said(db: Executor) -> list[str]:
    """Return the addresses of what people of a commune said to everybody, the oldest first."""
    rows = await db.fetch(
        """
        select object_id
        from commune.post
        where local
          and visibility = 'public'
          and deleted_at is null
        order by id
        """
    )
    return [row["object_id"] for row in rows]


async def mingle(both: Neighbours, told: Meeting, advance: Advance) -> None:
    """Let people of both communes work on each other's projects, visit and talk, once."""
    for request in told.requests:
        await _ask(*both.of(request.home), request)
        advance()
    for invitation in told.invitations:
        await _invite(*both.of(invitation.home), invitation)
        advance()
    for visit in told.visits:
        await _visit(*both.of(visit.home), visit)
        advance()
    for hand in told.hands:
        await _help(*both.of(hand.home), hand)
        advance()
    for choice in told.choices:
        await _choose(*both.of(choice.home), choice)
        advance()
    for move in told.moves:
        await _move_on(both.of(move.home)[0], move)
        advance()
    for word in told.words:
        await _say(*both.of(word.home), word)
        advance()


async def _follow(here: Commune, follower: str, there: Commune, followed: str) -> None:
    target = await _theirs(here, there, followed)
    async with once(here, f"follow {follower} {followed}") as tx:
        if tx is not None:
            await follows.follow(tx, await _ours(here, follower), target)
    us = await _ours(here, follower)

    async def accepted() -> bool:
        return await follow_queries.follows(here.database.pool, us.id, target.id)

    await until(accepted, f"{follower} follows {followed}")


async def _ask(here: Commune, there: Commune, told: meeting.Request) -> None:
    target = await _theirs(here, there, told.target)
    async with once(here, f"ask {told.subject} {told.target}") as tx:
        if tx is not None:
            wish = Wish(told.roles, message=told.message)
            await links.ask(tx, await known(tx, told.subject), target, wish)
    guest = await _theirs(there, here, told.subject)
    ours = await _ours(there, told.target)
    await _linked(there, guest, ours)
    if told.answer != "yes":
        return
    async with once(there, f"approve {told.subject} {told.target}") as tx:
        if tx is not None:
            link = await link_queries.between(
                tx.db, guest.id, ours.id, relationship_with(ours.kind)
            )
            assert link is not None, "the request arrived before"
            if link.state == State.PENDING:
                await links.approve(tx, ours, link, (guest, ours))


async def _invite(here: Commune, there: Commune, told: meeting.Invitation) -> None:
    subject = await _theirs(here, there, told.subject)
    async with once(here, f"invite {told.subject} {told.target}") as tx:
        if tx is not None:
            wish = Wish(told.roles, message=told.message)
            target = await known(tx, told.target)
            await links.invite(tx, target, target, subject, wish)
    host, ours = await _theirs(there, here, told.target), await _ours(there, told.subject)
    await _linked(there, ours, host)
    if not told.accepted:
        return
    async with once(there, f"accept {told.subject} {told.target}") as tx:
        if tx is not None:
            link = await link_queries.between(tx.db, ours.id, host.id, relationship_with(host.kind))
            assert link is not None, "the invitation arrived before"
            await links.accept_invitation(tx, link, (ours, host))


async def _linked(commune: Commune, subject: Account, target: Account) -> None:
    """Wait until *commune* knows that one asked, or was asked, to take part in the other."""

    async def arrived() -> bool:
        word = relationship_with(target.kind)
        link = await link_queries.between(commune.database.pool, subject.id, target.id, word)
        return link is not None

    await until(arrived, f"{subject.username} and {target.username} are linked")


async def _visit(here: Commune, there: Commune, told: meeting.Visit) -> None:
    event = await _arrived(here, there, f"event {told.event}")
    async with once(here, f"visit {told.who} {told.event}") as tx:
        if tx is not None:
            await joining.join(tx, await known(tx, told.who), event.id)
    guest = await _theirs(there, here, told.who)
    event_id = await made(there.database.pool, f"event {told.event}")

    async def arrived() -> bool:
        return await people.of_account(there.database.pool, event_id, guest.id) is not None

    await until(arrived, f"{told.who} says that they come")


async def _help(here: Commune, there: Commune, told: meeting.Hand) -> None:
    need = await _arrived(here, there, f"need {told.need}")
    async with once(here, f"help {told.who} {told.need}") as tx:
        if tx is not None:
            await classifieds.help_with(tx, await known(tx, told.who), need.id, told.text)
    guest = await _theirs(there, here, told.who)
    need_id = await made(there.database.pool, f"need {told.need}")

    async def arrived() -> bool:
        return await helpers.state_of(there.database.pool, need_id, guest.id) is not None

    await until(arrived, f"{told.who} offers a hand")
    if not told.accepted:
        return
    async with once(there, f"accept {told.who} {told.need}") as tx:
        if tx is not None:
            post = await posts.known_by_id(tx.db, need_id)
            asking = None if post is None else await accounts.by_id(tx.db, post.author_id)
            assert asking is not None, "the need was published before"
            for offered in await helpers.of_need(tx.db, need_id):
                if offered.helper.id == guest.id:
                    await helping.accept(tx, asking, offered.help.id)


async def _choose(here: Commune, there: Commune, told: meeting.Choice) -> None:
    """Put neighbours into the lists of one of ours: their server is asked, and says yes."""
    owner = await _ours(here, told.owner)
    for name in told.listed:
        account = await _theirs(here, there, name)
        async with once(here, f"list {told.owner} {name}") as tx:
            if tx is not None:
                await three.put(tx, owner, account)

        async def agreed(account: Account = account) -> bool:
            db = here.database.pool
            list_id = await lists.list_of(db, owner.id, three.FITS[account.kind])
            item = None if list_id is None else await collections.item_of(db, list_id, account.id)
            return item is not None and item.state == "accepted"

        await until(agreed, f"{name} agrees to be listed")


async def _move_on(here: Commune, told: meeting.Move) -> None:
    step = f"post {told.key}"
    async with once(here, step) as tx:
        if tx is not None:
            by, project = await known(tx, told.by), await known(tx, told.project)
            post = await projects.move(tx, by, project, stage_named(told.stage))
            assert post is not None, "the project stood at an earlier stage"
            await remember(tx.db, step, post.id)


async def _say(here: Commune, there: Commune, told: meeting.Word) -> None:
    step = f"post {told.key}" if told.key else f"{told.act} {told.author} {told.about}"
    at = here.database.clock() - timedelta(hours=told.hours_ago)
    if told.act == "recommend":
        subject = await _theirs(here, there, told.about)
        words = told.text.format(name=f"@{subject.handle}")
        draft = Draft(words, language="fr", mentioned=(subject,), recommends=subject)
        post = None
    else:
        post = await _heard(here, there, told.about)
        draft = Draft(told.text, language="fr")
    async with once(here, step, at=at) as tx:
        if tx is None:
            return
        author = await known(tx, told.author)
        match told.act, post:
            case "like", Post():
                await reactions.like(tx, author, post)
                return
            case "boost", Post():
                await reactions.boost(tx, author, post)
                return
            case "reply", Post():
                draft = replace(draft, in_reply_to=post.id)
            case "quote", Post():
                draft = replace(draft, quoted=post.id)
        said = await feeds.publish(tx, author, draft)
        await remember(tx.db, step, said.id)
    if told.act == "quote":
        await _let_quote(here, step)


async def _let_quote(here: Commune, step: str) -> None:
    """Wait until who is quoted by the post of *step* let it be."""
    post_id = await made(here.database.pool, step)

    async def agreed() -> bool:
        quote = await quotes.of_post(here.database.pool, post_id)
        return quote is not None and quote.state == "accepted"

    await until(agreed, f"'{step}' may quote")


async def _heard(here: Commune, there: Commune, key: str) -> Post:
    """Return the post *key*, of here or of the other commune, as it is kept here."""
    step = f"post {key}"
    if not await is_done(here.database.pool, step):
        return await _arrived(here, there, step)
    post = await posts.known_by_id(here.database.pool, await made(here.database.pool, step))
    assert post is not None, "the post was published by this step"
    return post


async def _arrived(here: Commune, there: Commune, step: str) -> Post:
    """Return what *step* made in the other commune, as it is kept here."""
    db = there.database.pool
    origin = await posts.known_by_id(db, await made(db, step))
    assert origin is not None, "the post was published by this step"
    found: list[Post] = []

    async def kept() -> bool:
        stored = await posts.stored(here.database.pool, origin.object_id)
        found.extend([] if stored is None else [stored])
        return stored is not None

    await until(kept, f"'{step}' arrives at {here.instance.name}")
    return found[0]


async def _ours(commune: Commune, username: str) -> Account:
    return await lookup.actor(commune, f"@{username}")


async def _theirs(here: Commune, there: Commune, username: str) -> Account:
    return await lookup.actor(here, f"@{username}@{there.instance.domain}")
