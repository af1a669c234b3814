"""A message becomes an activity whole and of one origin, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from federation import activities, documents
from federation.activities import Activity
from federation.documents import ACTIVITIES
from federation.errors import RefusedError
from federation.names import AS2, PUBLIC

ANA = "https://social.example/users/ana"
BOB = "https://autre.example/users/bob"
NOTE = {
    "id": "https://social.example/notes/1",
    "type": "Note",
    "attributedTo": ANA,
    "content": "<p>Le marché ouvre à six heures.</p>",
}


def message(**properties: Any) -> dict[str, Any]:
    whole = {
        "@context": AS2,
        "id": "https://social.example/activities/1",
        "type": "Create",
        "actor": ANA,
        "object": NOTE,
        **properties,
    }
    return {name: value for name, value in whole.items() if value is not None}


def read(**properties: Any) -> Activity:
    document = message(**properties)
    return activities.read(document, raw=documents.write(document))


def test_a_whole_message_is_read() -> None:
    activity = read(to="as:Public", cc=[{"id": BOB}, 7], published="2026-11-23T08:00:00Z")

    assert (activity.type, activity.actor, activity.object_id) == ("Create", ANA, NOTE["id"])
    assert activity.object == NOTE
    assert (activity.to, activity.cc) == ((PUBLIC,), (BOB,))
    assert activity.published is not None
    assert documents.read(activity.raw) == activity.document


def test_w_doc_11_json_ld_spellings_are_read() -> None:
    document = {
        "@context": [AS2],
        "@id": "https://social.example/activities/1",
        "@type": ["as:Like"],
        "actor": [{"id": ANA, "type": "Person"}],
        "object": [{"@id": "https://autre.example/notes/9"}],
    }

    activity = activities.read(document, raw=b"")

    assert activity.type == "Like"
    assert activity.actor == ANA
    assert activity.object_id == "https://autre.example/notes/9"


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param({"@context": None}, id="no context"),
        pytest.param({"@context": "https://schema.org/"}, id="another context"),
        pytest.param({"id": ["https://social.example/activities/1"]}, id="id in a list"),
        pytest.param({"id": {"id": "https://social.example/1"}}, id="id in an object"),
        pytest.param({"id": 7}, id="id a number"),
        pytest.param({"id": None}, id="no id"),
        pytest.param({"id": "https://autre.example/activities/1"}, id="id of another server"),
        pytest.param({"id": "https://x.social.example/activities/1"}, id="id of a sub-domain"),
        pytest.param({"id": "urn:uuid:1"}, id="id of no server"),
        pytest.param({"type": None}, id="no type"),
        pytest.param({"type": 7}, id="type a number"),
        pytest.param({"type": ["Create", "Delete"]}, id="two activities"),
        pytest.param({"type": ["Odd", "Strange"]}, id="two unknown types"),
        pytest.param({"type": "Note"}, id="a Note"),
        pytest.param({"type": "OrderedCollection"}, id="a collection"),
        pytest.param({"actor": None}, id="no actor"),
        pytest.param({"actor": [ANA, BOB]}, id="two actors"),
        pytest.param({"actor": 7}, id="actor a number"),
        pytest.param({"actor": "javascript:alert(1)"}, id="actor no address"),
        pytest.param({"actor": "acct:ana@social.example"}, id="actor a handle"),
        pytest.param({"object": None}, id="no object"),
        pytest.param({"object": []}, id="empty object"),
        pytest.param({"object": ""}, id="empty text for object"),
        pytest.param({"type": "Add"}, id="Add without target"),
        pytest.param({"type": "Remove"}, id="Remove without target"),
        pytest.param({"type": "Move"}, id="Move without target"),
        pytest.param({"inbox": "i", "outbox": "o"}, id="also an actor"),
        pytest.param({"orderedItems": []}, id="also a collection"),
        pytest.param({"object": {**NOTE, "id": [NOTE["id"]]}}, id="object id in a list"),
        pytest.param({"object": {**NOTE, "inbox": "i", "outbox": "o"}}, id="object is two things"),
        pytest.param({"to": [f"https://social.example/{n}" for n in range(1001)]}, id="1001 to"),
        pytest.param({"cc": [BOB] * 1001}, id="1001 cc"),
    ],
)
def test_sec_ori_02_a_message_that_is_not_one_activity_of_one_actor_is_refused(
    properties: dict[str, Any],
) -> None:
    with pytest.raises(RefusedError) as refusal:
        read(**properties)

    assert refusal.value.status_code == 400


@pytest.mark.parametrize("type_", sorted(activities.NEED_OBJECT))
def test_s2s_08_what_needs_an_object_is_refused_without(type_: str) -> None:
    with pytest.raises(RefusedError):
        read(type=type_, object=None, target=BOB)


def test_transient_activities_without_id_get_one_from_their_bytes() -> None:
    follow = read(type="Follow", object=BOB, id=None)

    assert follow.id.startswith("urn:sha256:")
    assert follow.id == read(type="Follow", object=BOB, id=None).id
    assert follow.id != read(type="Follow", object=ANA, id=None).id


def test_an_unknown_activity_is_still_an_activity() -> None:
    assert read(type="Wave", object=None).type == "Wave"


FORGED = [
    pytest.param({**NOTE, "attributedTo": BOB}, id="by somebody else"),
    pytest.param({**NOTE, "attributedTo": [ANA, BOB]}, id="by another server too"),
    pytest.param({**NOTE, "attributedTo": None}, id="by nobody"),
    pytest.param({**NOTE, "attributedTo": "https://social.example/users/eve"}, id="by a neighbour"),
    pytest.param({**NOTE, "id": "https://autre.example/notes/1"}, id="from another server"),
    pytest.param({**NOTE, "id": "https://autre.example/notes/1", "attributedTo": BOB}, id="Bob's"),
    pytest.param({"id": BOB, "type": "Person", "inbox": "i", "outbox": "o"}, id="another actor"),
    pytest.param({"id": ANA + "2", "type": "Person", "inbox": "i", "outbox": "o"}, id="a namesake"),
    pytest.param({"id": "https://social.example/likes/1", "type": "Like", "actor": BOB}, id="Like"),
]


@pytest.mark.parametrize("object_", FORGED)
@pytest.mark.parametrize("type_", ["Create", "Update", "Delete", "Announce"])
def test_w_ori_03_an_embedded_object_of_somebody_else_counts_by_its_id_only(
    type_: str, object_: dict[str, Any]
) -> None:
    activity = read(type=type_, object=object_)

    assert activity.object is None
    assert activity.object_id == object_["id"]
    assert activities.objects(activity) == []
    assert activities.embedded(activity) == object_


OWN = [
    pytest.param(NOTE, id="a post"),
    pytest.param({**NOTE, "attributedTo": {"id": ANA, "type": "Person"}}, id="author embedded"),
    pytest.param(
        {**NOTE, "type": "Video", "attributedTo": [ANA, "https://social.example/channels/c"]},
        id="account and channel",
    ),
    pytest.param({"id": ANA, "type": "Person", "inbox": "i", "outbox": "o"}, id="itself"),
    pytest.param({"id": "https://social.example/f/1", "type": "Follow", "actor": ANA}, id="act"),
    pytest.param({"type": "Follow", "actor": ANA, "object": BOB}, id="act without id"),
]


@pytest.mark.parametrize("object_", OWN)
def test_w_ori_03_an_actor_speaks_for_what_is_its_own(object_: dict[str, Any]) -> None:
    activity = read(type="Undo", object=object_)

    assert activity.object == object_
    assert activity.object_id == object_.get("id")


def test_w_ori_03_the_target_is_trusted_by_the_same_rule() -> None:
    target = {"id": "https://social.example/c/1", "type": "Collection", "items": []}

    assert read(type="Add", target=target).target is None
    assert read(type="Add", target={**target, "attributedTo": ANA}).target is not None
    assert read(type="Add", target=target).target_id == target["id"]


def test_mobilizon_removes_from_an_origin() -> None:
    assert read(type="Remove", origin="https://social.example/g").target_id is None


def test_what_is_inside_another_activity_needs_no_context_of_its_own() -> None:
    follow = {"id": "https://autre.example/f/1", "type": "Follow", "actor": BOB, "object": ANA}
    accept = read(type="Accept", object=follow)

    inner = activities.inner(accept)

    assert inner is not None
    assert (inner.id, inner.actor, inner.object_id) == (follow["id"], BOB, ANA)
    assert accept.object is None


def test_what_is_inside_and_no_activity_is_none() -> None:
    assert activities.inner(read(type="Announce")) is None
    assert activities.inner(read(type="Announce", object=NOTE["id"])) is None
    assert activities.inner(read(type="Accept", object={"type": "Follow"})) is None


def test_the_lost_id_of_an_embedded_follow_differs_by_its_content() -> None:
    one = activities.inner(
        read(type="Undo", object={"type": "Follow", "actor": ANA, "object": BOB})
    )
    two = activities.inner(
        read(type="Undo", object={"type": "Follow", "actor": ANA, "object": ANA})
    )

    assert one is not None
    assert two is not None
    assert one.id != two.id


def test_a_flag_names_a_person_and_posts() -> None:
    flag = read(type="Flag", object=[BOB, "https://autre.example/notes/1", {"id": ANA}])

    assert activities.object_ids(flag) == [BOB, "https://autre.example/notes/1", ANA]


def test_several_choices_of_one_vote_are_all_read() -> None:
    votes = [{**NOTE, "id": f"{ANA}#votes/{n}", "name": str(n)} for n in range(3)]

    assert activities.objects(read(object=[*votes, {**votes[0], "attributedTo": BOB}])) == votes


def test_what_little_boxes_calls_an_activity_we_do_too() -> None:
    from federation.boxes import ActivityType

    things = {"Person", "Note", "Image", "Tombstone"}
    theirs = {kind.value for kind in ActivityType}
    assert {name for name in theirs if "Collection" not in name} - things <= ACTIVITIES
