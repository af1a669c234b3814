"""What is received is kept once; who may not speak, or is not there, is told so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.inbox.strangers import OURS, Commune, Stranger
from tests.support.evil import EvilServer


async def test_w_in_a_signed_activity_of_a_stranger_is_accepted_and_kept(
    commune: Commune, alice: Stranger
) -> None:
    answer = await commune.deliver(alice, alice.create())

    assert answer.status_code == 202
    assert answer.content == b""
    assert await commune.count("inbox.waiting") == 1
    assert commune.known.learnt == 1
    assert str(commune.known.handles[alice.id]) == f"alice@{alice.authority}"
    assert commune.hosts.heard_of == [alice.authority]


async def test_w_9421_01_the_other_signature_scheme_is_accepted_too(
    commune: Commune, alice: Stranger
) -> None:
    answer = await commune.deliver(alice, alice.create(), scheme="rfc9421")

    assert answer.status_code == 202
    assert await commune.count("inbox.waiting") == 1


async def test_s2s_15_an_activity_sent_twice_is_accepted_twice_and_kept_once(
    commune: Commune, alice: Stranger
) -> None:
    first = await commune.deliver(alice, alice.create())
    commune.clock.forward(timedelta(minutes=1))
    second = await commune.deliver(alice, alice.create())

    assert (first.status_code, second.status_code) == (202, 202)
    assert await commune.count("inbox.waiting") == 1


async def test_s2s_15_an_activity_handled_long_ago_is_not_received_again(
    commune: Commune, alice: Stranger
) -> None:
    await commune.deliver(alice, alice.create())
    await commune.settle()
    commune.clock.forward(timedelta(days=400))
    await commune.deliver(alice, alice.create())

    assert await commune.count("inbox.waiting") == 0
    assert await commune.count("inbox.received") == 1


async def test_sec_sig_05_the_same_request_twice_has_one_effect(
    commune: Commune, alice: Stranger
) -> None:
    follow = alice.activity("Follow", f"{OURS}/ap/actors/1")
    del follow["id"]
    body, headers = commune.signed(alice, follow)

    for _ in range(3):
        answer = await commune.http.post("/inbox", content=body, headers=headers)
        assert answer.status_code == 202

    assert await commune.count("inbox.waiting") == 1


async def test_sec_sig_05_a_second_follow_without_an_id_is_not_a_replay(
    commune: Commune, alice: Stranger
) -> None:
    follow = alice.activity("Follow", f"{OURS}/ap/actors/1")
    del follow["id"]

    await commune.deliver(alice, follow)
    commune.clock.forward(timedelta(minutes=3))
    await commune.deliver(alice, follow)

    assert await commune.count("inbox.waiting") == 2


async def test_w_in_an_inbox_that_never_was_is_404_and_a_former_one_410(
    commune: Commune, alice: Stranger
) -> None:
    commune.residents.standings[f"{OURS}/ap/actors/2"] = "gone"

    here = await commune.deliver(alice, alice.create(1), path="/ap/actors/1/inbox")
    gone = await commune.deliver(alice, alice.create(2), path="/ap/actors/2/inbox")
    absent = await commune.deliver(alice, alice.create(3), path="/ap/actors/3/inbox")

    assert (here.status_code, gone.status_code, absent.status_code) == (202, 410, 404)
    assert await commune.count("inbox.waiting") == 1


async def test_sec_ori_06_nobody_speaks_for_our_own_actors(
    commune: Commune, alice: Stranger
) -> None:
    forged = {
        **alice.create(),
        "id": f"{OURS}/ap/activities/1",
        "actor": f"{OURS}/ap/actors/1",
    }

    answer = await commune.deliver(alice, forged)

    assert answer.status_code == 403
    await commune.assert_nothing_kept()
    assert commune.asked() == []


@pytest.mark.parametrize("type_", ["Delete", "Update"])
async def test_w_key_05_the_farewell_of_somebody_we_never_knew_is_no_work(
    commune: Commune, alice: Stranger, type_: str
) -> None:
    object_ = alice.id if type_ == "Delete" else alice.document()

    answer = await commune.deliver(alice, alice.activity(type_, object_))

    assert answer.status_code == 202
    await commune.assert_nothing_kept()
    assert commune.asked() == []


@pytest.mark.parametrize("where", ["key", "actor", "object", "author", "inner", "target"])
async def test_sec_mod_01_a_blocked_host_is_refused_wherever_it_is_named(
    commune: Commune, alice: Stranger, server: EvilServer, where: str
) -> None:
    evil = Stranger(server, "mallory", "a.evil.localhost", 2).move_in()
    commune.hosts.blocked.add("evil.localhost")
    activity = alice.activity("Announce", alice.id)
    sender = alice
    if where == "key":
        sender = evil
    elif where == "actor":
        activity = evil.create()
    elif where == "object":
        activity = alice.activity("Announce", f"{evil.id}/notes/1")
    elif where == "author":
        note = {"id": f"{alice.id}/notes/1", "type": "Note", "attributedTo": evil.id}
        activity = alice.activity("Announce", note)
    elif where == "inner":
        activity = alice.activity("Announce", evil.create())
    else:
        activity = alice.activity("Move", alice.id, target=evil.id)

    answer = await commune.deliver(sender, activity)

    assert answer.status_code == 403
    await commune.assert_nothing_kept()
    assert commune.asked() == []


async def test_sec_mod_01_a_name_that_only_ends_alike_is_not_blocked(
    commune: Commune, server: EvilServer
) -> None:
    commune.hosts.blocked.add("evil.localhost")
    good = Stranger(server, "carol", "notevil.localhost").move_in()

    assert (await commune.deliver(good, good.create())).status_code == 202
