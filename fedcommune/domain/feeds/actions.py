"""The commune's own voices: open them, let them carry what concerns their subject."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import profiles
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account, Field, Kind, Profile
from fedcommune.domain.feeds import outgoing
from fedcommune.domain.feeds.model import FEEDS, carriers
from fedcommune.domain.helping import actions as helping
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import outgoing as post_documents
from fedcommune.domain.posts import reach
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.quotes import actions as quotes
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.visibility import Visibility
from federation.keys import Pair


async def open_all(tx: Transaction, pairs: Mapping[str, Pair]) -> list[Account]:
    """Open the instance actor and the topical feeds that do not exist yet.

    *pairs* gives each its keys, by user name; that of the instance actor is the host. Returns
    those that were opened. Raises KeyError when a pair is missing.
    """
    opened = []
    instance = tx.instance
    if await account_queries.by_actor_id(tx.db, instance.actor) is None:
        presentation = instance.description or instance.name
        opened.append(
            await accounts.open_(
                tx,
                kind="commune",
                username=instance.host,
                name=_title(instance.name, instance.insee),
                pair=pairs[instance.host],
                profile=profiles.written(
                    instance,
                    presentation,
                    Profile(
                        fields=(Field("INSEE", instance.insee),) if instance.insee else (),
                        latitude=instance.latitude,
                        longitude=instance.longitude,
                    ),
                ),
            )
        )
    for feed in FEEDS:
        if await account_queries.local_by_username(tx.db, feed.username) is None:
            opened.append(
                await accounts.open_(
                    tx,
                    kind=feed.kind,
                    username=feed.username,
                    name=f"{feed.name} · {instance.name}",
                    pair=pairs[feed.username],
                    profile=profiles.written(instance, feed.summary),
                )
            )
    return opened


async def publish(tx: Transaction, author: Account, draft: Draft) -> Post:
    """Publish *draft*, and let the commune's voices carry it when it is for everybody.

    Raises what :func:`quotes.checked` and :func:`posts.publish` raise.
    """
    draft = await quotes.checked(tx, author, draft)
    post = await posts.publish(tx, author, draft)
    await quotes.made(tx, author, post)
    await helping.heed(tx, author, post)
    await carry(tx, author, post)
    return post


async def carry(
    tx: Transaction, author: Account, post: Post, said: Mapping[str, Any] | None = None
) -> list[Account]:
    """Let the instance actor and the feeds concerned boost a public *post*; return who did.

    The instance actor passes on what our own actors begin; a reply stays in its
    conversation, unless it is addressed to the square. The groups pass on the whole Create,
    too: *said* is that of a stranger, as it came (FEP-1b12, W-GRP-02).
    """
    if post.visibility is not Visibility.PUBLIC:
        return []
    addressed = [account for account in await reach.mentioned(tx.db, post.id) if account.local]
    squares = {account.username for account in addressed if account.kind == "square"}
    is_reply = post.in_reply_to is not None
    if not author.local or is_reply:
        names = carriers("stranger", (), squares)
    else:
        names = carriers(author.kind, _folded(post), squares, post.type)
    voices = []
    # What the agenda announces for a person is news like that of anybody else.
    passes_on = author.kind in ("commune", "square") or (
        author.kind == "feed" and post.type != "Event"
    )
    if author.local and not is_reply and not passes_on:
        voices.append(await account_queries.by_actor_id(tx.db, tx.instance.actor))
    for name in names:
        voices.append(await account_queries.local_by_username(tx.db, name))
    carried = [voice for voice in voices if voice is not None and voice.id != author.id]
    for voice in carried:
        await reactions.boost(tx, voice, post)
    groups = [voice for voice in carried if voice.kind is not Kind.COMMUNE]
    if groups:
        whole = said or await post_documents.create(tx, post, author)
        for group in groups:
            await outgoing.passed_on(tx, group, whole, post)
    return carried


def _folded(post: Post) -> set[str]:
    """Return the hashtags of *post* in lower case, without accents."""
    names = (
        str(tag.get("name", "")).lstrip("#") for tag in post.tags if tag.get("type") == "Hashtag"
    )
    return {
        "".join(
            character
            for character in unicodedata.normalize("NFD", name.lower())
            if not unicodedata.combining(character)
        )
        for name in names
    }


def _title(name: str, insee: str) -> str:
    return f"{name} ({insee})" if insee else name
