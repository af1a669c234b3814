"""little-boxes as a peer of another age: what we send must parse there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from little_boxes import activitypub
from little_boxes.activitypub import BaseBackend, parse_activity

from federation import boxes, documents
from federation.errors import FederationError, GoneError, RefusedError, UnavailableError
from federation.names import PUBLIC
from federation.vocabulary import actors
from federation.vocabulary.context import with_context
from outbox import envelope
from tests.federation.vocabulary.test_actors import PROFILE

ANA = "https://saint-leu.example/ap/actors/1"
BOB = "https://trois-bassins.example/ap/actors/2"
POST = "https://trois-bassins.example/ap/posts/3"
ID = "https://saint-leu.example/ap/activities/4"

FOLLOW = envelope.follow(ID, ANA, BOB)
LIKE = envelope.like(ID, ANA, POST, to=[BOB])
ANNOUNCE = envelope.announce(ID, ANA, POST, to=[PUBLIC], cc=[BOB])
SENT = {
    "Follow": FOLLOW,
    "Like": LIKE,
    "Announce": ANNOUNCE,
    "Accept(Follow)": envelope.accept(ID, BOB, FOLLOW),
    "Undo(Follow)": envelope.undo(ID, ANA, FOLLOW),
    "Undo(Like)": envelope.undo(ID, ANA, LIKE),
    "Undo(Announce)": envelope.undo(ID, ANA, ANNOUNCE),
}


class Peer(BaseBackend):  # type: ignore[misc]  # little-boxes ships no types
    """A server of 2018 that asks the two actors for their documents, and nobody else."""

    def fetch_iri(self, iri: str) -> dict[str, Any]:
        return {
            ANA: with_context(actors.write(replace(PROFILE, id=ANA, type="Person"))),
            BOB: with_context(actors.write(replace(PROFILE, id=BOB, type="Person"))),
        }[iri]


@pytest.fixture
def peer() -> Iterator[None]:
    before = activitypub.BACKEND
    activitypub.use_backend(Peer())
    yield
    activitypub.use_backend(before)


@pytest.mark.usefixtures("peer")
@pytest.mark.parametrize("activity", SENT.values(), ids=SENT.keys())
def test_what_we_send_parses_in_a_peer_of_2018(activity: dict[str, Any]) -> None:
    sent = documents.read(documents.write(with_context(activity)))

    parsed = parse_activity(sent)

    assert parsed.ACTIVITY_TYPE.value == activity["type"]
    assert parsed.id == activity["id"]
    assert parsed.get_actor().id == activity["actor"]
    if isinstance(activity["object"], dict):
        inner = parsed.get_object()
        assert inner.ACTIVITY_TYPE.value == activity["object"]["type"]
        assert inner.get_actor().id == activity["object"]["actor"]
    elif activity["type"] == "Follow":
        assert parsed.get_object().preferredUsername == PROFILE.username


def test_s2s_blind_copies_leave_activity_and_object_and_the_original_stays() -> None:
    activity = {
        "type": "Create",
        "bto": [BOB],
        "bcc": [BOB],
        "object": {"type": "Note", "bto": [BOB], "bcc": [BOB], "content": "x"},
    }

    cleaned = boxes.without_blind_copies(activity)

    assert cleaned == {"type": "Create", "object": {"type": "Note", "content": "x"}}
    assert activity["bto"] == [BOB]


def test_s2s_blind_copies_leave_a_create_of_a_bare_id() -> None:
    assert boxes.without_blind_copies({"type": "Create", "object": POST, "bcc": [BOB]}) == {
        "type": "Create",
        "object": POST,
    }


@pytest.mark.parametrize(
    ("error", "status"), [(RefusedError, 400), (UnavailableError, 503), (GoneError, 410)]
)
def test_our_errors_know_their_status_as_those_of_little_boxes_do(
    error: type[FederationError], status: int
) -> None:
    raised = error("Say it again, please.")

    assert isinstance(raised, boxes.Error)
    assert raised.status_code == status
    assert raised.to_dict()["message"] == "Say it again, please."
    assert str(error())


def test_everybody_is_called_what_little_boxes_calls_them() -> None:
    assert PUBLIC == boxes.AS_PUBLIC == activitypub.AS_PUBLIC
