"""Which servers we let through, and which names that covers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedcommune.database import Transaction
from fedcommune.domain.hosts import queries
from fedcommune.domain.hosts.model import Policies, Policy, covering

MATRIX = [
    ("evil.example", True),
    ("a.evil.example", True),
    ("a.b.evil.example", True),
    ("EVIL.Example", True),
    ("evil.example.", True),
    ("evil.example:8443", True),
    ("notevil.example", False),
    ("evil.example.org", False),
    ("example", False),
    ("bücher.example", True),
    ("xn--bcher-kva.example", True),
    ("x.BÜCHER.example", True),
    ("", True),
    ("victim.example/", True),
    ("a b", True),
]


@pytest.mark.parametrize(("host", "refused"), MATRIX)
def test_sec_mod_01_a_block_covers_whole_labels_after_idna(host: str, refused: bool) -> None:
    policies = Policies({"evil.example": Policy.BLOCKED, "xn--bcher-kva.example": Policy.BLOCKED})

    assert policies.refused(host) is refused


def test_a_port_that_is_named_is_the_only_one_refused() -> None:
    policies = Policies({"localhost:8002": Policy.BLOCKED})

    assert policies.refused("localhost:8002")
    assert not policies.refused("localhost:8001")
    assert not policies.refused("a.localhost:8002")


def test_the_strictest_policy_wins_and_limits_do_not_refuse() -> None:
    policies = Policies({"example": Policy.BLOCKED, "a.example": Policy.LIMITED})

    assert policies.policy("a.example") is Policy.BLOCKED
    policies.replace({"a.example": Policy.LIMITED})
    assert policies.limited("x.a.example")
    assert not policies.refused("x.a.example")
    assert policies.policy("b.example") is Policy.OPEN


@given(st.lists(st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True), min_size=1, max_size=6))
def test_a_host_is_covered_by_itself_and_each_of_its_parents_only(labels: list[str]) -> None:
    names = covering(".".join(labels))

    assert names == [".".join(labels[start:]) for start in range(len(labels))]


async def test_python_and_sql_agree_on_who_is_refused(tx: Transaction) -> None:
    blocked = {"evil.example": Policy.BLOCKED, "localhost:8002": Policy.BLOCKED}
    for name, policy in blocked.items():
        await queries.set_policy(tx.db, name, policy, reason="spam", now=tx.now)
    await queries.set_policy(tx.db, "quiet.example", Policy.LIMITED, reason="", now=tx.now)
    hosts = [
        "evil.example",
        "a.evil.example",
        "evil.example:8443",
        "notevil.example",
        "quiet.example",
        "localhost:8001",
        "localhost:8002",
    ]
    policies = Policies(await queries.policies(tx.db))

    assert await queries.refused_among(tx.db, hosts) == {
        host for host in hosts if policies.refused(host)
    }
    assert policies.limited("quiet.example")
    assert await queries.refused_among(tx.db, []) == set()


async def test_hosts_are_listed_with_what_is_known_of_them(tx: Transaction) -> None:
    await queries.seen(tx.db, "b.example", tx.now)
    await queries.set_policy(tx.db, "a.example", Policy.BLOCKED, reason="spam", now=tx.now)
    await queries.seen(tx.db, "a.example", tx.now)

    listed = await queries.listed(tx.db)

    assert [(host.name, host.policy, host.reason) for host in listed] == [
        ("a.example", Policy.BLOCKED, "spam"),
        ("b.example", Policy.OPEN, ""),
    ]
    assert [host.name for host in await queries.listed(tx.db, after="a.example")] == ["b.example"]
