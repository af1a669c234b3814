"""Offer or ask for something, change it, renew it, conclude it, answer it in private."""

from __future__ import annotations

from dataclasses import replace

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.classifieds import outgoing, queries
from fedcommune.domain.classifieds.model import NEEDY, Classified, Draft, Need
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.helping import queries as helping
from fedcommune.domain.helping.model import I_CAN_HELP
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import offers, reach
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.deals import LASTS, VISIBILITIES, Offer
from fedcommune.domain.posts.model import Draft as Words
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Viewer, Visibility
from fedcommune.errors import Invalid, NotAllowed, NotFound
from fedcommune.i18n import translate


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def publish(tx: Transaction, author: Account, draft: Draft) -> Post:
    """Let our *author* offer or ask for something, for sixty days (product 7.6, 8.5).

    What is for everybody leaves as any post does and is carried by the commune's voices. What
    is for the neighbours goes to the communes that ours follows, and to nobody else; what is
    for the commune does not leave (SEC-VIS-07). Raises Invalid for what needs a correction,
    NotAllowed for who cannot write.
    """
    offer = draft.offer(tx.now)
    addressed = await queries.neighbours(tx.db) if offer.scope == "neighbours" else []
    return await feeds.publish(
        tx,
        author,
        Words(
            text=draft.text,
            visibility=VISIBILITIES[offer.scope],
            mentioned=tuple(addressed),
            language=tx.instance.language,
            offer=offer,
            media=draft.media,
        ),
    )


async def need(tx: Transaction, author: Account, wanted: Need) -> Post:
    """Let *author*, a project or an organisation of ours, say what it needs.

    Raises Invalid for what needs a correction, NotAllowed for a person.
    """
    if author.kind not in NEEDY:
        raise NotAllowed(_("Only a project, an association, a group or the town hall has needs."))
    words = Words(text=wanted.text, language=tx.instance.language, offer=wanted.offer(tx.now))
    return await feeds.publish(tx, author, words)


async def change(tx: Transaction, author: Account, post_id: int, draft: Draft) -> Post:
    """Let *author* say anew what it offers; for whom it is, and until when, stays.

    Raises NotFound when it is not there for *author* to see, NotAllowed when it is another's,
    Invalid for what needs a correction.
    """
    before = await _own(tx, author, post_id)
    offer = replace(
        draft.offer(tx.now),
        state=before.offer.state,
        scope=before.offer.scope,
        expires_at=before.offer.expires_at,
    )
    return await _rewrite(tx, before, offer, draft.text, draft.media)


async def change_need(tx: Transaction, author: Account, post_id: int, wanted: Need) -> Post:
    """Let *author* say anew what it needs; as :func:`change`."""
    before = await _own(tx, author, post_id)
    offer = replace(wanted.offer(tx.now), state=before.offer.state, helpers=before.offer.helpers)
    return await _rewrite(tx, before, offer, wanted.text)


async def renew(tx: Transaction, author: Account, post_id: int) -> Post:
    """Let what *author* offers stand for sixty days more, also when it was over already.

    Raises as :func:`change`; Invalid for what was taken.
    """
    before = await _own(tx, author, post_id)
    if before.offer.state == "fulfilled":
        raise Invalid("state", _("This was concluded: publish it anew if there is more."))
    offer = replace(before.offer, state="open", expires_at=tx.now + LASTS)
    return await _rewrite(tx, before, offer)


async def conclude(tx: Transaction, author: Account, post_id: int) -> Post:
    """Let *author* say that it was taken, or found: nobody needs to answer any more.

    Raises as :func:`change`.
    """
    before = await _own(tx, author, post_id)
    return await _rewrite(tx, before, replace(before.offer, state="fulfilled"))


