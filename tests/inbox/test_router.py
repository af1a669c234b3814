"""Who handles what: found by pair, and never twice."""

from __future__ import annotations

import pytest

from federation import activities, documents
from federation.activities import Activity
from inbox.gather import Gathered
from inbox.router import Router


async def one(tx: None, activity: Activity, gathered: Gathered) -> None: ...
async def two(tx: None, activity: Activity, gathered: Gathered) -> None: ...


def activity(type_: str, object_: object) -> Activity:
    document = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "https://a.example/1",
        "type": type_,
        "actor": "https://a.example/u",
        "object": object_,
    }
    return activities.read(document, raw=documents.write(document))


def test_w_in_the_type_of_the_object_counts_before_any_object() -> None:
    router: Router[None] = Router()
    router.receives("Create", of="Note")(one)
    router.receives("Create")(two)

    for object_, handler in [
        ({"type": "Note"}, one),
        ({"type": ["x", "as:Note"]}, one),
        ({"type": "Event"}, two),
        ("https://a.example/n", two),
    ]:
        route = router.find(activity("Create", object_))
        assert route is not None
        assert route.handler is handler
    assert router.find(activity("Like", "https://a.example/n")) is None


def test_w_in_two_handlers_for_one_pair_are_refused_at_start_up() -> None:
    router: Router[None] = Router()
    router.receives("Create", of="Note")(one)
    with pytest.raises(ValueError, match="already has a handler"):
        router.receives("Create", of="Note")(two)

    other: Router[None] = Router()
    other.receives("Create", of="Note")(two)
    other.receives("Undo", of="Follow")(two)
    with pytest.raises(ValueError, match="Create"):
        router.include(other)


def test_w_in_included_routes_are_found() -> None:
    router: Router[None] = Router()
    part: Router[None] = Router()
    part.receives("Undo", of="Follow", needs=lambda activity, gathered: [])(two)
    router.include(part)

    route = router.find(activity("Undo", {"type": "Follow", "object": "https://b.example/u"}))

    assert route is not None
    assert (route.handler, len(router), list(router)) == (two, 1, [("Undo", "Follow")])


def test_w_in_wrapping_keeps_the_routes_and_wraps_each_handler() -> None:
    router: Router[None] = Router()
    router.receives("Create", of="Note")(one)

    route = router.wrapped(lambda handler: two).find(activity("Create", {"type": "Note"}))

    assert route is not None
    assert route.handler is two
