"""Tasks, and what a project says of itself (product 7.4, 8.2)."""

from __future__ import annotations

from datetime import date

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.links import actions as links
from fedcommune.domain.links.model import Openness, Wish
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft as Organisation
from fedcommune.domain.projects import actions, queries, tasks
from fedcommune.domain.projects.model import MAX_TASK, Draft, Edit
from fedcommune.errors import Invalid, NotAllowed
from tests.fedcommune.domain.people import People, pair


async def started(tx: Transaction, founder: Account, username: str = "jardin") -> Account:
    draft = Draft(username, username.capitalize(), openness=Openness.OPEN)
    return await actions.start(tx, founder, draft, pair())


async def test_who_takes_part_writes_takes_and_does_tasks(tx: Transaction, people: People) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    garden = await started(tx, marie)
    await links.ask(tx, paul, garden, Wish())

    later = await tasks.add(tx, marie, garden, "Peindre", due_on=date(2026, 10, 1))
    first = await tasks.add(tx, paul, garden, "  Bêcher \n", due_on=date(2026, 9, 5), doer=marie)
    await tasks.take(tx, paul, later.id, paul)
    await tasks.finish(tx, paul, first.id)

    found = await queries.tasks(tx.db, garden.id)
    assert [(each.title, each.doer_id) for each in found] == [
        ("Peindre", paul.id),
        ("Bêcher", marie.id),
    ]
    assert found[1].done_at == tx.now
    await tasks.reopen(tx, marie, first.id)
    await tasks.remove(tx, marie, later.id)
    assert [(each.title, each.done_at) for each in await queries.tasks(tx.db, garden.id)] == [
        ("Bêcher", None)
    ]


async def test_others_neither_write_nor_change_tasks(tx: Transaction, people: People) -> None:
    marie, rose = await people.citizen("marie"), await people.citizen("rose")
    garden = await started(tx, marie)
    task = await tasks.add(tx, marie, garden, "Bêcher")
    with pytest.raises(NotAllowed):
        await tasks.add(tx, rose, garden, "Rien")
    for act in (tasks.finish, tasks.reopen, tasks.remove):
        with pytest.raises(NotAllowed):
            await act(tx, rose, task.id)
    with pytest.raises(Invalid):
        await tasks.take(tx, marie, task.id, rose)
    for title in ("", " ", "x" * (MAX_TASK + 1)):
        with pytest.raises(Invalid):
            await tasks.add(tx, marie, garden, title)
    assert await queries.tasks(tx.db, garden.id) == [task]


async def test_a_project_says_anew_what_it_is_and_who_carries_it(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    garden, whole = await started(tx, marie), await started(tx, marie, "quartier")
    association = await organisations.found(
        tx, marie, Organisation("association", "jardiniers", "Jardiniers", ""), pair()
    )
    wanted = Edit("Jardin de la Pointe", "Des **tomates**.", carrier=association, parent=whole)

    edited = await actions.edit(tx, marie, garden, wanted)

    assert edited.name == "Jardin de la Pointe"
    assert "<strong>tomates</strong>" in edited.summary
    assert edited.details.carried_by == association.actor_id
    assert [each.id for each in await queries.parts(tx.db, whole.actor_id)] == [garden.id]


async def test_nobody_else_edits_it_nor_names_whom_they_do_not_administer(
    tx: Transaction, people: People
) -> None:
    """SEC-VIS-11: a project cannot say that somebody carries it who did not."""
    marie, rose = await people.citizen("marie"), await people.citizen("rose")
    garden = await started(tx, marie)
    association = await organisations.found(
        tx, rose, Organisation("association", "choristes", "Choristes", ""), pair()
    )
    for by, wanted in (
        (rose, Edit("À moi")),
        (marie, Edit("Jardin", carrier=association)),
    ):
        with pytest.raises(NotAllowed):
            await actions.edit(tx, by, garden, wanted)
    for wanted in (
        Edit(" "),
        Edit("Jardin", carrier=marie),
        Edit("Jardin", parent=garden),
        Edit("Jardin", parent=association),
    ):
        with pytest.raises(Invalid):
            await actions.edit(tx, marie, garden, wanted)
    assert await accounts.by_id(tx.db, garden.id) == garden


async def test_no_circle_of_parts(tx: Transaction, people: People) -> None:
    marie = await people.citizen("marie")
    one, two, three = [await started(tx, marie, name) for name in ("un", "deux", "trois")]
    await actions.edit(tx, marie, two, Edit("Deux", parent=one))
    two = (await accounts.by_ids(tx.db, [two.id]))[two.id]
    await actions.edit(tx, marie, three, Edit("Trois", parent=two))
    three = (await accounts.by_ids(tx.db, [three.id]))[three.id]
    with pytest.raises(Invalid):
        await actions.edit(tx, marie, one, Edit("Un", parent=three))
    assert (await accounts.by_ids(tx.db, [one.id]))[one.id].details.parent is None
