"""Several transactions at once: counters stay exact, and what is deleted stays deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import asyncpg
import pytest

from fedcommune.database import Transaction
from fedcommune.domain.posts import actions, queries
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.visibility import ANYONE
from federation.errors import IgnoredError
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.wire import Wire, activity, befriend, note

MANY = 6


async def at_once(
    tx: Transaction, url: str, *works: Callable[[Transaction], Awaitable[object]]
) -> list[object]:
    """Do each of *works* in a transaction of its own connection, all at the same time."""

    async def one(work: Callable[[Transaction], Awaitable[object]]) -> object:
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                return await work(replace(tx, db=connection))
        finally:
            await connection.close()

    return await asyncio.gather(*(one(work) for work in works), return_exceptions=True)


async def test_answers_that_come_at_once_are_all_counted(
    tx: Transaction, people: People, database_url: str
) -> None:
    marie = await people.citizen("marie")
    post = await actions.publish(tx, marie, Draft("Bonjour"))

    async def answer(own: Transaction) -> None:
        await actions.publish(own, marie, Draft("Oui", in_reply_to=post.id))

    assert await at_once(tx, database_url, *[answer] * MANY) == [None] * MANY

    seen = await queries.by_id(tx.db, ANYONE, post.id)
    assert seen is not None
    assert seen.replies_count == MANY


async def test_likes_that_come_at_once_are_counted_once_an_account(
    tx: Transaction, people: People, database_url: str
) -> None:
    marie, paul, zoe = [await people.citizen(name) for name in ("marie", "paul", "zoe")]
    post = await actions.publish(tx, marie, Draft("Bonjour"))

    async def by_paul(own: Transaction) -> None:
        await reactions.like(own, paul, post)

    async def by_zoe(own: Transaction) -> None:
        await reactions.like(own, zoe, post)

    assert await at_once(tx, database_url, *[by_paul, by_zoe] * 3) == [None] * MANY

    seen = await queries.by_id(tx.db, ANYONE, post.id)
    assert seen is not None
    assert seen.likes_count == 2


async def test_a_question_and_its_answer_that_arrive_at_once_find_each_other(
    tx: Transaction, people: People, database_url: str
) -> None:
    await befriend(tx, await people.citizen("marie"), await people.stranger("ada"))

    async def question(own: Transaction) -> None:
        await Wire(own).receive(activity("Create", note(1)))

    async def answer(own: Transaction) -> None:
        await Wire(own).receive(activity("Create", note(2, inReplyTo=note(1)["id"]), number=2))

    assert await at_once(tx, database_url, question, answer) == [None, None]

    one = await queries.stored(tx.db, note(1)["id"])
    two = await queries.stored(tx.db, note(2)["id"])
    assert one is not None
    assert two is not None
    assert (two.parent_id, one.replies_count) == (one.id, 1)


@pytest.mark.parametrize("first", ["Delete", "Create"])
async def test_sec_ori_10_a_delete_and_its_post_that_arrive_at_once_leave_nothing(
    tx: Transaction, people: People, database_url: str, first: str
) -> None:
    await befriend(tx, await people.citizen("marie"), await people.stranger("ada"))

    async def create(own: Transaction) -> None:
        await Wire(own).receive(activity("Create", note()))

    async def delete(own: Transaction) -> None:
        await Wire(own).receive(activity("Delete", note()["id"]))

    works = [delete, create] if first == "Delete" else [create, delete]
    for outcome in await at_once(tx, database_url, *works):
        assert outcome is None or isinstance(outcome, IgnoredError)

    assert await queries.by_object_id(tx.db, ANYONE, note()["id"]) is None
