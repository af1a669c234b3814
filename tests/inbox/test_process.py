"""One activity, one effect, in order, whatever fails."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError, UnavailableError
from inbox import upkeep
from inbox.gather import Gathered
from inbox.patience import MOST_FAULTS
from tests.inbox.strangers import Commune, Stranger, Transaction, bring, record
from tests.support.evil import EvilServer


async def test_w_in_each_activity_is_handled_once_and_in_the_order_of_its_sender(
    commune: Commune, server: EvilServer
) -> None:
    commune.router.receives("Create", of="Note")(record)
    people = [Stranger(server, f"p{n}", f"h{n}.localhost", n % 3) for n in range(5)]
    for number in range(20):
        for person in people:
            await bring(commune, person, person.create(number))

    await asyncio.gather(*(commune.settle() for _ in range(4)))

    effects = await commune.effects()
    assert len(effects) == 100
    for person in people:
        own = [each for each in effects if each.startswith(f"{person.id}/")]
        assert own == [f"{person.id}/activities/{number}" for number in range(20)]
    assert await commune.count("inbox.waiting") == 0
    assert await commune.count("inbox.lane", "ready_at is not null or lease is not null") == 0


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (IgnoredError("Not for us."), "ignored"),
        (RefusedError("Not yours."), "refused"),
    ],
)
async def test_w_in_what_a_handler_turns_down_leaves_no_effect_but_its_reason(
    commune: Commune, alice: Stranger, error: Exception, outcome: str
) -> None:
    @commune.router.receives("Create")
    async def created(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        await record(tx, activity, gathered)
        if activity.id.endswith("/2"):
            raise error

    await bring(commune, alice, alice.create(1), alice.create(2), alice.create(3))
    await commune.settle()

    first, second, third = (alice.create(number)["id"] for number in (1, 2, 3))
    assert await commune.effects() == [first, third]
    assert await commune.outcomes() == {first: "done", second: outcome, third: "done"}
    reason = await commune.pool.fetchval("select reason from inbox.received where id = $1", second)
    assert reason == str(error)
    assert await commune.count("inbox.waiting") == 0


async def test_w_in_what_nobody_understands_is_ignored_and_counted(
    commune: Commune, alice: Stranger
) -> None:
    await bring(commune, alice, alice.create(1), alice.create(2))
    await bring(commune, alice, alice.activity("View", "http://x.localhost/1", 3))
    await commune.settle()

    status = await upkeep.status(commune.pool)
    unheard = {(each.activity_type, each.object_type): each.times for each in status.unheard}
    assert unheard == {("Create", "Note"): 2, ("View", ""): 1}
    assert status.outcomes == {"ignored": 3}


async def test_sec_par_04_a_bug_after_the_effects_leaves_nothing_and_is_tried_three_times(
    commune: Commune, alice: Stranger, bob: Stranger
) -> None:
    tries = 0

    @commune.router.receives("Create")
    async def created(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        nonlocal tries
        await record(tx, activity, gathered)
        if activity.actor == alice.id:
            tries += 1
            raise KeyError("a bug")

    await bring(commune, alice, alice.create(1))
    await bring(commune, bob, bob.create(1))
    for _ in range(6):
        await commune.settle()
        commune.clock.forward(timedelta(minutes=6))

    assert tries == MOST_FAULTS
    assert await commune.effects() == [bob.create(1)["id"]]
    assert await commune.count("inbox.waiting") == 0
    (failed,) = await upkeep.entries(commune.pool)
    assert (failed.id, failed.state) == (alice.create(1)["id"], "failed")
    assert "a bug" in failed.reason
    assert (await commune.outcomes())[failed.id] == "failed"


async def test_w_in_an_error_of_the_database_undoes_one_activity_and_no_other(
    commune: Commune, alice: Stranger
) -> None:
    @commune.router.receives("Create")
    async def created(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        await record(tx, activity, gathered)
        if activity.id.endswith("/2"):
            await tx.db.execute("insert into effect (activity_id, type) values ('x', null)")

    await bring(commune, alice, *(alice.create(number) for number in (1, 2, 3)))
    await commune.settle()

    assert await commune.effects() == [alice.create(1)["id"], alice.create(3)["id"]]
    assert await commune.count("inbox.waiting", "faults = 1") == 1


async def test_w_in_a_transaction_that_cannot_commit_is_done_again_one_by_one(
    commune: Commune, alice: Stranger, bob: Stranger
) -> None:
    await commune.pool.execute(
        """
        create table late (name text, constraint once unique (name) deferrable initially deferred)
        """
    )

    @commune.router.receives("Create")
    async def created(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        await record(tx, activity, gathered)
        if activity.id.endswith("/2"):
            await tx.db.execute("insert into late (name) values ('same'), ('same')")

    await bring(commune, alice, *(alice.create(number) for number in (1, 2, 3)))
    await bring(commune, bob, bob.create(1))
    await commune.settle()

    assert set(await commune.effects()) == {
        alice.create(1)["id"],
        alice.create(3)["id"],
        bob.create(1)["id"],
    }
    assert await commune.count("inbox.waiting", "faults = 1") == 1


async def test_w_in_an_unavailable_server_postpones_for_about_three_days(
    commune: Commune, alice: Stranger
) -> None:
    asked = 0

    @commune.router.receives("Create")
    async def created(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        nonlocal asked
        asked += 1
        raise UnavailableError("Come back later.")

    await bring(commune, alice, alice.create(1))
    for _ in range(100):
        await commune.settle()
        commune.clock.forward(timedelta(hours=1))

    assert 8 <= asked <= 16
    assert await commune.count("inbox.waiting") == 0
    assert await commune.outcomes() == {alice.create(1)["id"]: "refused"}


async def test_w_in_a_postponed_activity_holds_back_only_what_is_about_the_same_thing(
    commune: Commune, alice: Stranger
) -> None:
    available = False

    @commune.router.receives("Create")
    @commune.router.receives("Delete")
    @commune.router.receives("Undo")
    @commune.router.receives("Like")
    async def handled(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        if not available and activity.id.endswith(("/1", "/3")):
            raise UnavailableError("Come back later.")
        await record(tx, activity, gathered)

    create, other = alice.create(1), alice.create(2)
    like = alice.activity("Like", "http://other.localhost/notes/1", 3)
    delete = alice.activity("Delete", create["object"]["id"], 4)
    undo = alice.activity("Undo", like["id"], 5)
    await bring(commune, alice, create, other, like, delete, undo)
    await commune.settle()
    assert await commune.effects() == [other["id"]]
    # Held back, not tried: nothing counts against them.
    assert await commune.count("inbox.waiting", "tries = 0") == 2

    available = True
    commune.clock.forward(timedelta(minutes=2))
    await commune.settle()

    assert await commune.effects() == [each["id"] for each in (other, create, like, delete, undo)]


async def test_sec_dos_09_a_handler_that_hangs_is_stopped_and_the_others_are_handled(
    commune: Commune, alice: Stranger, bob: Stranger
) -> None:
    @commune.router.receives("Create")
    async def created(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        await record(tx, activity, gathered)
        if activity.actor == alice.id:
            await tx.db.execute("select pg_sleep(3600)")

    await bring(commune, alice, alice.create(1))
    await bring(commune, bob, bob.create(1))
    await commune.settle(handler_seconds=0.1)

    assert await commune.effects() == [bob.create(1)["id"]]
    (entry,) = await upkeep.entries(commune.pool)
    assert (entry.id, entry.state, entry.faults) == (alice.create(1)["id"], "postponed", 1)
    assert entry.reason == "It took too long."


async def test_sec_mod_01_what_waits_from_a_host_blocked_since_is_refused(
    commune: Commune, alice: Stranger
) -> None:
    commune.router.receives("Create")(record)
    await bring(commune, alice, alice.create(1))
    commune.hosts.blocked.add(alice.host)
    await commune.settle()

    assert await commune.effects() == []
    assert await commune.outcomes() == {alice.create(1)["id"]: "refused"}
