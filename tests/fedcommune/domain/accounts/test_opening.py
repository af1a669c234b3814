"""Actors of ours: which names, which addresses, which documents."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions, outgoing, queries
from fedcommune.domain.accounts.model import RESERVED, TYPES, Changes, Details, Field, Kind, Profile
from fedcommune.errors import CommuneError, Conflict, Invalid, NotFound
from federation import iris, keys
from federation.vocabulary import actors
from tests.fedcommune.domain.people import People, pair


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.STRANGER])
async def test_w_doc_03_every_kind_of_actor_opens_with_the_type_of_its_kind(
    people: People, tx: Transaction, kind: Kind
) -> None:
    account = await people.actor("theatre", kind=kind)

    document = await outgoing.describe(tx, account)
    view = actors.read(document)
    assert account.type == document["type"] == TYPES[kind]
    assert document["kind"] == kind.value
    assert view.inbox == account.inbox
    assert all(
        iris.same_origin(str(document[name]), account.actor_id)
        for name in ("inbox", "outbox", "followers", "following", "featured", "url")
    )
    assert document["endpoints"]["sharedInbox"] == "https://saint-leu.example/inbox"
    assert {key.id for key in keys.keys_of(document)} == {
        f"{account.actor_id}#main-key",
        f"{account.actor_id}#ed25519-key",
    }


async def test_the_commune_has_the_actor_id_everybody_can_guess_and_says_where_it_is(
    people: People, tx: Transaction
) -> None:
    commune = await people.commune()
    agenda = await people.actor("agenda", kind=Kind.FEED)

    document = await outgoing.describe(tx, commune)

    assert commune.actor_id == "https://saint-leu.example/actor"
    assert document["territory"]["codeInsee"] == "97413"
    assert document["territory"]["cm:codesPostaux"] == ["97436", "97424"]
    assert document["location"]["latitude"] == -21.1706
    assert document["feeds"] == [agenda.actor_id]


async def test_there_is_one_commune(people: People, tx: Transaction) -> None:
    await people.commune()

    with pytest.raises(Conflict):
        await people.actor("other", kind=Kind.COMMUNE)

    assert await tx.db.fetchval("select count(*) from commune.account") == 1


async def test_w_af_02_the_commune_may_be_called_by_its_domain(people: People) -> None:
    account = await people.actor("saint-leu.example", kind=Kind.COMMUNE)

    assert account.handle == "saint-leu.example@saint-leu.example"


@pytest.mark.parametrize(
    "username",
    ["", "Marie", "marie.b", "marie-b", "a" * 31, "marié", "mаrie", "ma rie", "@marie", "ⅴictim"],
)
async def test_w_wf_06_only_plain_letters_digits_and_underscores_make_a_name(
    people: People, tx: Transaction, username: str
) -> None:
    with pytest.raises(Invalid):
        await people.actor(username, name="Marie")

    assert await tx.db.fetchval("select count(*) from commune.account") == 0


@pytest.mark.parametrize("username", [*sorted(RESERVED)[:5], "r00t", "ad_min", "he1p"])
async def test_names_of_the_server_are_kept_for_the_server(people: People, username: str) -> None:
    with pytest.raises(Invalid):
        await people.actor(username)


async def test_the_town_hall_may_bear_its_name(people: People) -> None:
    assert (await people.actor("mairie", kind=Kind.AUTHORITY)).username == "mairie"


@pytest.mark.parametrize("lookalike", ["paul", "pau1", "p_aul", "_paul_"])
async def test_sec_ori_09_a_name_that_looks_like_another_is_refused(
    people: People, tx: Transaction, lookalike: str
) -> None:
    await people.actor("paul")

    with pytest.raises(Conflict):
        await people.actor(lookalike)

    assert await tx.db.fetchval("select count(*) from commune.account") == 1


async def test_sec_ori_10_the_name_of_somebody_gone_is_never_given_again(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    await actions.delete(tx, marie)

    for name in ("marie", "ma_rie"):
        with pytest.raises(Conflict):
            await people.citizen(name)


@pytest.mark.parametrize(
    "profile",
    [
        Profile(summary="x" * 5_001),
        Profile(fields=(Field("a", "b"),) * 9),
        Profile(latitude=1.0),
    ],
)
async def test_a_profile_that_is_too_long_opens_nothing(tx: Transaction, profile: Profile) -> None:
    with pytest.raises(Invalid):
        await actions.open_(
            tx, kind=Kind.CITIZEN, username="marie", name="Marie", pair=pair(), profile=profile
        )

    assert await tx.db.fetchval("select count(*) from commune.account") == 0


async def test_an_edit_reaches_each_follower_once(people: People, tx: Transaction) -> None:
    marie = await people.citizen("marie")
    for name in ("ada", "bob"):
        await people.follower(await people.stranger(name), marie)

    edited = await actions.edit(tx, marie, Changes(name="Marie B.", summary="<p>Bonjour</p>"))

    update = (await people.sent())[-1]
    assert edited.name == "Marie B."
    assert update.type == "Update"
    assert update.document["object"]["name"] == "Marie B."
    assert update.document["object"]["id"] == marie.actor_id
    assert update.inboxes == ("https://elsewhere.example/inbox",)


async def test_an_edit_without_a_change_says_nothing(people: People, tx: Transaction) -> None:
    marie = await people.citizen("marie")

    assert await actions.edit(tx, marie, Changes(name=marie.name)) == marie

    assert await people.sent() == []


async def test_nobody_edits_a_stranger_or_somebody_gone(people: People, tx: Transaction) -> None:
    ada = await people.stranger("ada")
    marie = await people.citizen("marie")
    await actions.delete(tx, marie)
    gone = await queries.by_id(tx.db, marie.id)
    assert gone is not None

    for account in (ada, gone):
        with pytest.raises(NotFound):
            await actions.edit(tx, account, Changes(name="Somebody else"))
        assert await queries.by_id(tx.db, account.id) == account


async def test_what_only_a_project_has_stands_in_its_document(
    tx: Transaction,
) -> None:
    garden = await actions.open_(
        tx,
        kind=Kind.PROJECT,
        username="jardin",
        name="Jardin",
        pair=pair(),
        profile=Profile(details=Details(stage="started", openness="open")),
    )

    document = await outgoing.describe(tx, garden)

    assert document["cm:stage"] == "started"
    assert document["openness"] == "open"


async def test_w_key_04_after_a_rotation_the_document_lists_old_and_new_keys(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    later = replace(tx, now=tx.now.replace(month=10))
    await actions.rotate_keys(later, marie, pair(1))

    at_once = keys.keys_of(await outgoing.describe(later, marie))
    switched = replace(later, now=later.now.replace(hour=later.now.hour + 1))
    afterwards = await outgoing.describe(switched, marie)
    signer = await tx.keyring.signer(tx.db, marie.actor_id, switched.now)

    assert len(at_once) == 4
    assert at_once[0].id == f"{marie.actor_id}#main-key"
    assert afterwards["publicKey"]["id"] == signer.key_id != f"{marie.actor_id}#main-key"
    assert (await people.sent())[-1].type == "Update"


async def test_wrong_input_is_always_an_error_of_ours(people: People) -> None:
    with pytest.raises(CommuneError):
        await people.actor("x\x00")
