"""Publish, edit, delete."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from msgspec import structs

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.emojis import outgoing as emojis
from fedcommune.domain.media import actions as media
from fedcommune.domain.posts import (
    announcing,
    arrivals,
    asking,
    attaching,
    details,
    locating,
    notices,
    offering,
    offers,
    outgoing,
    previews,
    queries,
    quoting,
    reach,
    recommending,
    telling,
    threads,
)
from fedcommune.domain.posts.model import (
    Draft,
    Post,
    QuotePolicy,
    approval_of,
    checked,
    hashtags,
)
from fedcommune.domain.preferences import queries as preferences
from fedcommune.domain.visibility import Viewer, narrower
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound
from fedcommune.text import html, markdown, mentions
from federation import iris
from federation.errors import RefusedError
from federation.vocabulary import tags
from outbox import upkeep


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class _Written:
    """A text turned into what is kept of it."""

    content: str
    tags: tuple[dict[str, Any], ...]
    hashtags: list[str]
    named: tuple[Account, ...]
    silent: tuple[Account, ...]
    blind: tuple[Account, ...]


def mentioned_in(text: str, domain: str) -> list[str]:
    """Return the people whom *text* names, as ``user@domain``, each once; ours are of *domain*.

    Gather those who are not known yet before the transaction, then give all of them to
    the draft. A domain that cannot be one is left out (SEC-ORI-09).
    """
    return list(dict.fromkeys(_handles(text, domain).values()))


async def check(tx: Transaction, author: Account, draft: Draft) -> Draft:
    """Return *draft* with tidy text if *author* could publish it now; raise as :func:`publish`."""
    _must_write(author)
    draft = checked(draft)
    await _parent(tx, author, draft)
    return draft


async def publish(tx: Transaction, author: Account, draft: Draft) -> Post:
    """Let our *author* publish *draft*; tell readers here and servers elsewhere.

    A reply is never for more people than what it answers (SEC-VIS-07). Raises
    :class:`Invalid` for what needs a correction, :class:`NotFound` when what it answers
    does not exist or is not for *author* to see (SEC-VIS-02).
    """
    _must_write(author)
    draft = checked(draft)
    parent = await _parent(tx, author, draft)
    visibility = draft.visibility
    if parent is not None:
        visibility = narrower(visibility, parent.visibility)
    written = await _write(tx, author, draft)
    post_id = identifiers.new(tx.now)
    object_id = tx.instance.post(post_id)
    await queries.hold(tx.db, object_id, None if parent is None else parent.object_id)
    post = Post(
        id=post_id,
        object_id=object_id,
        url=_page(tx, author, post_id, draft),
        local=True,
        author_id=author.id,
        type=_type(draft),
        visibility=visibility,
        title="" if draft.event is None else draft.event.name,
        content=_content(tx, draft, written),
        source=draft.text,
        summary=draft.summary,
        sensitive=draft.sensitive,
        language=draft.language or tx.instance.language,
        in_reply_to=None if parent is None else parent.object_id,
        parent_id=None if parent is None else parent.id,
        conversation=tx.instance.conversation(post_id)
        if parent is None
        else parent.conversation or parent.object_id,
        tags=written.tags,
        replies_count=0,
        likes_count=0,
        shares_count=0,
        published_at=tx.now,
        edited_at=None,
        received_at=tx.now,
        deleted_at=None,
        application=draft.application,
        application_website=draft.application_website,
    )
    if not await queries.insert(tx.db, post):
        raise Conflict(_("This post exists already."))
    await _hang(tx, post, written)
    if draft.poll is not None:
        await asking.ask(tx, post, draft.poll)
    if draft.notice is not None:
        await notices.hang(tx, post, draft.notice)
    if draft.event is not None:
        await announcing.hang(tx, post, draft.event, written.content)
    if draft.offer is not None:
        await offering.hang(tx, post, draft.offer)
    if draft.tells_of is not None:
        await locating.tell(tx.db, post.id, draft.tells_of)
    if draft.recommends is not None:
        await recommending.recommend(tx, post, author, draft.recommends)
    quote = draft.quote
    if quote is not None and draft.stamped and draft.quoted is not None:
        quote = replace(quote, stamp=tx.instance.quote_stamp(draft.quoted, post.id))
    await quoting.set_quote(tx.db, post.id, quote, tx.now)
    usual = draft.quotes or (await preferences.of(tx.db, author.id)).quotes
    await _set_policy(tx, post, usual)
    if draft.media:
        await attaching.attach(tx, post, draft.media, draft)
    if parent is not None and post.visibility.is_open and parent.author_id != author.id:
        await _address_answered(tx, post, parent)
    await threads.count_replies(tx.db, post.parent_id)
    await telling.tell(tx, post, author, parent)
    await outgoing.created(tx, post, author)
    return post


async def edit(
    tx: Transaction, author: Account, post_id: int, draft: Draft, *, asks: bool = False
) -> Post:
    """Let *author* change what its post says: text, warning, sensitivity, language.

    What it asks stays as it is, unless *asks*: then it asks what *draft* does, or nothing
    any more. What it offers stays, unless *draft* offers something else. Visibility and place
    in the thread stay, and so does what it quotes; who may quote it changes when the draft
    says so. What it said before is kept as a revision. Whom it named and no longer names stays
    addressed: they have it. Raises :class:`NotFound` when *author* may not see it,
    :class:`NotAllowed` when it is another's, :class:`Invalid` for what needs a correction.
    """
    stored = await _own(tx, author, post_id)
    if stored.type == "Event" and draft.event is None:
        raise Invalid("text", _("Change this event on its own page."))
    draft = replace(draft, quote=await quoting.quote_of(tx.db, post_id))
    if draft.media is None:
        draft = replace(draft, media=await attaching.attached(tx, stored))
    offered = await offers.of_post(tx.db, post_id)
    offer = offered if draft.offer is None else replace(draft.offer, post_id=post_id)
    draft = checked(replace(draft, offer=offer))
    written = await _write(tx, author, draft)
    post = structs.replace(
        stored,
        type=_type(draft) if asks else stored.type,
        title=stored.title if draft.event is None else draft.event.name,
        content=_content(tx, draft, written),
        source=draft.text,
        summary=draft.summary,
        sensitive=draft.sensitive,
        language=draft.language or stored.language,
        tags=written.tags,
        edited_at=tx.now,
    )
    changed = await attaching.attach_anew(tx, post, draft) or (asks and draft.poll is not None)
    changed = changed or draft.offer != offered or draft.event is not None
    if not changed and structs.replace(post, edited_at=stored.edited_at) == stored:
        if draft.quotes is not None:
            await change_policy(tx, author, post_id, draft.quotes)
        return stored
    known = {account.id for account in await reach.mentioned(tx.db, post.id)}
    voters = await reach.voters(tx.db, stored)
    await details.add_revision(tx.db, stored)
    await queries.rewrite(tx.db, post)
    await reach.mention(tx.db, post.id, known, silent=True)
    await _hang(tx, post, written)
    if asks:
        await asking.ask(tx, post, draft.poll)
    if draft.event is not None:
        await announcing.hang(tx, post, draft.event, written.content)
    if draft.offer is not None:
        await offering.hang(tx, post, draft.offer)
    if draft.quotes is not None:
        await _set_policy(tx, post, draft.quotes)
    await telling.tell_of_edit(tx, post, author, known=known)
    await outgoing.updated(tx, post, author, also=voters)
    return post


async def change_policy(
    tx: Transaction, author: Account, post_id: int, policy: QuotePolicy
) -> Post:
    """Let *author* say anew who may quote its post; those who do already go on (W-QUO-03).

    Nobody quotes what is not for everybody, whatever *policy* says. Raises
    :class:`NotFound` when *author* may not see it, :class:`NotAllowed` when it is
    another's.
    """
    post = await _own(tx, author, post_id)
    before = await quoting.policy_of(tx.db, post.id)
    await _set_policy(tx, post, policy)
    if await quoting.policy_of(tx.db, post.id) != before:
        await outgoing.updated(tx, post, author)
    return post


async def delete(
    tx: Transaction, author: Account, post_id: int, *, keep_media: bool = False
) -> None:
    """Let *author* delete its post, for good and everywhere (S2S-20, OBJ-05).

    What hangs on it goes too; with *keep_media*, within a day, unless it is used anew.
    Raises :class:`NotFound` when *author* may not see it, :class:`NotAllowed` when it is
    another's.
    """
    await remove(tx, author, await _own(tx, author, post_id), keep_media=keep_media)


async def remove(tx: Transaction, author: Account, post: Post, *, keep_media: bool = False) -> None:
    """Delete our *post* by our *author*, whoever decided it; who may is the caller's business.

    What was not delivered yet is not delivered any more; every server that has it is told.
    """
    await queries.hold(tx.db, post.object_id, post.in_reply_to)
    addressed = await outgoing.addressees(tx, post, author)
    holders = await reach.holders(tx.db, post)
    await upkeep.forget(tx.db, post.object_id)
    await media.let_go(tx, post.id, forget=not keep_media)
    await arrivals.bury(tx, post)
    await outgoing.deleted(tx, post, author, addressed=addressed, holders=holders)


async def _own(tx: Transaction, author: Account, post_id: int) -> Post:
    """Return the post, its row locked, if *author* wrote it."""
    _must_write(author)
    if await queries.by_id(tx.db, Viewer(author.id), post_id) is None:
        raise NotFound
    post = await queries.locked(tx.db, post_id)
    if post is None or post.deleted_at is not None:
        raise NotFound
    if post.author_id != author.id or not post.local:
        raise NotAllowed(_("Only who wrote a post can change or delete it."))
    return post


def _type(draft: Draft) -> str:
    if draft.event is not None:
        return "Event"
    return "Note" if draft.poll is None else "Question"


def _page(tx: Transaction, author: Account, post_id: int, draft: Draft) -> str:
    if draft.event is not None:
        return tx.instance.event_page(post_id)
    if draft.offer is not None:
        return tx.instance.classified_page(post_id)
    return tx.instance.post_page(author.username, post_id)


def _content(tx: Transaction, draft: Draft, written: _Written) -> str:
    if draft.event is None:
        return written.content
    return announcing.worded(tx, draft.event, written.content)


def _must_write(author: Account) -> None:
    if not author.local or not author.is_active:
        raise NotAllowed(_("Only a living account of ours can write."))


async def _parent(tx: Transaction, author: Account, draft: Draft) -> Post | None:
    if draft.in_reply_to is None:
        return None
    parent = await queries.by_id(tx.db, Viewer(author.id), draft.in_reply_to)
    if parent is None:
        raise NotFound
    return parent


async def _write(tx: Transaction, author: Account, draft: Draft) -> _Written:
    """Render the text, and find whom it names among the accounts that were gathered.

    Who is gone, and who is on the other side of a block, is not named at all.
    """
    blocked = await accounts.blocked_recipients(
        tx.db, author.id, [each.actor_id for each in (*draft.mentioned, *draft.blind)]
    )

    def may_hear(each: Account) -> bool:
        return each.is_active and each.id != author.id and each.actor_id not in blocked

    heard = {each.handle.lower(): each for each in draft.mentioned if may_hear(each)}
    written = {
        typed: heard[handle]
        for typed, handle in _handles(draft.text, tx.instance.domain).items()
        if handle in heard
    }
    linked = {each.id for each in draft.named}
    named = {each.id: each for each in written.values()}
    named |= {each.id: each for each in heard.values() if each.id in linked}
    offer = draft.offer
    own = () if offer is None else offering.tags_of(offer)
    names = hashtags([*mentions.find(draft.text).tags, *own])
    links = mentions.Links(
        people={typed: each.url or each.actor_id for typed, each in written.items()},
        tag=tx.instance.tag_page,
    )
    content = draft.content
    body = markdown.render(draft.text, links) if content is None else html.clean(content)
    return _Written(
        content=body if offer is None else offering.words(tx.instance, offer, body),
        tags=(
            *(tags.mention(each.actor_id, each.handle) for each in named.values()),
            *(tags.hashtag_link(tx.instance.tag_page(name), name) for name in names),
            *await emojis.tags_of(tx, draft.text, draft.summary),
        ),
        hashtags=names,
        named=tuple(named.values()),
        silent=tuple(each for each in heard.values() if each.id not in named),
        blind=tuple(each for each in draft.blind if may_hear(each) and each not in heard.values()),
    )


def _handles(text: str, domain: str) -> dict[str, str]:
    """Return, for each handle as typed (in lower case), the whole handle it stands for."""
    found: dict[str, str] = {}
    for typed in mentions.find(text).people:
        name, _, host = typed.partition("@")
        with suppress(RefusedError):
            found[typed] = f"{name}@{iris.domain(host) if host else domain}"
    return found


async def _set_policy(tx: Transaction, post: Post, policy: QuotePolicy) -> None:
    allowed = policy if post.visibility.is_open else "nobody"
    await quoting.set_policy(tx.db, post.id, approval_of(allowed))


async def _hang(tx: Transaction, post: Post, written: _Written) -> None:
    for silent, blind in ((written.blind, True), (written.silent, False)):
        await reach.mention(tx.db, post.id, [each.id for each in silent], silent=True, blind=blind)
    await reach.mention(tx.db, post.id, [each.id for each in written.named], silent=False)
    await details.set_hashtags(tx.db, post.id, written.hashtags)
    await details.set_links(tx.db, post.id, html.links(post.content))
    await previews.want(tx, post)


async def _address_answered(tx: Transaction, post: Post, parent: Post) -> None:
    """Address who is answered, unless the text names them: their server counts the answer."""
    answered = await accounts.by_id(tx.db, parent.author_id)
    named = {account.id for account in await reach.mentioned(tx.db, post.id)}
    if answered is not None and answered.is_active and answered.id not in named:
        await reach.mention(tx.db, post.id, [answered.id], silent=True)
