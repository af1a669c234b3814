"""What people of the demo give, lend and look for, and what their projects need and do."""

from __future__ import annotations

from datetime import datetime, timedelta

from fedcommune.commune import Commune
from fedcommune.demo import tellings
from fedcommune.demo.portraits import hang, once_drawn
from fedcommune.demo.steps import Advance, known, made, once, remember
from fedcommune.demo.world import World
from fedcommune.domain.classifieds import actions
from fedcommune.domain.classifieds.model import Draft, Need, price_typed
from fedcommune.domain.helping import actions as helping
from fedcommune.domain.helping import queries as helpers
from fedcommune.domain.projects import tasks


def size(told: World) -> int:
    """How many steps :func:`fill` and :func:`offer_neighbours` take."""
    helped = sum(len(need.helped_by) for need in told.needs)
    return len(told.offers) + len(told.needs) + helped + len(told.tasks)


async def fill(commune: Commune, told: World, now: datetime, advance: Advance) -> None:
    """Publish what *told* offers to everybody, needs and has to do, once."""
    for offer in told.offers:
        if offer.scope != "neighbours":
            await _offer(commune, offer, now)
            await _answer(commune, offer, now)
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


async def offer_neighbours(commune: Commune, told: World, now: datetime, advance: Advance) -> None:
    """Publish what *told* offers to the neighbours, once we know whom we follow."""
    for offer in told.offers:
        if offer.scope == "neighbours":
            await _offer(commune, offer, now)
            advance()


async def _offer(commune: Commune, told: tellings.Offer, now: datetime) -> None:
    step = f"offer {told.key}"
    async with once_drawn(commune, step, told, now) as (tx, picture):
        if tx is None:
            return
        author = await known(tx, told.author)
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
            media=await hang(tx, author, picture, told.described) or None,
        )
        post = await actions.publish(tx, author, draft)
        await remember(tx.db, step, post.id)


async def _answer(commune: Commune, told: tellings.Offer, now: datetime) -> None:
    """Let people write to who offers it, and let it be over when the story says so."""
    at = now - timedelta(hours=told.hours_ago)
    for number, answer in enumerate(told.answers, start=1):
        later = at + timedelta(minutes=25 * number)
        async with once(commune, f"answer {told.key} {answer.by}", at=later) as tx:
            if tx is not None:
                offered = await made(tx.db, f"offer {told.key}")
                await actions.contact(tx, await known(tx, answer.by), offered, answer.text)
    if told.concluded:
        async with once(commune, f"concluded {told.key}", at=now - timedelta(hours=1)) as tx:
            if tx is not None:
                offered = await made(tx.db, f"offer {told.key}")
                await actions.conclude(tx, await known(tx, told.author), offered)


async def _need(commune: Commune, told: tellings.Need, now: datetime) -> None:
    at = now - timedelta(hours=told.hours_ago)
    async with once(commune, f"need {told.key}", at=at) as tx:
        if tx is not None:
            wanted = Need(told.title, told.text, told.wanted, told.helpers)
            post = await actions.need(tx, await known(tx, told.author), wanted)
            await remember(tx.db, f"need {told.key}", post.id)


async def _help(commune: Commune, told: tellings.Need, name: str, at: datetime) -> None:
    async with once(commune, f"help {told.key} {name}", at=at) as tx:
        if tx is None:
            return
        helper, asking = await known(tx, name), await known(tx, told.author)
        need_id = await made(tx.db, f"need {told.key}")
        await actions.help_with(tx, helper, need_id)
        if name in told.accepted:
            for offered in await helpers.of_need(tx.db, need_id):
                if offered.helper.id == helper.id:
                    await helping.accept(tx, asking, offered.help.id)


async def _task(commune: Commune, told: tellings.Task, at: datetime, now: datetime) -> None:
    async with once(commune, f"task {told.key}", at=at) as tx:
        if tx is None:
            return
        project = await known(tx, told.project)
        doer = await known(tx, told.doer) if told.doer else None
        due_on = (now + timedelta(days=told.days)).date()
        task = await tasks.add(tx, project, project, told.title, doer=doer, due_on=due_on)
        if told.done:
            await tasks.finish(tx, project, task.id)