async def contact(tx: Transaction, by: Account, post_id: int, text: str) -> Post:
    """Let *by* answer in private: who offers it reads it, and nobody else (product 7.6).

    Raises NotFound when it is not there for *by* to see (SEC-VIS-02), Invalid for nothing to
    say, for one's own, and when nobody needs to answer any more.
    """
    found = await queries.one(tx.db, Viewer(by.id), post_id)
    if found is None:
        raise NotFound
    if found.author.id == by.id:
        raise Invalid("text", _("This is your own: nobody else would read it."))
    if not found.offer.is_open(tx.now):
        raise Invalid("text", _("This is over: it needs no answer any more."))
    return await feeds.publish(
        tx,
        by,
        Words(
            text=text,
            visibility=Visibility.DIRECT,
            in_reply_to=post_id,
            mentioned=(found.author,),
        ),
    )


async def help_with(tx: Transaction, by: Account, post_id: int, text: str = "") -> Post:
    """Let *by* say, in private, that they can help with a need, here or of another commune.

    It is an answer in words that every commune understands (product 7.4). Raises as
    :func:`contact`; Invalid for what is no need.
    """
    found = await queries.one(tx.db, Viewer(by.id), post_id)
    if found is not None and found.offer.kind != "need":
        raise Invalid("text", _("Nobody asked for help here: write to who offers it."))
    words = translate(tx.instance.language, I_CAN_HELP)
    return await contact(tx, by, post_id, f"{words} {text.strip()}".strip())


async def expire(tx: Transaction, post_id: int) -> bool:
    """End what nobody renewed; return whether there was something to end.

    Of ours, every server that has it is told. Several who come to do so do it once.
    """
    post = await post_queries.locked(tx.db, post_id)
    offer = None if post is None else await offers.of_post(tx.db, post_id)
    author = None if post is None else await accounts.by_id(tx.db, post.author_id)
    if post is None or offer is None or author is None:
        return False
    if offer.state != "open" or offer.expires_at is None or tx.now < offer.expires_at:
        return False
    if not post.local or not author.is_active:
        return await queries.end(tx.db, post_id, tx.now)
    found = Classified(post, offer, author)
    await _rewrite(tx, found, replace(offer, state="expired"))
    return True


async def remind(tx: Transaction, post_id: int) -> bool:
    """Tell those who can renew it that something ends soon, once; return whether it was done.

    They hear it from the commune, among their notifications and by letter; both lead to the
    page with the button.
    """
    post = await post_queries.locked(tx.db, post_id)
    if post is None or not await queries.mark(tx.db, post_id, reminded=tx.now):
        return False
    offer = await offers.of_post(tx.db, post_id)
    author = await accounts.by_id(tx.db, post.author_id)
    voice = await accounts.by_actor_id(tx.db, tx.instance.actor)
    if offer is None or offer.expires_at is None or author is None or not author.is_active:
        return False
    for person_id in await helping.administrators(tx.db, author.id):
        if voice is not None:
            await notifications.tell(tx, person_id, Kind.OFFER_ENDING, voice.id, post.id)
        await outgoing.ending(tx, person_id, author, post.id, offer.title, offer.expires_at)
    return True


async def _own(tx: Transaction, author: Account, post_id: int) -> Classified:
    """Return what *author* offers with a post, the row of the post locked."""
    found = await queries.one(tx.db, Viewer(author.id), post_id)
    if found is None:
        raise NotFound
    if found.author.id != author.id or not found.post.local:
        raise NotAllowed(_("Only who offered this can change it."))
    await post_queries.locked(tx.db, post_id)
    offer = await offers.of_post(tx.db, post_id)
    return found if offer is None else replace(found, offer=offer)


async def _rewrite(
    tx: Transaction,
    before: Classified,
    offer: Offer,
    text: str | None = None,
    media: tuple[int, ...] | None = None,
) -> Post:
    """Let a post of ours offer *offer* from now on; what is None stays as it is."""
    post = before.post
    return await posts.edit(
        tx,
        before.author,
        post.id,
        Words(
            text=post.source if text is None else text,
            summary=post.summary,
            sensitive=post.sensitive,
            language=post.language,
            mentioned=tuple(await reach.mentioned(tx.db, post.id)),
            offer=offer,
            media=media,
        ),
    )
