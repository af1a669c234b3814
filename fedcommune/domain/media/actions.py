"""Keep what people send, describe it, hang it on posts, and forget it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.media import queries
from fedcommune.domain.media.model import (
    AGAIN,
    LOOSE,
    MAX_ATTACHED,
    MAX_LOOSE,
    UNSEEN,
    File,
    Kind,
    Made,
    Media,
    State,
    Words,
    description_of,
    digest_of,
)
from fedcommune.errors import Conflict, Invalid, NotFound


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def keep(tx: Transaction, account_id: int, made: Made, words: Words) -> Media:
    """Keep what an account of ours sent, to be attached within a day; return it.

    Raises :class:`Invalid` for a description that is too long, and when too much of what
    the account sent hangs on nothing (SEC-DOS-06).
    """
    description = description_of(words.description or "")
    if await queries.count_loose(tx.db, account_id) >= MAX_LOOSE:
        raise Invalid("file", _("Publish or remove what you sent before: there is too much of it."))
    await _know(tx, made.whole, made.small)
    media_id = identifiers.new(tx.now)
    if made.state is State.WAITING:
        await tx.db.execute("select pg_notify('media', '')")
    await queries.insert(tx.db, media_id, account_id, made, description, tx.now)
    if words.focus is not None:
        await queries.describe(tx.db, media_id, description, *words.focus)
    return await _own(tx, account_id, media_id)


async def describe(tx: Transaction, account_id: int, media_id: int, words: Words) -> Media:
    """Say something else of what hangs on nothing yet; return it.

    What hangs on a post is changed with the post, whose readers are told. Raises
    :class:`NotFound` for what is another's (SEC-MED-07) or attached, :class:`Invalid`.
    """
    media = (await queries.held(tx.db, account_id, [media_id])).get(media_id)
    if media is None or media.post_id is not None:
        raise NotFound
    return await _described(tx, media, words)


async def set_preview(
    tx: Transaction, account_id: int, media_id: int, small: File, width: int, height: int, blur: str
) -> Media:
    """Let another small picture stand for what hangs on nothing yet; raises as above."""
    media = (await queries.held(tx.db, account_id, [media_id])).get(media_id)
    if media is None or media.post_id is not None:
        raise NotFound
    await _know(tx, small)
    await queries.set_small(tx.db, media_id, small.name, width, height, blur)
    if media.small is not None:
        await queries.delete_file(tx.db, media.small)
    return await _own(tx, account_id, media_id)


async def remove(tx: Transaction, account_id: int, media_id: int) -> None:
    """Forget what hangs on nothing. Raises :class:`NotFound`, :class:`Invalid` when it does."""
    media = (await queries.held(tx.db, account_id, [media_id])).get(media_id)
    if media is None:
        raise NotFound
    if media.post_id is not None:
        raise Invalid("id", _("This is attached to a post: edit or delete the post."))
    await queries.delete(tx.db, [media_id])


async def attach(
    tx: Transaction,
    account_id: int,
    post_id: int,
    media_ids: Sequence[int],
    words: Mapping[int, Words],
    *,
    beside: Collection[int] = (),
) -> list[Media]:
    """Let exactly these hang on a post, in this order, with what is said of them now.

    What hung there and is not among them hangs on nothing any more, unless it hangs on another
    post, too: only posts *beside* this one share what hangs on them. Raises :class:`Invalid`
    for too many, for what is not this account's, hangs on any other post (SEC-MED-07) or is
    not ready.
    """
    wanted = list(dict.fromkeys(media_ids))
    if len(wanted) > MAX_ATTACHED:
        raise Invalid("media_ids", _("A post has at most {limit} attachments."), limit=MAX_ATTACHED)
    found = await queries.held(tx.db, account_id, wanted)
    hanging = await queries.hanging(tx.db, wanted, [post_id, *beside])
    for media_id in wanted:
        media = found.get(media_id)
        if media is None or (media.post_id is not None and media_id not in hanging):
            raise Invalid("media_ids", _("One of the attachments is not there: send it again."))
        if media.state is not State.READY:
            raise Invalid("media_ids", _("One of the attachments is not ready: wait a moment."))
    kinds = [found[media_id].kind for media_id in wanted]
    if len(kinds) > 1 and not all(kind is Kind.IMAGE for kind in kinds):
        raise Invalid("media_ids", _("A film or a sound stands alone: remove the others."))
    await queries.detach(tx.db, await queries.only_of(tx.db, post_id, keep=wanted), tx.now)
    await queries.attach(tx.db, wanted, post_id)
    return [
        await _described(tx, replace(found[media_id], post_id=post_id), words[media_id])
        if media_id in words
        else found[media_id]
        for media_id in wanted
    ]


async def let_go(tx: Transaction, post_id: int, *, forget: bool) -> None:
    """Let what hangs on a post that is deleted go: at once, or within a day to be used anew.

    What hangs on other posts, too, stays there.
    """
    alone = await queries.only_of(tx.db, post_id)
    if forget:
        await queries.delete(tx.db, alone)
    else:
        await queries.detach(tx.db, alone, tx.now)


async def finish(tx: Transaction, media: Media, made: Made) -> None:
    """Keep what became of a film or a sound that waited."""
    await _know(tx, made.whole, made.small)
    await queries.finish(tx.db, media.id, made)
    if media.whole is not None:
        await queries.delete_file(tx.db, media.whole)


async def give_up(tx: Transaction, media: Media) -> None:
    """Say of what waited that nothing can be made of it; what was sent is forgotten."""
    await queries.fail(tx.db, media.id)
    if media.whole is not None:
        await queries.delete_file(tx.db, media.whole)


async def portray(tx: Transaction, account_id: int, part: str, file: File | None) -> None:
    """Let *file* be the ``icon`` or the ``image`` of an actor; None takes it away."""
    if file is not None:
        await _know(tx, file)
    await queries.set_portrait(tx.db, account_id, part, None if file is None else file.name)


async def keep_copy(
    tx: Transaction, digest: bytes, whole: File | None, small: File | None = None
) -> None:
    """Keep our copy of a stranger's picture; without a file, that it could not be had.

    Raises :class:`Conflict` when there is one already.
    """
    await _know(tx, whole, small)
    again = tx.now + AGAIN if whole is None else None
    if not await queries.keep_copy(tx.db, digest, whole, small, tx.now, again):
        raise Conflict(_("Somebody else was faster."))


async def forget_copies(tx: Transaction, urls: Iterable[str]) -> None:
    """Forget our copies of what strangers attached to something that they deleted (SEC-MED-08)."""
    await queries.delete_copies(tx.db, [digest_of("whole", url) for url in urls])


async def forget_expired(tx: Transaction, *, room: int, keep: Collection[int] = ()) -> None:
    """Forget what hangs on nothing for a day, and copies that nobody looks at (SEC-MED-08).

    *room* is how many bytes copies may take; what to *keep* waits for a post that is planned.
    """
    await queries.delete_loose(tx.db, tx.now - LOOSE, keep)
    await queries.evict(tx.db, unseen=tx.now - UNSEEN, room=room)


async def _know(tx: Transaction, *files: File | None) -> None:
    for file in files:
        if file is not None:
            await queries.insert_file(tx.db, file, tx.now)


async def _own(tx: Transaction, account_id: int, media_id: int) -> Media:
    media = await queries.of_account(tx.db, account_id, media_id)
    if media is None:
        raise NotFound
    return media


async def _described(tx: Transaction, media: Media, words: Words) -> Media:
    description = media.description
    if words.description is not None:
        description = description_of(words.description)
    focus_x, focus_y = words.focus or (media.focus_x, media.focus_y)
    await queries.describe(tx.db, media.id, description, focus_x, focus_y)
    return replace(media, description=description, focus_x=focus_x, focus_y=focus_y)
