"""What people of the demo give, lend and look for, and what their projects need and do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from fedcommune.commune import Commune
from fedcommune.database import Transaction
from fedcommune.demo import world
from fedcommune.demo.steps import made, once, remember
from fedcommune.demo.world import World
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.classifieds import actions
from fedcommune.domain.classifieds.model import Draft, Need, price_typed
from fedcommune.domain.helping import actions as helping
from fedcommune.domain.helping import queries as helpers
from fedcommune.domain.projects import tasks

Advance = Callable[[], None]


def size(told: World) -> int:
    """How many steps :func:`fill` takes."""
    helped = sum(len(need.helped_by) for need in told.needs)
    return len(told.offers) + len(told.needs) + helped + len(told.tasks)


async def fill(commune: Commune, told: World, now: datetime, advance: Advance) -> None:
    """Publish what *told* offers, needs and has to do, once."""
    for offer in told.offers:
        await _offer(commune, offer, now)
        advance()
    for need in told.needs:
        await _need(commune, need, now)
        advance()
        for number, name in enumerate(need.helped_by, start=1):
            at = now - timedelta(hours=need.hours_ago) + timedelta(minutes=20 * number)
            await _help(commune, need, name, at)
            advance()
    for number, task in enumerate(told.tasks):
        await _task(commune, task, now - timedelta(days=3) + timedelta(minutes=number), now)
        advance()


async def _offer(commune: Commune, told: world.Offer, now: datetime) -> None:
    at = now - timedelta(hours=told.hours_ago)
    async with once(commune, f"offer {told.key}", at=at) as tx:
        if tx is None:
            return
        draft = Draft(
            title=told.title,
            text=told.text,
            purpose=told.purpose,
            exchange=told.exchange,
            category=told.category,
            price=price_typed(told.price),
            currency=told.currency,
            scope=told.scope,
            place=told.place,
            latitude=tx.instance.latitude,
            longitude=tx.instance.longitude,
        )
        await actions.publish(tx, await _known(tx, told.author), draft)


async def _need(commune: Commune, told: world.Need, now: datetime) -> None:
    at = now - timedelta(hours=told.hours_ago)
    async with once(commune, f"need {told.key}", at=at) as tx:
        if tx is not None:
            wanted = Need(told.title, told.text, told.wanted, told.helpers)
            post = await actions.need(tx, await _known(tx, told.author), wanted)
            await remember(tx.db, f"need {told.key}", post.id)


async def _help(commune: Commune, told: world.Need, name: str, at: datetime) -> None:
    async with once(commune, f"help {told.key} {name}", at=at) as tx:
        if tx is None:
            return
        helper, asking = await _known(tx, name), await _known(tx, told.author)
        need_id = await made(tx.db, f"need {told.key}")
        await actions.help_with(tx, helper, need_id)
        if name in told.accepted:
            for offered in await helpers.of_need(tx.db, need_id):
                if offered.helper.id == helper.id:
                    await helping.accept(tx, asking, offered.help.id)


async def _task(commune: Commune, told: world.Task, at: datetime, now: datetime) -> None:
    async with once(commune, f"task {told.key}", at=at) as tx:
        if tx is None:
            return
        project = await _known(tx, told.project)
        doer = await _known(tx, told.doer) if told.doer else None
        due_on = (now + timedelta(days=told.days)).date()
        task = await tasks.add(tx, project, project, told.title, doer=doer, due_on=due_on)
        if told.done:
            await tasks.finish(tx, project, task.id)


async def _known(tx: Transaction, username: str) -> Account:
    account = await accounts.local_by_username(tx.db, username)
    assert account is not None, f"{username} stands earlier in the story"
    return account
