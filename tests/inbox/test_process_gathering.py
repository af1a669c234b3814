"""What a handler leans on is fetched before its transaction, on a budget."""

from __future__ import annotations

from federation.activities import Activity
from inbox.gather import Gathered
from tests.inbox.strangers import OURS, Commune, Stranger, Transaction, bring, record
from tests.support.evil import EvilServer, hangs


async def test_sec_dos_09_a_server_that_hangs_delays_only_those_who_need_it(
    commune: Commune, alice: Stranger, bob: Stranger, server: EvilServer
) -> None:
    slow = f"{server.url('slow.localhost')}notes/1"
    server.plays("/notes/1", hangs, host="slow.localhost")

    @commune.router.receives("Announce", needs=lambda activity, _: [activity.object_id or ""])
    async def announced(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        await record(tx, activity, gathered)

    commune.router.receives("Create")(record)
    await bring(commune, alice, alice.activity("Announce", slow, 1))
    await bring(commune, bob, bob.create(1))

    processor = commune.processor()
    assert await processor.step()
    assert await commune.effects() == [bob.create(1)["id"]]
    await bring(commune, bob, bob.create(2))
    assert await processor.step()
    assert await commune.effects() == [bob.create(1)["id"], bob.create(2)["id"]]
    await processor.aclose(seconds=0)

    assert await commune.count("inbox.waiting") == 1


async def test_w_in_what_a_handler_needs_is_gathered_before_its_transaction(
    commune: Commune, alice: Stranger, bob: Stranger, server: EvilServer
) -> None:
    note = bob.create(1)["object"]
    server.says("/users/bob/notes/1", {"@context": bob.document()["@context"], **note},
                host=bob.host)  # fmt: skip

    def needs(activity: Activity, gathered: Gathered) -> list[str]:
        found = gathered.get(activity.object_id or "")
        author = [found["attributedTo"]] if found else []
        return [activity.object_id or "", *author, f"{OURS}/ap/actors/1", "urn:nothing"]

    seen: list[tuple[object, ...]] = []

    @commune.router.receives("Announce", needs=needs)
    async def announced(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        found, author = gathered.get(note["id"]), gathered.get(bob.id)
        assert found is not None
        assert author is not None
        seen.append((found["content"], author["id"], str(gathered.handle(bob.id))))
        assert not gathered.missing

    await bring(commune, alice, alice.activity("Announce", note["id"], 1))
    await commune.settle()

    assert seen == [("Bonjour", bob.id, f"bob@{bob.authority}")]
    assert commune.asked() == ["/users/bob/notes/1", "/users/bob"]


async def test_w_in_a_handler_is_told_what_could_not_be_gathered(
    commune: Commune, alice: Stranger, server: EvilServer
) -> None:
    iri = f"{server.url('other.localhost')}nothing"
    seen: list[str] = []

    @commune.router.receives("Announce", needs=lambda activity, _: [activity.object_id or ""])
    async def announced(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        seen.append(type(gathered.missing[iri]).__name__)

    await bring(commune, alice, alice.activity("Announce", iri, 1))
    await commune.settle()

    assert seen == ["RefusedError"]


async def test_sec_dos_03_a_handler_that_asks_for_ever_is_given_four_rounds(
    commune: Commune, alice: Stranger, server: EvilServer
) -> None:
    base = server.url("endless.localhost")
    for number in range(20):
        server.says(
            f"/{number}",
            {
                "@context": "https://www.w3.org/ns/activitystreams",
                "id": f"{base}{number}",
                "type": "Note",
            },
            host="endless.localhost",
        )

    def needs(activity: Activity, gathered: Gathered) -> list[str]:
        return [f"{base}{number}" for number in range(len(gathered.documents) + 1)]

    @commune.router.receives("Announce", needs=needs)
    async def announced(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        await record(tx, activity, gathered)

    await bring(commune, alice, alice.activity("Announce", f"{base}0", 1))
    await commune.settle()

    assert len(await commune.effects()) == 1
    assert len(commune.asked()) == 4


async def test_w_in_an_activity_waits_for_what_the_same_sender_brought_before_it(
    commune: Commune, alice: Stranger
) -> None:
    @commune.router.receives("Create")
    async def created(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        await record(tx, activity, gathered)
        commune.known.stored.add(activity.object_id or "")

    commune.router.receives("Announce", needs=lambda activity, _: [activity.object_id or ""])(
        record
    )
    create = alice.create(1)
    announce = alice.activity("Announce", create["object"]["id"], 2)
    await bring(commune, alice, create, announce)
    await commune.settle()

    assert await commune.effects() == [create["id"], announce["id"]]
    assert commune.asked() == []
