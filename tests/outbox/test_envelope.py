"""Each kind of activity has what its readers need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from little_boxes.activitypub import BaseBackend, parse_activity, use_backend

from federation import activities, documents
from federation.boxes import ActivityType
from federation.errors import RefusedError
from federation.names import AS2, PUBLIC
from outbox import envelope, required

ME = "https://commune.example/ap/actors/1"
YOU = "https://far.example/users/2"
ID = "https://commune.example/ap/activities/1"
POST = "https://commune.example/ap/posts/1"
CLUB = "https://far.example/clubs/3"

NOTE = {
    "@context": AS2,
    "id": POST,
    "type": "Note",
    "attributedTo": ME,
    "to": [PUBLIC],
    "cc": [f"{ME}/followers", YOU],
    "bcc": ["https://far.example/secret"],
    "published": "2026-03-02T09:00:00Z",
    "content": "<p>Bonjour</p>",
}
FOLLOW = {
    "@context": AS2,
    "id": "https://far.example/f/1",
    "type": "Follow",
    "actor": YOU,
    "object": ME,
}


def _all() -> list[dict[str, Any]]:
    return [
        envelope.create(ID, ME, NOTE),
        envelope.update(ID, ME, NOTE),
        envelope.delete(ID, ME, POST, to=[PUBLIC]),
        envelope.delete_actor(ID, ME),
        envelope.announce(ID, ME, POST, to=[PUBLIC], cc=[YOU]),
        envelope.like(ID, ME, POST, to=[YOU]),
        envelope.undo(ID, ME, envelope.follow(f"{ID}0", ME, YOU)),
        envelope.follow(ID, ME, YOU),
        envelope.accept(ID, ME, FOLLOW),
        envelope.reject(ID, ME, FOLLOW),
        envelope.block(ID, ME, YOU),
        envelope.flag(ID, ME, [YOU, "https://far.example/posts/1"], content="spam"),
        envelope.add(ID, ME, POST, target=f"{ME}/featured", to=[PUBLIC]),
        envelope.remove(ID, ME, POST, target=f"{ME}/featured", to=[PUBLIC]),
        envelope.move(ID, ME, YOU, followers=f"{ME}/followers"),
        envelope.join(ID, ME, CLUB),
        envelope.invite(ID, ME, CLUB, YOU),
        envelope.leave(ID, ME, CLUB),
    ]


@pytest.mark.parametrize("activity", _all(), ids=lambda activity: str(activity["type"]))
def test_s2s_08_every_activity_is_complete_and_bears_no_context(activity: dict[str, Any]) -> None:
    required.check(activity)

    assert "@context" not in activity
    assert not isinstance(activity["object"], Mapping) or "@context" not in activity["object"]
    assert isinstance(activity["to"], list)
    raw = documents.write({"@context": AS2, **activity})
    read = activities.read(documents.read(raw), raw=raw)
    assert (read.id, read.type, read.actor) == (ID, activity["type"], ME)


def test_s2s_08_the_types_are_those_that_everybody_knows() -> None:
    known = {kind.value for kind in ActivityType}

    assert {activity["type"] for activity in _all()} - known <= {
        "Flag", "Add", "Remove", "Move", "Join", "Invite", "Leave", "Reject"
    }  # fmt: skip


@pytest.mark.parametrize("made", [envelope.create, envelope.update])
def test_w_act_create_is_addressed_as_its_object_is(
    made: Callable[[str, str, Mapping[str, Any]], dict[str, Any]],
) -> None:
    activity = made(ID, ME, NOTE)

    assert activity["to"] == NOTE["to"]
    assert activity["cc"] == NOTE["cc"]
    assert "bcc" not in activity
    assert "bcc" not in activity["object"]
    assert activity["object"]["content"] == "<p>Bonjour</p>"
    assert "bcc" in NOTE


def test_w_act_update_of_an_actor_is_addressed_by_the_caller() -> None:
    actor = {"id": ME, "type": "Person", "published": "2020-01-01T00:00:00Z"}

    activity = envelope.update(
        ID, ME, actor, to=[PUBLIC], cc=[YOU], published=datetime(2026, 3, 2, 9, tzinfo=UTC)
    )

    assert (activity["to"], activity["cc"]) == ([PUBLIC], [YOU])
    assert activity["published"] == "2026-03-02T09:00:00Z"


def test_w_act_delete_leaves_a_tombstone() -> None:
    activity = envelope.delete(
        ID,
        ME,
        POST,
        to=[PUBLIC],
        former_type="Note",
        deleted=datetime(2026, 3, 2, 9, tzinfo=UTC),
    )

    assert activity["object"] == {
        "id": POST,
        "type": "Tombstone",
        "formerType": "Note",
        "deleted": "2026-03-02T09:00:00Z",
    }


def test_w_act_delete_actor_is_for_everybody() -> None:
    activity = envelope.delete_actor(ID, ME)

    assert (activity["object"], activity["to"]) == (ME, [PUBLIC])


@pytest.mark.parametrize("made", [envelope.accept, envelope.reject])
def test_w_act_follow_its_answer_embeds_the_complete_follow(
    made: Callable[[str, str, Mapping[str, Any]], dict[str, Any]],
) -> None:
    activity = made(ID, ME, FOLLOW)

    assert activity["object"] == {k: v for k, v in FOLLOW.items() if k != "@context"}
    assert activity["to"] == [YOU]


def test_w_act_follow_one_without_an_id_can_be_answered() -> None:
    asked = {"type": "Follow", "actor": YOU, "object": ME}

    assert envelope.accept(ID, ME, asked)["object"] == asked
    with pytest.raises(RefusedError):
        envelope.accept(ID, ME, {"type": "Follow", "object": ME})


def test_w_act_undo_embeds_what_is_undone_and_goes_where_that_went() -> None:
    boost = envelope.announce(f"{ID}0", ME, "https://far.example/p/1", to=[PUBLIC], cc=[YOU])

    activity = envelope.undo(ID, ME, boost)

    assert activity["object"] == boost
    assert (activity["to"], activity["cc"]) == ([PUBLIC], [YOU])
    assert envelope.undo(ID, ME, boost, to=[YOU], cc=[])["to"] == [YOU]
    with pytest.raises(RefusedError):
        envelope.undo(ID, YOU, boost)


def test_w_act_block_is_for_nobody_unless_told() -> None:
    assert envelope.block(ID, ME, YOU)["to"] == []
    assert envelope.block(ID, ME, YOU, tell=True)["to"] == [YOU]


def test_w_act_flag_names_a_list_and_no_reporter() -> None:
    activity = envelope.flag(ID, ME, [YOU], content="x" * 6000)

    assert activity["object"] == [YOU]
    assert len(activity["content"]) == 5000
    with pytest.raises(RefusedError):
        envelope.flag(ID, ME, [])


def test_w_act_join_carries_roles_as_everybody_reads_them() -> None:
    activity = envelope.join(ID, ME, CLUB, roles=["Trésorier", "Régie"], content="Bonjour")

    assert activity["roles"] == ["Trésorier", "Régie"]
    assert activity["instrument"] == {"as": "withRules", "rules": "Trésorier,Régie"}
    assert (activity["object"], activity["target"], activity["to"]) == (CLUB, CLUB, [CLUB])
    assert activity["content"] == "Bonjour"
    assert envelope.join(ID, ME, CLUB, as_admin=True)["instrument"] == "becomeadmin"
    assert "instrument" not in envelope.join(ID, ME, CLUB)


def test_w_act_join_its_acceptance_names_the_relationship() -> None:
    asked = envelope.join(f"{YOU}/join", YOU, ME, roles=["Trésorier"])

    activity = envelope.accept(
        ID, ME, asked, target=ME, result=f"{ME}/members/12", roles=["Trésorier"]
    )

    assert activity["object"] == asked
    assert (activity["target"], activity["result"]) == (ME, f"{ME}/members/12")
    assert activity["roles"] == ["Trésorier"]


def test_w_act_invite_says_whom_to_what_as_what() -> None:
    activity = envelope.invite(ID, ME, CLUB, YOU, roles=["Bénévole"])

    assert (activity["object"], activity["target"], activity["to"]) == (CLUB, YOU, [YOU])
    assert activity["instrument"] == {"as": "inviteWithRules", "rules": "Bénévole"}
    assert envelope.invite(ID, ME, CLUB, YOU, as_admin=True)["instrument"] == "asadmin"


@pytest.mark.parametrize("kind", sorted(required.NEEDS_OBJECT))
def test_s2s_08_without_an_object_it_is_refused(kind: str) -> None:
    with pytest.raises(RefusedError, match="object"):
        required.check({"id": ID, "type": kind, "actor": ME, "target": YOU})


@pytest.mark.parametrize("kind", sorted(required.NEEDS_TARGET))
def test_s2s_09_without_a_target_it_is_refused(kind: str) -> None:
    with pytest.raises(RefusedError, match="target"):
        required.check({"id": ID, "type": kind, "actor": ME, "object": POST})


class _PeerOf2018(BaseBackend):  # type: ignore[misc]  # little-boxes ships no types
    """A server whose actors are all persons, as little-boxes asks them to be."""

    def base_url(self) -> str:
        return "https://old.example"

    def fetch_iri(self, iri: str) -> dict[str, Any]:
        return {"id": iri, "type": "Person"}

    def fetch_json(self, url: str) -> dict[str, Any]:
        return {"id": url, "type": "Person"}


@pytest.mark.parametrize(
    "activity",
    [
        envelope.follow(ID, ME, YOU),
        envelope.accept(ID, ME, FOLLOW),
        envelope.undo(ID, ME, envelope.follow(f"{ID}0", ME, YOU)),
        envelope.announce(ID, ME, "https://far.example/p/1", to=[PUBLIC], cc=[YOU]),
        envelope.like(ID, ME, "https://far.example/p/1", to=[YOU]),
    ],
    ids=lambda activity: str(activity["type"]),
)
def test_what_we_say_is_understood_by_a_server_of_another_age(activity: dict[str, Any]) -> None:
    use_backend(_PeerOf2018())

    parsed = parse_activity({"@context": AS2, **activity})

    assert parsed.id == ID
    assert parsed.ACTIVITY_TYPE.value == activity["type"]
