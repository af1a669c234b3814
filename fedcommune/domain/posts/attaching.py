"""Let pictures, sounds and films hang on our posts."""

from __future__ import annotations

from collections.abc import Sequence

from fedcommune.database import Transaction
from fedcommune.domain.media import actions as media
from fedcommune.domain.media.model import Media
from fedcommune.domain.posts import details, happenings
from fedcommune.domain.posts.model import Attachment, Draft, Post


async def attach(tx: Transaction, post: Post, media_ids: Sequence[int], draft: Draft) -> None:
    """Let exactly these hang on *post*, which shares them with the other times of its series.

    Raises :class:`Invalid` (SEC-MED-07).
    """
    series_id = None if draft.event is None else draft.event.series_id
    times = () if series_id is None else await happenings.posts_of_series(tx.db, series_id)
    hung = await media.attach(tx, post.author_id, post.id, media_ids, draft.words, beside=times)
    await details.set_attachments(tx.db, post.id, [_attachment(tx, each) for each in hung])


async def attach_anew(tx: Transaction, post: Post, draft: Draft) -> bool:
    """Do the same for an edit; return whether anything is different."""
    before = (await details.attachments(tx.db, [post.id])).get(post.id, [])
    await attach(tx, post, draft.media or (), draft)
    after = (await details.attachments(tx.db, [post.id])).get(post.id, [])
    return before != after


async def attached(tx: Transaction, post: Post) -> tuple[int, ...]:
    found = (await details.attachments(tx.db, [post.id])).get(post.id, [])
    return tuple(each.media_id for each in found if each.media_id is not None)


def _attachment(tx: Transaction, each: Media) -> Attachment:
    assert each.whole is not None, "what is ready has a file"
    return Attachment(
        url=tx.instance.media(each.whole),
        media_type=each.media_type,
        description=each.description,
        width=each.width,
        height=each.height,
        blurhash=each.blurhash,
        media_id=each.id,
        preview_url=tx.instance.media(each.small) if each.small else None,
        preview_width=each.small_width,
        preview_height=each.small_height,
        focus_x=each.focus_x,
        focus_y=each.focus_y,
        duration=each.duration,
    )
