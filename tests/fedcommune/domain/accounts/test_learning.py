"""What we believe of actors elsewhere, and what we do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions, queries
from fedcommune.domain.accounts.model import Kind
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.hosts.model import Policy
from federation import keys
from federation.errors import FederationError, GoneError, RefusedError
from federation.webfinger import Handle
from tests.fedcommune.domain.people import People, actor_document, pair

ADA = "https://elsewhere.example/users/ada"


async def count(tx: Transaction) -> tuple[int, int]:
    accounts = await tx.db.fetchval("select count(*) from commune.account")
    known = await tx.db.fetchval("select count(*) from commune.key")
    return int(accounts), int(known)


async def test_a_stranger_is_kept_with_its_key(tx: Transaction) -> None:
    account = await actions.learn(tx, actor_document("ada"), Handle("ada", "elsewhere.example"))

    assert account.actor_id == ADA
    assert account.handle == "ada@elsewhere.example"
    assert not account.local
    assert account.kind is Kind.STRANGER
    assert account.shared_inbox == "https://elsewhere.example/inbox"
    [key] = await queries.keys_of(tx.db, account.id, tx.now)
    assert key.public == pair(1).rsa_public
    host = await hosts.by_name(tx.db, "elsewhere.example")
    assert host is not None
    assert host.policy is Policy.OPEN


async def test_learning_twice_updates_what_was_known(tx: Transaction) -> None:
    first = await actions.learn(tx, actor_document("ada"), Handle("ada", "elsewhere.example"))

    later = replace(tx, now=tx.now + timedelta(days=1))
    second = await actions.learn(later, actor_document("ada", name="Ada L.", type="Service"))

    assert second.id == first.id
    assert (second.name, second.type, second.username) == ("Ada L.", "Service", "ada")
    assert second.fetched_at == later.now
    assert await count(tx) == (1, 1)


async def test_sec_xss_01_what_a_stranger_writes_is_cleaned_before_it_is_kept(
    tx: Transaction,
) -> None:
    account = await actions.learn(
        tx,
        actor_document(
            "ada",
            summary="<p onclick=x>Hi<script>alert(1)</script></p>",
            attachment=[
                {"type": "PropertyValue", "name": "Site", "value": '<a href="javascript:x">x</a>'}
            ],
        ),
    )

    assert "script" not in account.summary
    assert "onclick" not in account.summary
    assert "javascript" not in account.fields[0].value


async def test_a_neighbour_commune_is_known_as_what_it_is(tx: Transaction) -> None:
    account = await actions.learn(
        tx,
        actor_document(
            "commune",
            id="https://trois-bassins.example/actor",
            type="Application",
            kind="commune",
            territory={"type": "cm:Territory", "codeInsee": "97423"},
        ),
    )

    assert account.kind is Kind.COMMUNE
    assert account.territory == "97423"


async def test_sec_ori_06_nobody_teaches_us_about_our_own_actors(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    before = await count(tx)

    for actor_id in (marie.actor_id, "https://saint-leu.example/ap/actors/99"):
        with pytest.raises(RefusedError):
            await actions.learn(tx, actor_document("marie", id=actor_id, name="Evil"))

    assert await queries.by_id(tx.db, marie.id) == marie
    assert await count(tx) == before


async def test_a_handle_of_our_domain_is_never_a_strangers(people: People, tx: Transaction) -> None:
    await people.citizen("marie")
    before = await count(tx)

    with pytest.raises(RefusedError):
        await actions.learn(tx, actor_document("marie"), Handle("marie", "saint-leu.example"))

    assert await count(tx) == before


async def test_sec_ori_07_a_post_never_becomes_an_actor(people: People, tx: Transaction) -> None:
    ada = await people.stranger("ada")
    await tx.db.execute(
        """
        insert into commune.post (
            id, object_id, local, author_id, visibility, published_at, received_at
        )
        values (1, 'https://elsewhere.example/notes/1', false, $1, 'public', $2, $2)
        """,
        ada.id,
        tx.now,
    )
    before = await count(tx)

    with pytest.raises(RefusedError):
        await actions.learn(tx, actor_document("eve", id="https://elsewhere.example/notes/1"))

    assert await count(tx) == before


async def test_sec_ori_10_somebody_deleted_never_comes_back(
    people: People, tx: Transaction
) -> None:
    await actions.forget_stranger(tx, await people.stranger("ada"))

    with pytest.raises(GoneError):
        await people.stranger("ada")

    assert await count(tx) == (0, 0)


async def test_sec_mod_01_nobody_of_a_refused_host_is_learnt_by_id_or_by_handle(
    tx: Transaction,
) -> None:
    await hosts.set_policy(tx.db, "evil.example", Policy.BLOCKED, reason="", now=tx.now)

    for document, handle in (
        (actor_document("eve", "evil.example"), None),
        (actor_document("eve", "sub.evil.example"), None),
        (actor_document("eve", "innocent.example"), Handle("eve", "EVIL.example")),
    ):
        with pytest.raises(RefusedError):
            await actions.learn(tx, document, handle)
    await actions.learn(tx, actor_document("bob", "notevil.example"))

    assert await count(tx) == (1, 1)


async def test_w_key_04_a_key_that_is_no_longer_listed_is_revoked(
    people: People, tx: Transaction
) -> None:
    ada = await people.stranger("ada")

    later = replace(tx, now=tx.now + timedelta(days=1))
    new = {
        "id": f"{ADA}#key-2",
        "owner": ADA,
        "publicKeyPem": keys.to_pem(keys.load_public_der(pair().rsa_public)),
    }
    await actions.learn(later, actor_document("ada", publicKey=new))

    old = await queries.key(tx.db, f"{ADA}#main-key")
    assert old is not None
    assert old.revoked_at == later.now
    assert [key.id for key in await queries.keys_of(tx.db, ada.id, later.now)] == [f"{ADA}#key-2"]


async def test_a_changed_key_of_the_same_id_replaces_the_old_one(
    people: People, tx: Transaction
) -> None:
    ada = await people.stranger("ada")
    new = {
        "id": f"{ADA}#main-key",
        "owner": ADA,
        "publicKeyPem": keys.to_pem(keys.load_public_der(pair().rsa_public)),
    }

    await actions.learn(tx, actor_document("ada", publicKey=new))

    [key] = await queries.keys_of(tx.db, ada.id, tx.now)
    assert key.public == pair().rsa_public


async def test_sec_ori_05_an_actor_never_takes_the_key_of_a_neighbour_on_its_host(
    people: People, tx: Transaction
) -> None:
    ada = await people.stranger("ada")
    before = await queries.key(tx.db, f"{ADA}#main-key")
    eve_id = "https://elsewhere.example/users/eve"

    await actions.learn(
        tx,
        actor_document(
            "eve",
            publicKey={
                "id": f"{ADA}#main-key",
                "owner": eve_id,
                "publicKeyPem": keys.to_pem(keys.load_public_der(pair().rsa_public)),
            },
        ),
    )

    assert await queries.key(tx.db, f"{ADA}#main-key") == before
    assert len(await queries.keys_of(tx.db, ada.id, tx.now)) == 1


async def test_w_wf_05_a_handle_given_to_another_actor_is_taken_from_the_first(
    people: People, tx: Transaction
) -> None:
    first = await people.stranger("ada")

    second = await people.stranger("ada", id="https://elsewhere.example/ap/7")

    renamed = await queries.by_id(tx.db, first.id)
    assert renamed is not None
    assert second.handle == "ada@elsewhere.example"
    assert renamed.handle != second.handle


async def test_an_actor_whose_handle_is_not_confirmed_is_called_by_its_host(
    people: People, tx: Transaction
) -> None:
    first = await actions.learn(tx, actor_document("ada"))
    second = await actions.learn(tx, actor_document("ada", id="https://elsewhere.example/ap/7"))

    assert first.handle == "ada@elsewhere.example"
    assert second.username == f"ada.{second.id}"


async def test_sec_ori_09_the_domain_of_a_handle_is_kept_in_ascii(tx: Transaction) -> None:
    account = await actions.learn(
        tx,
        actor_document("ada", "social.example"),
        Handle("ada", "Événements.Example"),
    )

    assert account.domain == "xn--vnements-90ab.example"


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "Note"},
        {"inbox": None},
        {"inbox": "https://third.example/inbox"},
        {"preferredUsername": None},
        {"id": "javascript:alert(1)"},
        {"id": ["https://elsewhere.example/users/ada"]},
    ],
)
async def test_sec_ori_08_a_document_that_is_no_actor_leaves_no_trace(
    tx: Transaction, changes: dict[str, Any]
) -> None:
    document = {**actor_document("ada"), **changes}

    with pytest.raises(FederationError):
        await actions.learn(
            tx, {name: value for name, value in document.items() if value is not None}
        )

    assert await count(tx) == (0, 0)


async def test_known_learns_a_newcomer_and_leaves_others_as_they_are(
    people: People, tx: Transaction
) -> None:
    ada = await people.stranger("ada")

    again = await actions.known(tx, ADA, actor_document("ada", name="Changed"))
    bob_id = "https://elsewhere.example/users/bob"
    bob = await actions.known(tx, bob_id, actor_document("bob"))

    assert again == ada
    assert bob.username == "bob"
    for document in (None, actor_document("eve")):
        with pytest.raises(RefusedError):
            await actions.known(tx, "https://elsewhere.example/users/carl", document)
