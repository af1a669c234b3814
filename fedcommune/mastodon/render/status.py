"""Posts and boosts become statuses, a page of them with two queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal

from fedcommune.database import Executor
from fedcommune.domain.posts.model import Attachment, Post, Revision
from fedcommune.domain.reading import queries as reading
from fedcommune.domain.reading.model import Surroundings
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.visibility import Viewer, Visibility
from fedcommune.instance import Instance
from fedcommune.mastodon import entities
from fedcommune.mastodon.json import maybe, moment
from fedcommune.mastodon.render import account as accounts
from fedcommune.mastodon.render import readable

Shown = Literal["public", "unlisted", "private", "direct"]
Type = Literal["unknown", "image", "gifv", "video", "audio"]

VISIBILITIES: Final[Mapping[Visibility, Shown]] = {
    Visibility.PUBLIC: "public",
    Visibility.UNLISTED: "unlisted",
    Visibility.FOLLOWERS: "private",
    Visibility.LIMITED: "private",
    Visibility.DIRECT: "direct",
}
_TYPES: Final[Mapping[str, Type]] = {"image": "image", "video": "video", "audio": "audio"}
_NOTHING: Final = Surroundings()


async def statuses(
    db: Executor, instance: Instance, entries: Sequence[Entry], viewer: Viewer
) -> list[entities.Status]:
    """Return the entities of *entries*, which *viewer* was found to see, in their order.

    The number of queries is the same for one and for forty.
    """
    if not entries:
        return []
    around = await reading.around(db, viewer, {entry.post.id for entry in entries})
    people = {entry.post.author_id for entry in entries}
    people |= {entry.boost.account_id for entry in entries if entry.boost}
    found = await accounts.by_ids(db, instance, people)
    return [_entry(instance, entry, around, found) for entry in entries]


async def status(
    db: Executor, instance: Instance, entry: Entry | Post, viewer: Viewer
) -> entities.Status:
    """Return the entity of one post or boost."""
    one = Entry(entry.id, entry) if isinstance(entry, Post) else entry
    (entity,) = await statuses(db, instance, [one], viewer)
    return entity


async def of_posts(
    db: Executor, instance: Instance, posts: Collection[Post], viewer: Viewer
) -> list[entities.Status]:
    """Return the entities of *posts*, in their order."""
    return await statuses(db, instance, [Entry(post.id, post) for post in posts], viewer)


def _entry(
    instance: Instance,
    entry: Entry,
    around: Mapping[int, Surroundings],
    people: Mapping[int, entities.Account],
) -> entities.Status:
    post, boost = entry.post, entry.boost
    shown = _post(instance, post, around.get(post.id, _NOTHING), people[post.author_id])
    if boost is None:
        return shown
    return entities.Status(
        id=str(boost.id),
        uri=boost.activity_id,
        url=shown.url,
        created_at=moment(boost.created_at),
        account=people[boost.account_id],
        content=shown.content,
        visibility=VISIBILITIES[boost.visibility],
        sensitive=shown.sensitive,
        spoiler_text=shown.spoiler_text,
        mentions=shown.mentions,
        tags=shown.tags,
        emojis=shown.emojis,
        reblogs_count=shown.reblogs_count,
        favourites_count=shown.favourites_count,
        replies_count=shown.replies_count,
        reblog=shown,
        language=shown.language,
        favourited=shown.favourited,
        reblogged=shown.reblogged,
        muted=shown.muted,
        bookmarked=shown.bookmarked,
    )


def _post(
    instance: Instance,
    post: Post,
    around: Surroundings,
    author: entities.Account,
) -> entities.Status:
    return entities.Status(
        id=str(post.id),
        uri=post.object_id,
        url=address(instance, post, author.username),
        created_at=moment(post.published_at),
        edited_at=maybe(post.edited_at),
        account=author,
        content=readable.content(post),
        visibility=VISIBILITIES[post.visibility],
        sensitive=post.sensitive or around.sensitised,
        spoiler_text=post.summary,
        media_attachments=media(post, around.attachments),
        application=_application(post),
        mentions=[
            entities.Mention(
                id=str(each.id),
                username=each.username,
                url=instance.profile_page(each.username) if each.local else each.url,
                acct=accounts.acct(each.username, each.domain, local=each.local),
            )
            for each in around.mentions
        ],
        tags=_tags(instance, post),
        emojis=_emojis(post),
        reblogs_count=post.shares_count,
        favourites_count=post.likes_count,
        replies_count=post.replies_count,
        in_reply_to_id=str(post.parent_id) if around.answered_id and post.parent_id else None,
        in_reply_to_account_id=str(around.answered_id) if around.answered_id else None,
        language=post.language,
        favourited=around.liked,
        reblogged=around.boosted,
        muted=around.muted,
        bookmarked=around.bookmarked,
        pinned=around.pinned,
    )


def address(instance: Instance, post: Post, username: str) -> str:
    """Return where a person reads *post*."""
    if post.local:
        return instance.post_page(username, post.id)
    url = post.url or ""
    return url if url.startswith(("https://", "http://")) else post.object_id


def _application(post: Post) -> entities.StatusApplication | None:
    if post.application is None:
        return None
    return entities.StatusApplication(name=post.application, website=post.application_website)


def media(post: Post, attachments: Sequence[Attachment]) -> list[entities.MediaAttachment]:
    """Return what is attached; an address that is not of the web is no address."""
    return [
        entities.MediaAttachment(
            id=f"{post.id}{place:02d}",
            type=_TYPES.get(each.media_type.partition("/")[0], "unknown"),
            url=each.url,
            preview_url=each.url,
            remote_url=None if post.local else each.url,
            meta=_meta(each),
            description=each.description or None,
            blurhash=each.blurhash,
        )
        for place, each in enumerate(attachments)
        if each.url.startswith(("https://", "http://"))
    ]


def _meta(attachment: Attachment) -> dict[str, object]:
    width, height = attachment.width, attachment.height
    if not width or not height:
        return {}
    size = {
        "width": width,
        "height": height,
        "size": f"{width}x{height}",
        "aspect": round(width / height, 6),
    }
    return {"original": size, "small": size}


def _tags(instance: Instance, post: Post) -> list[entities.ShallowTag]:
    names = (
        str(tag.get("name", "")).removeprefix("#").lower()
        for tag in post.tags
        if tag.get("type") == "Hashtag"
    )
    return [
        entities.ShallowTag(name=name, url=instance.tag_page(name))
        for name in dict.fromkeys(names)
        if name
    ]


def _emojis(post: Post) -> list[entities.CustomEmoji]:
    found = []
    for tag in post.tags:
        if tag.get("type") != "Emoji":
            continue
        icon = tag.get("icon")
        url = str(icon.get("url", "")) if isinstance(icon, Mapping) else ""
        if url.startswith(("https://", "http://")):
            code = str(tag.get("name", "")).strip(":")
            found.append(
                entities.CustomEmoji(
                    shortcode=code, url=url, static_url=url, visible_in_picker=False
                )
            )
    return found


def versions(
    post: Post, revisions: Sequence[Revision], author: entities.Account
) -> list[entities.StatusEdit]:
    """Return what a post said, oldest first, what it says now at the end."""
    emojis = _emojis(post)
    before = [
        entities.StatusEdit(
            content=readable.clean(each.content),
            spoiler_text=each.summary,
            sensitive=each.sensitive,
            created_at=moment(each.written_at),
            account=author,
            emojis=emojis,
        )
        for each in revisions
    ]
    now = entities.StatusEdit(
        content=readable.content(post),
        spoiler_text=post.summary,
        sensitive=post.sensitive,
        created_at=moment(post.edited_at or post.published_at),
        account=author,
        emojis=emojis,
    )
    return [*before, now]
