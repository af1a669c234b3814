"""Actors, ours and strangers', in the shapes that peers need and send."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from federation import documents
from federation.errors import RefusedError
from federation.names import PUBLIC
from federation.vocabulary import actors
from federation.vocabulary.actors import ActorProfile, Field
from federation.vocabulary.context import with_context
from federation.vocabulary.places import Place

ID = "https://saint-leu.example/ap/actors/7"
PROFILE = ActorProfile(
    id=ID,
    type="Group",
    kind="project",
    username="jardin_partage",
    domain="saint-leu.example",
    name="Jardin partagé de la Pointe",
    summary="<p>Un potager pour le quartier.</p>",
    url="https://saint-leu.example/@jardin_partage",
    inbox=f"{ID}/inbox",
    outbox=f"{ID}/outbox",
    followers=f"{ID}/followers",
    following=f"{ID}/following",
    featured=f"{ID}/featured",
    members=f"{ID}/members",
    shared_inbox="https://saint-leu.example/inbox",
    public_key_id=f"{ID}#main-key",
    public_key_pem="-----BEGIN PUBLIC KEY-----\n…\n-----END PUBLIC KEY-----\n",
    assertion_key_id=f"{ID}#ed25519-key",
    assertion_key_multibase="z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
    icon="https://media.saint-leu.example/jardin.webp",
    image="https://media.saint-leu.example/bandeau",
    fields=(Field("Site", '<a href="https://jardin.example" rel="me">jardin.example</a>'),),
    locked=True,
    published=datetime(2026, 9, 1, 17, 30, tzinfo=UTC),
    updated=datetime(2026, 9, 2, 8, tzinfo=UTC),
    also_known_as=("https://ancien.example/users/jardin",),
    moved_to=None,
    location=Place("Salle des fêtes", -21, 55, postal_code="97436", locality="Saint-Leu"),
    territory="97413",
    postal_codes=("97436", "97424"),
    epci="249740101",
    timezone="Indian/Reunion",
    feeds=("https://saint-leu.example/ap/actors/2",),
    openness="open",
    stage="started",
    starts_at=datetime(2026, 9, 1, tzinfo=UTC),
    ends_at=datetime(2027, 9, 1, tzinfo=UTC),
    carried_by="https://saint-leu.example/ap/actors/8",
    parent="https://saint-leu.example/ap/actors/9",
    features_at_once=(PUBLIC,),
    capabilities=(("https://datatracker.ietf.org/doc/html/rfc9421", "RFC 9421"),),
)

STRANGER: dict[str, Any] = {
    "id": "https://social.example/users/ana",
    "type": "Person",
    "preferredUsername": "ana",
    "inbox": "https://social.example/users/ana/inbox",
    "outbox": "https://social.example/users/ana/outbox",
}


def stranger(**properties: Any) -> dict[str, Any]:
    return {**STRANGER, **properties}


def test_w_doc_03_what_is_written_is_read_back() -> None:
    view = actors.read(documents.read(documents.write(with_context(actors.write(PROFILE)))))

    same = (
        "id type kind username name summary url inbox outbox shared_inbox followers following "
        "featured members icon image fields locked discoverable indexable also_known_as "
        "territory feeds openness stage starts_at ends_at carried_by parent"
    )
    for name in same.split():
        assert getattr(view, name) == getattr(PROFILE, name), name
    assert view.webfinger == "jardin_partage@saint-leu.example"
    assert view.location is not None
    assert (view.location.latitude, view.location.longitude) == (-21.0, 55.0)
    assert view.capabilities == ("https://datatracker.ietf.org/doc/html/rfc9421",)


def test_w_doc_03_what_peers_cannot_do_without_is_written() -> None:
    document = actors.write(PROFILE)

    assert document["type"] == "Group"
    assert document["publicKey"] == {
        "id": f"{ID}#main-key",
        "owner": ID,
        "publicKeyPem": PROFILE.public_key_pem,
    }
    assert document["assertionMethod"][0]["controller"] == ID
    assert document["endpoints"] == {"sharedInbox": "https://saint-leu.example/inbox"}
    assert document["published"] == "2026-09-01T00:00:00Z"
    assert document["indexable"] is False
    assert document["icon"]["mediaType"] == "image/webp"
    assert "mediaType" not in document["image"]
    assert document["cm:stage"] == "started"
    assert document["generator"]["implements"][0]["href"].endswith("rfc9421")


def test_w_evt_02_coordinates_are_written_as_floats() -> None:
    assert b'"latitude":-21.0,"longitude":55.0' in documents.write(actors.write(PROFILE))


def test_nobody_may_feature_an_actor_that_does_not_wish_it() -> None:
    shy = actors.write(replace(PROFILE, features_at_once=()))

    assert shy["interactionPolicy"]["canFeature"]["automaticApproval"] == [ID]
    open_ = actors.write(PROFILE)
    assert open_["interactionPolicy"]["canFeature"]["automaticApproval"] == [PUBLIC]


def test_a_plain_actor_says_no_more_than_it_has() -> None:
    document = actors.write(
        ActorProfile(
            id=ID, type="Person", kind="citizen", username="marie", domain="saint-leu.example",
            name="Marie", inbox=f"{ID}/inbox", outbox=f"{ID}/outbox",
            shared_inbox="https://saint-leu.example/inbox",
            public_key_id=f"{ID}#main-key", public_key_pem="…",
        )
    )  # fmt: skip

    assert None not in document.values()
    assert not {"cm:stage", "territory", "location", "generator", "movedTo"} & document.keys()


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param({"id": None}, id="no id"),
        pytest.param({"id": ["https://social.example/users/ana"]}, id="id in a list"),
        pytest.param({"id": "acct:ana@social.example"}, id="id no address"),
        pytest.param({"type": "Note"}, id="a Note"),
        pytest.param({"type": "Repository"}, id="an unknown type"),
        pytest.param({"type": None}, id="no type"),
        pytest.param({"inbox": None}, id="no inbox"),
        pytest.param({"inbox": "https://victim.example/inbox"}, id="inbox of a third host"),
        pytest.param({"inbox": "https://x.social.example/inbox"}, id="inbox of a sub-domain"),
        pytest.param({"inbox": "https://social.example:8443/inbox"}, id="inbox on another port"),
        pytest.param({"inbox": "http://social.example/inbox"}, id="insecure inbox"),
        pytest.param({"inbox": "javascript:alert(1)"}, id="inbox no address"),
        pytest.param({"preferredUsername": None}, id="no name"),
        pytest.param({"preferredUsername": ""}, id="empty name"),
        pytest.param({"preferredUsername": "ana@victim.example"}, id="a name with an at sign"),
        pytest.param({"preferredUsername": "ana/../x"}, id="a name with a path"),
        pytest.param({"preferredUsername": "аna"}, id="a name in another script"),
        pytest.param({"preferredUsername": "an\u202ea"}, id="a name that turns around"),
        pytest.param({"preferredUsername": "ana\n"}, id="a name with a line end"),
        pytest.param({"preferredUsername": "a" * 2049}, id="a name without end"),
        pytest.param({"actor": "https://social.example/users/ana"}, id="also an activity"),
    ],
)
def test_w_doc_04_an_actor_without_what_it_needs_is_refused(properties: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        actors.read(stranger(**properties))


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("outbox", "outbox"),
        ("followers", "followers"),
        ("following", "following"),
        ("featured", "featured"),
        ("members", "members"),
        ("url", "url"),
    ],
)
@pytest.mark.parametrize(
    "value",
    [
        "https://victim.example/x",
        "javascript:alert(1)",
        "data:text/html,<script>",
        {"id": "https://victim.example/x"},
        "http://social.example/x",
        7,
        {},
    ],
)
def test_sec_ori_08_an_address_elsewhere_is_dropped(name: str, attribute: str, value: Any) -> None:
    assert getattr(actors.read(stranger(**{name: value})), attribute) is None


def test_sec_ori_08_a_shared_inbox_elsewhere_is_dropped() -> None:
    foreign = {"sharedInbox": "https://victim.example/inbox"}

    assert actors.read(stranger(endpoints=foreign)).shared_inbox is None
    assert actors.read(stranger(endpoints="x")).shared_inbox is None
    own = {"sharedInbox": "https://social.example/inbox"}
    assert actors.read(stranger(endpoints=[own])).shared_inbox == own["sharedInbox"]


def test_w_doc_04_every_shape_of_an_address_is_read() -> None:
    view = actors.read(
        stranger(
            inbox=[{"id": STRANGER["inbox"]}],
            followers={"id": "https://social.example/users/ana/followers", "type": "Collection"},
            url=[
                {"type": "Link", "mediaType": "application/rss+xml", "href": "https://social.example/r"},
                {"type": "Link", "mediaType": "text/html", "href": "https://social.example/@ana"},
            ],
            icon=[{"type": "Image", "url": [{"href": "https://cdn.example/a.png"}]}],
            image="https://cdn.example/b.png",
        )
    )  # fmt: skip

    assert view.inbox == STRANGER["inbox"]
    assert view.followers == "https://social.example/users/ana/followers"
    assert view.url == "https://social.example/@ana"
    assert view.icon == "https://cdn.example/a.png"
    assert view.image == "https://cdn.example/b.png"


def test_an_actor_in_development_may_be_insecure() -> None:
    home = "http://saint-leu.localhost:8001/ap/actors/1"
    view = actors.read(
        {"id": home, "type": "Person", "preferredUsername": "a", "inbox": home + "/inbox"}
    )

    assert view.inbox == home + "/inbox"


def test_w_doc_04_the_name_may_come_from_webfinger() -> None:
    view = actors.read(stranger(preferredUsername=None, webfinger="acct:ana.b@social.example"))

    assert (view.username, view.webfinger) == ("ana.b", "ana.b@social.example")


def test_sec_dos_05_fields_aliases_and_texts_are_cut() -> None:
    view = actors.read(
        stranger(
            name="n" * 3_000,
            summary="s" * 30_000,
            attachment=[
                {"type": "PropertyValue", "name": f"{n} " + "n" * 3_000, "value": "v" * 3_000}
                for n in range(80)
            ],
            alsoKnownAs=[f"https://a.example/{n}" for n in range(400)],
        )
    )

    assert len(view.name) == 2_048
    assert len(view.summary) == 20_000
    assert len(view.fields) == 50
    assert {len(field.name) for field in view.fields} == {2_047}
    assert {len(field.value) for field in view.fields} == {2_047}
    assert len(view.also_known_as) == 256


def test_fields_are_read_in_every_spelling_and_nothing_else() -> None:
    view = actors.read(
        stranger(
            attachment=[
                {"type": "schema:PropertyValue", "name": "RNA", "value": "W9R0000000"},
                {"type": "http://schema.org#PropertyValue", "name": "INSEE", "value": 97413},
                {"type": "PropertyValue", "value": "without a name"},
                {"type": "Link", "name": "Website", "href": "https://a.example"},
                "x",
            ]
        )
    )

    assert view.fields == (Field("RNA", "W9R0000000"), Field("INSEE", ""))


@pytest.mark.parametrize(
    ("properties", "kind"),
    [
        ({}, "stranger"),
        ({"kind": "citizen"}, "citizen"),
        ({"cm:kind": "cm:citizen"}, "citizen"),
        ({"kind": "commune"}, "stranger"),
        ({"type": "Application", "kind": "commune"}, "commune"),
        ({"type": "Organization", "cm:kind": "association"}, "association"),
        ({"type": ["Group", "cm:Project"], "kind": "project"}, "project"),
        ({"kind": "stranger"}, "stranger"),
        ({"kind": ["citizen"]}, "citizen"),
        ({"kind": 7}, "stranger"),
    ],
)
def test_the_kind_is_read_when_it_fits_the_type(properties: dict[str, Any], kind: str) -> None:
    assert actors.read(stranger(**properties)).kind == kind


def test_a_project_of_communecter_is_read_as_a_project() -> None:
    view = actors.read(
        stranger(
            type="Project",
            progress="development",
            shortDescription="Un four à pain pour le village",
            startTime="2026-03-01T00:00:00+04:00",
            endTime="2026-12-01T00:00:00+04:00",
        )
    )

    assert (view.type, view.kind, view.stage) == ("Group", "project", "development")
    assert view.summary == "Un four à pain pour le village"
    assert view.starts_at == datetime(2026, 2, 28, 20, tzinfo=UTC)
    assert view.ends_at is not None


def test_words_of_ours_are_read_with_and_without_prefix_and_only_when_known() -> None:
    view = actors.read(
        stranger(
            type="Group",
            **{
                "stage": "mature",
                "mz:openness": "invite_only",
                "cm:territory": {"cm:codeInsee": "2A004"},
                "cm:carriedBy": {"id": "https://social.example/orgs/1"},
            },
        )
    )

    assert (view.stage, view.openness, view.territory) == ("mature", "invitation", "2A004")
    assert view.carried_by == "https://social.example/orgs/1"
    odd = actors.read(stranger(**{"cm:stage": "finished?", "openness": {}, "territory": "<b>"}))
    assert (odd.stage, odd.openness, odd.territory) == (None, None, None)


def test_fep_5feb_an_actor_that_says_nothing_is_not_indexed() -> None:
    view = actors.read(stranger())

    assert (view.indexable, view.discoverable, view.locked) == (False, False, False)


def test_places_off_the_earth_have_no_coordinates() -> None:
    view = actors.read(stranger(location={"type": "Place", "latitude": 91, "longitude": 3.0}))

    assert view.location is not None
    assert (view.location.latitude, view.location.longitude) == (None, None)
