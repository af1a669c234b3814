"""What stands around a project on its page: its needs, its tasks, its parts, and forms for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.classifieds import queries as classified_queries
from fedcommune.domain.classifieds.model import NEEDY, Sought
from fedcommune.domain.links import queries as links
from fedcommune.domain.links.model import Openness, State
from fedcommune.domain.projects import actions, queries, tasks
from fedcommune.domain.projects.actions import STAGES
from fedcommune.domain.projects.model import CARRIERS, Edit, Stage, Task, stage_named
from fedcommune.domain.visibility import ANYONE
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.web import acting as acting_as
from fedcommune.web import classifieds, forms, needs, sessions
from fedcommune.web.pages import commune_of, local_of, now_of, pages_of, show_profile
from fedcommune.web.signing import onwards


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


OPENNESS: Final = {
    Openness.OPEN: _("at once"),
    Openness.MODERATED: _("after somebody said yes"),
    Openness.INVITATION: _("when invited"),
}


@dataclass(frozen=True, slots=True)
class Doing:
    """A task with who does it."""

    task: Task
    doer: Account | None
    late: bool


async def profile(request: Request) -> Response:
    """The page of a local actor, with what stands around it."""
    account = await local_of(request)
    return await show_profile(request, account, await around(request, account))


async def around(request: Request, account: Account) -> dict[str, Any]:
    """Return what the page of *account* shows besides its profile and its news."""
    if account.kind not in NEEDY:
        return {}
    commune = commune_of(request)
    db, reader = commune.database.pool, await acting_as.reader_of(request)
    sought = Sought(kind="need", author=account.id)
    wanted = await classified_queries.found(db, ANYONE, sought, now_of(request))
    found: dict[str, Any] = {"needs": await classifieds.shown(request, wanted)}
    found["administers"] = (
        reader is not None and await acting_as.decider(db, reader, account) is not None
    )
    if account.kind is not Kind.PROJECT:
        return found
    details = account.details
    above = [each for each in (details.carried_by, details.parent) if each]
    known = await accounts.by_actor_ids(db, above)
    return {
        **found,
        "carrier": _alive(known.get(details.carried_by or "")),
        "parent": _alive(known.get(details.parent or "")),
        "subprojects": await queries.parts(db, account.actor_id),
        "begins": details.starts_at,
        "ends": details.ends_at,
        "contributes": reader is not None
        and await queries.contributes(db, reader.who.account.id, account.id),
        "tasks": await _tasks(request, account),
        "contributors": await _contributors(request, account),
        "stage_choices": _stages(request),
    }


async def show_edit(request: Request) -> Response:
    """The form to say anew what a project is."""
    who, _by, project = await _administered(request)
    return await _form(request, who, project, _typed_before(request, project))


async def edit(request: Request) -> Response:
    """Change a project as the form says."""
    form = await forms.read(request)
    who, by, project = await _administered(request)
    try:
        wanted = await _typed(request, who, project, form)
        async with commune_of(request).database.transaction() as tx:
            await actions.edit(tx, by, project, wanted)
    except CommuneError as error:
        return await _form(request, who, project, form, error)
    return onwards(f"/@{project.username}")


async def move(request: Request) -> Response:
    """Move a project to another stage: one tap."""
    form = await forms.read(request)
    _who, by, project = await _administered(request)
    async with commune_of(request).database.transaction() as tx:
        await actions.move(tx, by, project, stage_named(form.get("stage", "")))
    return onwards(f"/@{project.username}")


async def add_task(request: Request) -> Response:
    """Write down what there is to do."""
    form = await forms.read(request)
    who = await sessions.required(request)
    project = await _project(request)
    doer = await _chosen(request, project, form.get("doer", ""))
    async with commune_of(request).database.transaction() as tx:
        due = _day(form.get("due_on", ""))
        await tasks.add(tx, who.account, project, form.get("title", ""), doer=doer, due_on=due)
    return onwards(f"/@{project.username}#tasks")


async def _change_task(
    request: Request, change: Callable[[Transaction, Account, int], Awaitable[object]]
) -> Response:
    await forms.read(request)
    who = await sessions.required(request)
    project = await _project(request)
    number = classifieds.id_of(str(request.path_params["task"]))
    async with commune_of(request).database.transaction() as tx:
        task = await queries.task(tx.db, number)
        if task is None or task.project_id != project.id:
            raise NotFound
        await change(tx, who.account, number)
    return onwards(f"/@{project.username}#tasks")


async def finish_task(request: Request) -> Response:
    """Say that a task is done."""
    return await _change_task(request, tasks.finish)


async def reopen_task(request: Request) -> Response:
    """Say that a task is not done after all."""
    return await _change_task(request, tasks.reopen)


async def take_task(request: Request) -> Response:
    """Take a task on oneself."""

    async def take(tx: Transaction, by: Account, number: int) -> object:
        return await tasks.take(tx, by, number, by)

    return await _change_task(request, take)


async def remove_task(request: Request) -> Response:
    """Take a task away."""
    return await _change_task(request, tasks.remove)


async def _project(request: Request) -> Account:
    name = str(request.path_params["username"]).lower()
    found = await accounts.local_by_username(commune_of(request).database.pool, name)
    if found is None or found.kind is not Kind.PROJECT or not found.is_active:
        raise NotFound
    return found


async def _administered(request: Request) -> tuple[SignedIn, Account, Account]:
    """Return who reads, who decides (they, or as whom they act), and about which project.

    Raises NotFound (SEC-VIS-11).
    """
    reader = await acting_as.required(request)
    project = await _project(request)
    by = await acting_as.decider(commune_of(request).database.pool, reader, project)
    if by is None:
        raise NotFound
    return reader.who, by, project


async def _contributors(request: Request, project: Account) -> list[Account]:
    db = commune_of(request).database.pool
    found = await links.of_target(db, project.id, state=State.ACTIVE)
    people = await accounts.by_ids(db, [link.subject_id for link in found])
    return [each for each in people.values() if each.is_active and each.discoverable]


async def _chosen(request: Request, project: Account, text: str) -> Account | None:
    """Return who is to do a task. Raises Invalid for somebody who does not take part."""
    if not text:
        return None
    for each in await _contributors(request, project):
        if text == str(each.id):
            return each
    raise Invalid("doer", _("Only who takes part in the project can take this on."))


async def _tasks(request: Request, project: Account) -> list[Doing]:
    db = commune_of(request).database.pool
    found = await queries.tasks(db, project.id)
    people = await accounts.by_ids(db, {each.doer_id for each in found if each.doer_id})
    zone = ZoneInfo(commune_of(request).instance.timezone)
    today = now_of(request).astimezone(zone).date()
    return [
        Doing(
            each,
            _listable(people.get(each.doer_id or 0)),
            each.done_at is None and each.due_on is not None and each.due_on < today,
        )
        for each in found
    ]


def _alive(account: Account | None) -> Account | None:
    return account if account is not None and account.is_active else None


def _listable(account: Account | None) -> Account | None:
    return account if account and account.is_active and account.discoverable else None


def _stages(request: Request) -> list[tuple[str, str]]:
    return [(stage.value, pages_of(request).say(request, STAGES[stage])) for stage in Stage]


async def _typed(
    request: Request, who: SignedIn, project: Account, form: Mapping[str, str]
) -> Edit:
    """Return what a form says. Raises :class:`Invalid` for what needs a correction."""
    instance = commune_of(request).instance
    if form.get("openness", "") not in set(Openness):
        raise Invalid("openness", _("Choose from the list."))
    return Edit(
        name=form.get("name", ""),
        summary=form.get("summary", ""),
        openness=Openness(form["openness"]),
        starts_at=needs.day_typed(instance, form.get("starts_on", ""), "starts_on"),
        ends_at=needs.day_typed(instance, form.get("ends_on", ""), "ends_on"),
        carrier=await _named(request, who, project.details.carried_by, form.get("carrier", "")),
        parent=await _named(request, who, project.details.parent, form.get("parent", "")),
    )


async def _named(request: Request, who: SignedIn, before: str | None, text: str) -> Account | None:
    """Return whom a field names: nobody, as before, or somebody whom one administers."""
    if not text:
        return None
    choices = await _choices(request, who, before)
    for each in choices:
        if text == str(each.id):
            return each
    raise NotFound


async def _choices(request: Request, who: SignedIn, before: str | None) -> list[Account]:
    db = commune_of(request).database.pool
    found = (await acting_as.actors(db, who.account))[1:]
    stands = await accounts.by_actor_id(db, before) if before else None
    if stands is not None and stands.id not in {each.id for each in found}:
        found.append(stands)
    return found


async def _form(
    request: Request,
    who: SignedIn,
    project: Account,
    form: Mapping[str, str],
    error: CommuneError | None = None,
) -> Response:
    carriers = await _choices(request, who, project.details.carried_by)
    parents = await _choices(request, who, project.details.parent)
    pages = pages_of(request)
    values: dict[str, Any] = {
        "here": "actors",
        "project": project,
        "carriers": [each for each in carriers if each.kind in CARRIERS],
        "parents": [
            each for each in parents if each.kind is Kind.PROJECT and each.id != project.id
        ],
        "opennesses": [(each.value, pages.say(request, word)) for each, word in OPENNESS.items()],
    }
    if error is not None:
        return forms.again(request, "project.html", error, form, **values)
    return forms.page(request, "project.html", form=form, **values)


def _typed_before(request: Request, project: Account) -> dict[str, str]:
    details, zone = project.details, ZoneInfo(commune_of(request).instance.timezone)

    def day(moment: datetime | None) -> str:
        return "" if moment is None else moment.astimezone(zone).date().isoformat()

    return {
        "name": project.name,
        "summary": project.source,
        "openness": details.openness or Openness.MODERATED,
        "starts_on": day(details.starts_at),
        "ends_on": day(details.ends_at),
        "carrier_id": details.carried_by or "",
        "parent_id": details.parent or "",
    }


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("due_on", _("Write the day as 2026-12-31.")) from None


def routes() -> list[Route]:
    """The addresses of the forms of projects."""
    address = "/projects/{username:str}"
    return [
        Route(f"{address}/edit", show_edit, methods=["GET"]),
        Route(f"{address}/edit", edit, methods=["POST"]),
        Route(f"{address}/stage", move, methods=["POST"]),
        Route(f"{address}/tasks", add_task, methods=["POST"]),
        Route(f"{address}/tasks/{{task:str}}/done", finish_task, methods=["POST"]),
        Route(f"{address}/tasks/{{task:str}}/reopen", reopen_task, methods=["POST"]),
        Route(f"{address}/tasks/{{task:str}}/take", take_task, methods=["POST"]),
        Route(f"{address}/tasks/{{task:str}}/remove", remove_task, methods=["POST"]),
    ]
