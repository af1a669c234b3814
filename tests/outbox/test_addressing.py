"""Who is meant, and through which inbox: tried with many random lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.names import PUBLIC, PUBLIC_SPELLINGS
from outbox import addressing
from outbox.addressing import Recipient

OURS = "https://commune.example/"


def _ours(iri: str) -> bool:
    return iri.startswith(OURS)


@st.composite
def recipients(draw: st.DrawFn) -> Recipient:
    host = draw(st.sampled_from(["a.example", "b.example", "c.example", "commune.example"]))
    name = draw(st.integers(1, 4))
    shared = draw(st.sampled_from([None, f"https://{host}/inbox"]))
    return Recipient(f"https://{host}/u/{name}", f"https://{host}/u/{name}/inbox", shared)


many_recipients = st.lists(recipients(), max_size=60)


@given(many_recipients, st.booleans())
def test_s2s_05_everybody_is_reached_once_and_nobody_else(
    given_: list[Recipient], private: bool
) -> None:
    found = addressing.inboxes(given_, ours=_ours, private=private)

    assert len(found) == len(set(found))
    strangers = [one for one in given_ if not _ours(one.actor_id)]
    for one in strangers:
        assert one.inbox in found or (not private and one.shared_inbox in found)
    possible = {one.inbox for one in strangers} | {one.shared_inbox for one in strangers}
    assert set(found) <= possible


@given(many_recipients)
def test_sec_vis_08_what_is_private_goes_to_personal_inboxes_only(
    given_: list[Recipient],
) -> None:
    found = addressing.inboxes(given_, ours=_ours, private=True)

    assert found == list(dict.fromkeys(one.inbox for one in given_ if not _ours(one.actor_id)))


@given(many_recipients)
def test_sec_dos_07_what_is_open_costs_one_delivery_a_server(given_: list[Recipient]) -> None:
    found = addressing.inboxes(given_, ours=_ours, private=False)

    with_shared = {one.shared_inbox for one in given_ if one.shared_inbox}
    assert sum(inbox in with_shared for inbox in found) <= 3


@given(many_recipients, st.sampled_from(sorted(PUBLIC_SPELLINGS)))
def test_s2s_06_s2s_13_neither_ourselves_nor_public_have_an_inbox(
    given_: list[Recipient], public: str
) -> None:
    given_ = [*given_, Recipient(public, "https://a.example/public-inbox")]

    found = addressing.inboxes(given_, ours=_ours, private=False)

    assert "https://a.example/public-inbox" not in found
    assert not any(_ours(inbox) for inbox in found)


def test_s2s_12_an_actor_without_a_shared_inbox_is_reached_at_its_own() -> None:
    found = addressing.inboxes(
        [
            Recipient("https://a.example/u/1", "https://a.example/u/1/inbox"),
            Recipient("https://a.example/u/2", "https://a.example/u/2/inbox", ""),
        ],
        ours=_ours,
        private=False,
    )

    assert found == ["https://a.example/u/1/inbox", "https://a.example/u/2/inbox"]


def test_w_del_01_an_open_post_goes_to_the_shared_inbox_even_of_one() -> None:
    one = Recipient("https://a.example/u/1", "https://a.example/u/1/inbox", "https://a.example/in")

    assert addressing.inboxes([one], ours=_ours, private=False) == ["https://a.example/in"]
    assert addressing.inboxes([one], ours=_ours, private=True) == ["https://a.example/u/1/inbox"]


@pytest.mark.parametrize("shared", ["https://victim.example/inbox", "not an address", "/inbox"])
def test_sec_ori_08_a_shared_inbox_elsewhere_is_not_believed(shared: str) -> None:
    one = Recipient("https://a.example/u/1", "https://a.example/u/1/inbox", shared)

    found = addressing.inboxes([one], ours=_ours, private=False)

    assert found == ["https://a.example/u/1/inbox"]


def test_s2s_02_all_five_kinds_of_addressees_are_meant() -> None:
    activity = {
        "type": "Create",
        "actor": "https://commune.example/u/me",
        "to": ["https://a.example/1", PUBLIC],
        "bto": "https://a.example/2",
        "cc": ["https://a.example/3", {"id": "https://a.example/4"}, "as:Public"],
        "bcc": ["https://a.example/5", "https://commune.example/u/me"],
        "audience": "https://a.example/6",
    }

    found = addressing.addressees(activity)

    assert found == [f"https://a.example/{number}" for number in range(1, 7)]


def test_s2s_07_a_block_is_not_for_whom_it_blocks() -> None:
    activity = {
        "type": "Block",
        "actor": "https://commune.example/u/me",
        "object": "https://a.example/u/1",
        "to": ["https://a.example/u/1"],
    }

    assert addressing.addressees(activity) == []
    assert addressing.addressees(activity, tell_blocked=True) == ["https://a.example/u/1"]
