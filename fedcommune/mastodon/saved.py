"""What somebody keeps for themselves: bookmarks, favourites, and how far they read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from fedcommune.database import Executor
from fedcommune.domain.reading import actions, markers, queries
from fedcommune.domain.reading.model import Kept, Marker, Timeline
from fedcommune.errors import Invalid
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.json import moment
from fedcommune.mastodon.pagination import linked, page
from fedcommune.mastodon.render import status as render


class MarkerEntity(Struct, frozen=True, kw_only=True):
    """How far somebody read one timeline."""

    last_read_id: str
    version: int
    updated_at: str


async def bookmarks(call: Call) -> Answer:
    async with call.reading() as db:
        return await _kept(call, db, await queries.bookmarks(db, call.account.id, page(call)))


async def favourites(call: Call) -> Answer:
    async with call.reading() as db:
        return await _kept(call, db, await queries.favourites(db, call.account.id, page(call)))


async def _kept(call: Call, db: Executor, found: list[Kept]) -> Answer:
    shown = await render.of_posts(
        db, call.instance, [each.post for each in found], call.viewer, call.now
    )
    return linked(call, shown, [each.cursor for each in found])


async def show_markers(call: Call) -> Answer:
    wanted = [Timeline(each) for each in call.params.texts("timeline") if each in set(Timeline)]
    found = await markers.markers(call.db, call.account.id, wanted)
    return _markers(found)


async def move_markers(call: Call) -> Answer:
    """Move the markers that are named; two at the same time move it one after the other."""
    wanted: dict[Timeline, int] = {}
    for timeline in Timeline:
        last = call.params.group(timeline).identifier("last_read_id")
        if last is not None:
            wanted[timeline] = last
        elif call.params.get(timeline):
            raise Invalid("last_read_id", "Say which was read last.")
    async with call.transaction() as tx:
        moved = {
            timeline: await actions.move_marker(tx, call.account, timeline, last)
            for timeline, last in wanted.items()
        }
    return _markers(moved)


def _markers(found: Mapping[Timeline, Marker]) -> dict[str, MarkerEntity]:
    return {
        timeline.value: MarkerEntity(
            last_read_id=str(marker.last_read_id),
            version=marker.version,
            updated_at=moment(marker.updated_at),
        )
        for timeline, marker in found.items()
    }


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/bookmarks", bookmarks, "read:bookmarks"),
    Endpoint("GET", "/api/v1/favourites", favourites, "read:favourites"),
    Endpoint("GET", "/api/v1/markers", show_markers, "read:statuses"),
    Endpoint("POST", "/api/v1/markers", move_markers, "write:statuses"),
)
