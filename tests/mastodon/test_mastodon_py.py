"""The library that many bots are written with, over real HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import pytest
from mastodon import Mastodon, MastodonNotFoundError

from tests.mastodon.conftest import App, Neighbours
from tests.support import pictures
from tests.support.communes import Town

T = TypeVar("T")


@pytest.fixture(autouse=True)
def names_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``saint-leu.localhost`` be found where the system does not know such names."""
    find = socket.getaddrinfo

    def found(host: Any, *rest: Any, **more: Any) -> Any:
        local = isinstance(host, str) and host.endswith(".localhost")
        return find("127.0.0.1" if local else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", found)


def library(town: Town, app: App) -> Mastodon:
    return Mastodon(
        access_token=app.token,
        api_base_url=town.origin,
        ratelimit_method="throw",
        version_check_mode="none",
    )


async def away(call: Callable[[], T]) -> T:
    """Call the library, which waits, in a thread of its own."""
    return await asyncio.to_thread(call)


async def test_mastodon_py_writes_reads_and_reacts(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.app("paul")
    of_marie = library(neighbours.here, marie)
    of_paul = library(neighbours.here, paul)

    status = await away(
        lambda: of_marie.status_post(
            "Bonjour @paul #jardin",
            visibility="unlisted",
            spoiler_text="attention",
            language="fr",
            idempotency_key="une-fois",
        )
    )
    assert isinstance(status.created_at, datetime)
    assert status.account.acct == "marie"
    assert status.mentions[0].acct == "paul"
    again = await away(
        lambda: of_marie.status_post("Bonjour @paul #jardin", idempotency_key="une-fois")
    )
    assert again.id == status.id

    answer = await away(lambda: of_paul.status_reply(status, "Bonjour Marie"))
    assert answer.in_reply_to_id == status.id
    context = await away(lambda: of_marie.status_context(status))
    assert [each.id for each in context.descendants] == [answer.id]

    assert (await away(lambda: of_paul.status_favourite(status))).favourited
    assert (await away(lambda: of_paul.status_bookmark(status))).bookmarked
    boost = await away(lambda: of_paul.status_reblog(status))
    assert boost.reblog.id == status.id
    assert [each.acct for each in await away(lambda: of_marie.status_favourited_by(status))] == [
        "paul"
    ]
    assert [each.id for each in await away(of_paul.bookmarks)] == [status.id]
    assert [each.id for each in await away(of_paul.favourites)] == [status.id]
    assert boost.id in [each.id for each in await away(of_paul.timeline_home)]
    assert not (await away(lambda: of_paul.status_unreblog(status))).reblogged

    edited = await away(lambda: of_marie.status_update(status, "Rebonjour @paul #jardin"))
    assert edited.id == status.id
    assert edited.edited_at is not None
    assert len(await away(lambda: of_marie.status_history(status))) == 2
    assert (await away(lambda: of_marie.status_source(status))).text == "Rebonjour @paul #jardin"

    tag = await away(lambda: of_paul.tag_follow("jardin"))
    assert tag.following
    assert [each.name for each in await away(of_paul.followed_tags)] == ["jardin"]
    found = await away(lambda: of_marie.search_v2("rebonjour"))
    assert [each.id for each in found.statuses] == [status.id]
    markers = await away(lambda: of_paul.markers_set(["home"], [status.id]))
    assert str(markers["home"].last_read_id) == str(status.id)

    deleted = await away(lambda: of_marie.status_delete(status))
    assert deleted.text == "Rebonjour @paul #jardin"
    with pytest.raises(MastodonNotFoundError):
        await away(lambda: of_paul.status(status.id))


async def test_mastodon_py_turns_pages(neighbours: Neighbours, marie: App) -> None:
    for number in range(5):
        await neighbours.here.say(marie.account, f"Numéro {number}")
    api = library(neighbours.here, marie)

    first = await away(lambda: api.timeline_local(limit=2))
    every = await away(lambda: api.fetch_remaining(first))

    assert [each.content for each in every] == [
        f"<p>Numéro {number}</p>" for number in (4, 3, 2, 1, 0)
    ]


async def test_mastodon_py_sends_pictures_and_changes_its_face(
    neighbours: Neighbours, marie: App
) -> None:
    api = library(neighbours.here, marie)
    photo = pictures.from_a_telephone()

    media = await away(
        lambda: api.media_post(
            photo, mime_type="image/jpeg", description="Le lagon", focus=(0.1, -0.2)
        )
    )
    changed = await away(lambda: api.media_update(media, description="Le lagon, au matin"))
    status = await away(lambda: api.status_post("Regardez", media_ids=[media], sensitive=True))
    account = await away(
        lambda: api.account_update_credentials(avatar=photo, avatar_mime_type="image/jpeg")
    )

    assert changed.description == "Le lagon, au matin"
    assert changed.meta.focus.y == -0.2
    (attached,) = status.media_attachments
    assert (attached.id, attached.type) == (media.id, "image")
    assert status.sensitive
    assert "/media/" in account.avatar
    deleted = await away(lambda: api.status_delete(status))
    assert [each.id for each in deleted.media_attachments] == [media.id]
