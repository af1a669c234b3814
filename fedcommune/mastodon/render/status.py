"""Posts and boosts become statuses, a page of them with a few queries however many there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from msgspec.structs import replace

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.cards import queries as card_queries
from fedcommune.domain.cards.model import Card
from fedcommune.domain.collections import queries as recommendations
from fedcommune.domain.polls import queries as polls
from fedcommune.domain.polls.model import Seen
from fedcommune.domain.posts import previews
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.model import Post, Revision
from fedcommune.domain.reading import queries as reading
from fedcommune.domain.reading.model import Surroundings
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.visibility import Viewer, Visibility
from fedcommune.instance import Instance
from fedcommune.mastodon import entities
from fedcommune.mastodon.json import maybe, moment
from fedcommune.mastodon.render import account as accounts
from fedcommune.mastodon.render import card as cards
from fedcommune.mastodon.render import collection as collections
from fedcommune.mastodon.render import emojis, filtered, media, readable
from fedcommune.mastodon.render import poll as poll_entity
from fedcommune.mastodon.render import quoting as quotes

Shown = Literal["public", "unlisted", "private", "direct"]

VISIBILITIES: Final[Mapping[Visibility, Shown]] = {
    Visibility.PUBLIC: "public",
    Visibility.UNLISTED: "unlisted",
    Visibility.FOLLOWERS: "private",
    Visibility.LIMITED: "private",
    Visibility.DIRECT: "direct",
}
_NOTHING: Final = Surroundings()


@dataclass(frozen=True, slots=True)
class _Page:
    """Everything that stands around the posts of one page, found with one query each."""

    instance: Instance
    around: Mapping[int, Surroundings]
    people: Mapping[int, entities.Account]
    filtered: Mapping[int, list[entities.FilterResult]]
    # What is quoted on this page and may be seen, and what that quotes in turn.
    quoted: Mapping[int, Post]
    cards: Mapping[str, Card]
    deeper: frozenset[int]
    polls: Mapping[int, entities.Poll | None]


async def statuses(
    db: Executor, instance: Instance, entries: Sequence[Entry], viewer: Viewer, now: datetime
) -> list[entities.Status]:
    """Return the entities of *entries*, which *viewer* was found to see, in their order.

    The number of queries is the same for one and for forty: one, and more only when there is
    something to find: somebody who boosts, filters of the viewer, a post that asks, quotes, or
    leads elsewhere. *now* decides which filters are in force, and which polls are over.
    """
    if not entries:
        return []
    around = await reading.around(db, viewer, {entry.post.id for entry in entries})
    return await _drawn(db, instance, entries, around, viewer, now)


async def by_ids(
    db: Executor, instance: Instance, viewer: Viewer, post_ids: Collection[int], now: datetime
) -> dict[int, entities.Status]:
    """Return the entities of those of the posts that *viewer* may see, by id.

    As :func:`statuses`, and with no query more.
    """
    seen = await reading.seen(db, viewer, post_ids) if post_ids else {}
    entries = [Entry(post.id, post) for post, _ in seen.values()]
    around = {post.id: surroundings for post, surroundings in seen.values()}
    drawn = await _drawn(db, instance, entries, around, viewer, now) if entries else []
    return dict(zip(seen, drawn, strict=True))


async def _drawn(
    db: Executor,
    instance: Instance,
    entries: Sequence[Entry],
    around: dict[int, Surroundings],
    viewer: Viewer,
    now: datetime,
) -> list[entities.Status]:
    """Return the entities of *entries*, which are some; *around* has what stands around them."""
    posts = {entry.post.id: entry.post for entry in entries}
    boosters = {entry.boost.account_id for entry in entries if entry.boost}
    page = await _page(db, instance, posts, around, boosters, viewer, now)
    shown = [_entry(page, entry) for entry in entries]
    return await _with_collections(db, instance, entries, shown, viewer)


async def _page(
    db: Executor,
    instance: Instance,
    posts: Mapping[int, Post],
    around: dict[int, Surroundings],
    boosters: Set[int],
    viewer: Viewer,
    now: datetime,
) -> _Page:
    quoted = await _seen(db, viewer, around.values())
    if quoted.keys() - posts.keys():
        around |= await reading.around(db, viewer, quoted.keys() - posts.keys())
    deeper = await _seen(db, viewer, [around[each] for each in quoted])
    everything = {**quoted, **posts}
    links = [previews.link_of(instance, post.content) for post in everything.values()]
    people = {each.author[0].id: each.author for each in around.values() if each.author}
    others = (boosters | {post.author_id for post in everything.values()}) - people.keys()
    if others:
        people |= await account_queries.tallied(db, others)
    asking = {post.id for post in everything.values() if post.type == "Question"}
    asked = await polls.seen(db, viewer, asking)
    return _Page(
        instance,
        around,
        await accounts.tallied(db, instance, people),
        await filtered.filtered(db, viewer, everything.values(), now)
        if any(each.filters for each in around.values())
        else {},
        quoted,
        await card_queries.found(db, {url for url in links if url is not None}),
        frozenset(deeper),
        {each: _poll(instance, everything[each], asked, viewer, now) for each in asking},
    )


async def _seen(db: Executor, viewer: Viewer, around: Iterable[Surroundings]) -> dict[int, Post]:
    """Return what is quoted with leave beside these, as far as *viewer* may see it."""
    wanted = {
        each.quotes.target_id
        for each in around
        if each.quotes.state == "accepted" and each.quotes.target_id is not None
    }
    return await post_queries.by_ids(db, viewer, wanted) if wanted else {}


async def status(
    db: Executor, instance: Instance, entry: Entry | Post, viewer: Viewer, now: datetime
) -> entities.Status:
    """Return the entity of one post or boost."""
    one = Entry(entry.id, entry) if isinstance(entry, Post) else entry
    (entity,) = await statuses(db, instance, [one], viewer, now)
    return entity


async def of_posts(
    db: Executor, instance: Instance, posts: Collection[Post], viewer: Viewer, now: datetime
) -> list[entities.Status]:
    """Return the entities of *posts*, in their order."""
    return await statuses(db, instance, [Entry(post.id, post) for post in posts], viewer, now)


async def _with_collections(
    db: Executor,
    instance: Instance,
    entries: Sequence[Entry],
    shown: list[entities.Status],
    viewer: Viewer,
) -> list[entities.Status]:
    """Return *shown* with the collections of people to which the posts lead."""
    leading = {each.post.id for each in entries if previews.leads_away(each.post.content)}
    linked = await recommendations.linked_from(db, viewer, leading) if leading else {}
    if not linked:
        return shown
    several = [each for found in linked.values() for each in found]
    entity_of = dict(
        zip(
            (each.id for each in several),
            await collections.collections(db, instance, several, viewer),
            strict=True,
        )
    )
    found = []
    for entry, status_ in zip(entries, shown, strict=True):
        tagged = [entity_of[each.id] for each in linked.get(entry.post.id, [])]
        reblog = status_.reblog and replace(status_.reblog, tagged_collections=tagged)
        found.append(replace(status_, tagged_collections=tagged, reblog=reblog))
    return found


def _entry(page: _Page, entry: Entry) -> entities.Status:
    post, boost = entry.post, entry.boost
    around = page.around.get(post.id, _NOTHING).quotes
    inner = page.quoted.get(around.target_id or 0)
    shown_inside = {}
    if inner is not None:
        within = page.around.get(inner.id, _NOTHING).quotes
        shown_inside[inner.id] = _post(page, inner, quotes.shallow(within, page.deeper))
    shown = _post(page, post, quotes.quote(around, shown_inside))
    if boost is None:
        return shown
    return entities.Status(
        id=str(boost.id),
        uri=boost.activity_id,
        url=shown.url,
        created_at=moment(boost.created_at),
        account=page.people[boost.account_id],
        content=shown.content,
        visibility=VISIBILITIES[boost.visibility],
        sensitive=shown.sensitive,
        spoiler_text=shown.spoiler_text,
        mentions=shown.mentions,
        tags=shown.tags,
        emojis=shown.emojis,
        reblogs_count=shown.reblogs_count,
        favourites_count=shown.favourites_count,
        quotes_count=shown.quotes_count,
        replies_count=shown.replies_count,
        reblog=shown,
        language=shown.language,
        favourited=shown.favourited,
        reblogged=shown.reblogged,
        muted=shown.muted,
        bookmarked=shown.bookmarked,
        filtered=shown.filtered,
        card=shown.card,
        quote_approval=shown.quote_approval,
    )


def _post(
    page: _Page, post: Post, quote: entities.Quote | entities.ShallowQuote | None
) -> entities.Status:
    instance, author = page.instance, page.people[post.author_id]
    around = page.around.get(post.id, _NOTHING)
    card = page.cards.get(previews.link_of(instance, post.content) or "")
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
        media_attachments=media.attachments(instance, post, around.attachments),
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
        emojis=emojis.of_tags(instance, post.tags),
        reblogs_count=post.shares_count,
        favourites_count=post.likes_count,
        quotes_count=around.quotes.count,
        replies_count=post.replies_count,
        in_reply_to_id=str(post.parent_id) if around.answered_id and post.parent_id else None,
        in_reply_to_account_id=str(around.answered_id) if around.answered_id else None,
        poll=page.polls.get(post.id),
        language=post.language,
        favourited=around.liked,
        reblogged=around.boosted,
        muted=around.muted,
        bookmarked=around.bookmarked,
        pinned=around.pinned,
        card=None if card is None else cards.card(card),
        quote=quote,
        quote_approval=quotes.approval(around.quotes),
        filtered=page.filtered.get(post.id, []),
    )


async def poll(
    db: Executor, instance: Instance, post: Post, viewer: Viewer, now: datetime
) -> entities.Poll | None:
    """Return the entity of the poll of one post, None when it asks nothing."""
    return _poll(instance, post, await polls.seen(db, viewer, [post.id]), viewer, now)


def _poll(
    instance: Instance, post: Post, asked: Mapping[int, Seen], viewer: Viewer, now: datetime
) -> entities.Poll | None:
    seen = asked.get(post.id)
    if seen is None:
        return None
    own = viewer.account_id == post.author_id
    return poll_entity.poll(seen, emojis.of_tags(instance, post.tags), now, own=own)


def address(instance: Instance, post: Post, username: str) -> str:
    """Return where a person reads *post*."""
    if post.local:
        return post.url or instance.post_page(username, post.id)
    url = post.url or ""
    return url if url.startswith(("https://", "http://")) else post.object_id


def _application(post: Post) -> entities.StatusApplication | None:
    if post.application is None:
        return None
    return entities.StatusApplication(name=post.application, website=post.application_website)


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


def versions(
    post: Post, revisions: Sequence[Revision], shown: entities.Status
) -> list[entities.StatusEdit]:
    """Return what a post said, oldest first, what it says now (*shown*) at the end.

    What is attached is told of the present only: what was taken away is gone. What is quoted
    stays the same whatever is edited.
    """
    before = [
        entities.StatusEdit(
            content=readable.clean(each.content),
            spoiler_text=each.summary,
            sensitive=each.sensitive,
            created_at=moment(each.written_at),
            account=shown.account,
            poll=None if each.options is None else poll_entity.offered(each.options),
            emojis=shown.emojis,
            quote=shown.quote,
        )
        for each in revisions
    ]
    asked = None if shown.poll is None else [each.title for each in shown.poll.options]
    now = entities.StatusEdit(
        content=shown.content,
        spoiler_text=shown.spoiler_text,
        sensitive=post.sensitive,
        created_at=moment(post.edited_at or post.published_at),
        account=shown.account,
        poll=None if asked is None else poll_entity.offered(asked),
        media_attachments=shown.media_attachments,
        emojis=shown.emojis,
        quote=shown.quote,
    )
    return [*before, now]
