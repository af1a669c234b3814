"""Who takes part in what: our Relationship, Mobilizon's Member, Communecter's instrument."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from federation import activities, documents
from federation.activities import Activity
from federation.errors import RefusedError
from federation.names import AS2
from federation.vocabulary import links
from federation.vocabulary.links import Link, Request

JEAN = "https://trois-bassins.example/ap/actors/2"
THEATRE = "https://saint-leu.example/ap/actors/5"
LINK = Link(
    id="https://saint-leu.example/ap/links/12",
    subject=JEAN,
    relation="memberOf",
    target=THEATRE,
    state="active",
    is_admin=True,
    roles=("Trésorier", "Décors"),
    since=datetime(2026, 9, 15, tzinfo=UTC),
    consent="https://trois-bassins.example/ap/activities/77",
)


def activity(type_: str, actor: str, **properties: Any) -> Activity:
    origin = actor.partition("/ap/")[0]
    document = {
        "@context": AS2,
        "id": f"{origin}/ap/activities/1",
        "type": type_,
        "actor": actor,
        **properties,
    }
    return activities.read(document, raw=documents.write(document))


def test_what_is_written_is_read_back() -> None:
    document = links.write(LINK)

    assert document["relationship"] == "https://w3id.org/fedcommune/ns#memberOf"
    assert document["attributedTo"] == THEATRE
    assert links.read(documents.read(documents.write(document))) == LINK


def test_w_ori_03_an_update_of_a_link_is_trusted_from_its_target() -> None:
    update = activity("Update", THEATRE, object=links.write(LINK))

    assert update.object is not None
    assert activity("Update", JEAN, object=links.write(LINK)).object is None


def test_only_the_server_of_the_target_states_a_link() -> None:
    forged = {**links.write(LINK), "id": "https://trois-bassins.example/links/1"}

    with pytest.raises(RefusedError):
        links.read(forged)


@pytest.mark.parametrize(
    "properties",
    [
        {"id": None},
        {"id": ["https://saint-leu.example/ap/links/12"]},
        {"type": "Note"},
        {"subject": None},
        {"object": "javascript:alert(1)"},
        {"relationship": "https://example.org/ns#ownerOf"},
        {"relationship": None},
    ],
)
def test_a_link_that_lacks_something_is_refused(properties: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        links.read({**links.write(LINK), **properties})


@pytest.mark.parametrize(
    "word", ["cm:memberOf", "memberOf", "https://w3id.org/fedcommune/ns#memberOf"]
)
def test_words_of_ours_are_read_with_and_without_prefix(word: str) -> None:
    document = {
        "id": LINK.id,
        "type": "as:Relationship",
        "subject": {"id": JEAN},
        "relationship": word,
        "object": [THEATRE],
        "state": "invited",
        "isAdmin": "true",
        "cm:roles": "Trésorier",
    }

    link = links.read(document)

    assert (link.state, link.is_admin, link.roles) == ("invited", True, ("Trésorier",))
    assert (link.subject, link.target, link.relation) == (JEAN, THEATRE, "memberOf")


@pytest.mark.parametrize(
    ("role", "state", "is_admin"),
    [
        ("member", "active", False),
        ("administrator", "active", True),
        ("moderator", "active", False),
        ("invited", "invited", False),
        ("not_approved", "pending", False),
        ("rejected", "ended", False),
        ("unheard of", "pending", False),
    ],
)
def test_a_member_of_mobilizon_is_read(role: str, state: str, is_admin: bool) -> None:
    document = {
        "id": "https://mobilizon.example/member/1",
        "type": "Member",
        "actor": JEAN,
        "object": "https://mobilizon.example/@troupe",
        "role": role,
    }

    link = links.read(document)

    assert (link.state, link.is_admin, link.relation) == (state, is_admin, "memberOf")
    assert link.subject == JEAN


def test_the_same_link_is_written_for_mobilizon() -> None:
    assert links.write_member(LINK)["role"] == "administrator"
    assert links.write_member(replace(LINK, is_admin=False))["role"] == "member"
    assert links.write_member(replace(LINK, state="pending"))["role"] == "not_approved"
    assert links.read(links.write_member(LINK)).state == "active"


def test_a_plain_join_asks_to_be_a_member() -> None:
    request = links.read_request(activity("Join", JEAN, object=THEATRE))

    assert request == Request(JEAN, THEATRE, (), False, "")


def test_a_join_of_communecter_repeats_the_actor_and_names_the_target() -> None:
    asked = activity(
        "Join", JEAN, object=JEAN, target=THEATRE,
        instrument={"as": "adminandrole", "rules": "Partenaire, Directeur"}, content="Bonjour",
    )  # fmt: skip

    assert links.read_request(asked) == Request(
        JEAN, THEATRE, ("Partenaire", "Directeur"), True, "Bonjour"
    )


@pytest.mark.parametrize("object_is_person", [True, False])
def test_an_invitation_is_read_in_either_order(object_is_person: bool) -> None:
    sides = (JEAN, THEATRE) if object_is_person else (THEATRE, JEAN)

    request = links.read_request(activity("Invite", THEATRE, object=sides[0], target=sides[1]))

    assert (request.subject, request.target) == (JEAN, THEATRE)


def test_a_removal_is_read_from_target_and_origin() -> None:
    for name in ("target", "origin"):
        request = links.read_request(activity("Remove", THEATRE, object=JEAN, **{name: THEATRE}))
        assert (request.subject, request.target) == (JEAN, THEATRE)


def test_a_leave_of_an_embedded_target_is_read() -> None:
    left = activity("Leave", JEAN, object={"id": THEATRE, "type": "Organization"})

    assert links.read_request(left).target == THEATRE


@pytest.mark.parametrize(
    "request_",
    [
        activity("Join", JEAN, object=JEAN),
        activity("Leave", JEAN, object={"type": "Group"}),
        activity("Invite", THEATRE, object=JEAN),
    ],
)
def test_a_request_without_two_sides_is_refused(request_: Activity) -> None:
    with pytest.raises(RefusedError):
        links.read_request(request_)


@pytest.mark.parametrize(
    ("document", "roles", "admin"),
    [
        ({"instrument": "contributor"}, (), False),
        ({"instrument": "becomeadmin"}, (), True),
        ({"instrument": "asadmin"}, (), True),
        ({"instrument": ["admin"]}, (), True),
        ({"instrument": {"as": "withRules", "rules": "a,,a, b"}}, ("a", "b"), False),
        ({"roles": ["x"], "instrument": {"as": "withRules", "rules": "y"}}, ("x",), False),
        ({"roles": "x"}, ("x",), False),
        ({"roles": [7, {}, None, "\x00x"]}, ("x",), False),
        ({"instrument": {"as": 7, "rules": ["a"]}}, ("a",), False),
        ({"roles": [f"{n}" for n in range(99)]}, tuple(f"{n}" for n in range(20)), False),
        ({"roles": ["x" * 500]}, ("x" * 100,), False),
        ({}, (), False),
    ],
)
def test_roles_are_read_in_every_shape(
    document: dict[str, Any], roles: tuple[str, ...], admin: bool
) -> None:
    assert links.read_roles(document) == (roles, admin)


@pytest.mark.parametrize("roles", [(), ("Trésorier",), ("Trésorier", "Décors")])
@pytest.mark.parametrize("admin", [True, False])
@pytest.mark.parametrize("inviting", [True, False])
def test_roles_that_are_written_are_read_back(
    roles: tuple[str, ...], admin: bool, inviting: bool
) -> None:
    written = links.role_properties(roles, admin=admin, inviting=inviting)

    assert links.read_roles(written) == (roles, admin)
    assert links.read_roles({"instrument": written.get("instrument")}) == (roles, admin)
