"""How far one read."""

from __future__ import annotations

from tests.mastodon import schemas
from tests.mastodon.conftest import App, Neighbours

MARKERS = "/api/v1/markers"


async def test_markers_move_and_count_their_moves(neighbours: Neighbours, marie: App) -> None:
    assert (await marie.http.get(MARKERS, params={"timeline[]": "home"})).json() == {}

    first = await marie.http.post(MARKERS, data={"home[last_read_id]": "117"})
    second = await marie.http.post(
        MARKERS, json={"home": {"last_read_id": "118"}, "notifications": {"last_read_id": 5}}
    )

    assert schemas.checked(first.json()["home"], schemas.MARKER)["version"] == 1
    assert second.json()["home"]["version"] == 2
    both = await marie.http.get(MARKERS, params={"timeline[]": ["home", "notifications"]})
    assert {name: each["last_read_id"] for name, each in both.json().items()} == {
        "home": "118",
        "notifications": "5",
    }
    alone = await marie.http.get(MARKERS, params={"timeline[]": "notifications"})
    assert list(alone.json()) == ["notifications"]


async def test_a_marker_needs_an_id(neighbours: Neighbours, marie: App) -> None:
    answer = await marie.http.post(MARKERS, json={"home": {"last_read_id": "abc"}})

    assert answer.status_code == 422
    assert await neighbours.here.count("commune.marker") == 0
