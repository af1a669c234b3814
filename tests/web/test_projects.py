"""The page of a project: what is needed, what there is to do, and forms for who works on it."""

from __future__ import annotations

from fedcommune.domain.classifieds import actions
from fedcommune.domain.classifieds.model import Need
from fedcommune.domain.projects import queries, tasks
from tests.support.browsers import Browser, forms_of
from tests.support.communes import Town


async def test_a_visitor_reads_needs_tasks_and_stages_without_forms(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    garden = await town.project(marie, "jardin")
    async with town.commune.database.transaction() as tx:
        await actions.need(tx, garden, Need("Des bras samedi", helpers=3))
        await tasks.add(tx, marie, garden, "Bêcher <b>tout</b>", doer=marie)

    page = await browser.open("/@jardin")

    assert "Des bras samedi" in page.text
    assert "Bêcher &lt;b&gt;tout&lt;/b&gt;" in page.text
    assert forms_of(page) == {}
    assert "/projects/jardin/edit" not in page.text


async def test_who_administers_it_moves_edits_and_does(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    garden = await town.project(marie, "jardin")
    await browser.sign_in(marie)
    page = await browser.open("/@jardin")
    assert page.headers["cache-control"] == "no-store"
    forms = forms_of(page)

    await browser.client.post(
        "/projects/jardin/stage", data={**forms["/projects/jardin/stage"], "stage": "started"}
    )
    added = {**forms["/projects/jardin/tasks"], "title": "Bêcher", "due_on": "2020-01-01"}
    page = await browser.client.post("/projects/jardin/tasks", data=added)
    assert "Bêcher" in page.text
    assert "late" in page.text
    (task,) = await queries.tasks(town.commune.database.pool, garden.id)
    for verb, done in (("take", False), ("done", True), ("reopen", False)):
        address = f"/projects/jardin/tasks/{task.id}/{verb}"
        page = await browser.client.post(address, data=forms["/projects/jardin/stage"])
        assert page.url.path == "/@jardin"
        (kept,) = await queries.tasks(town.commune.database.pool, garden.id)
        assert kept.doer_id == marie.id
        assert (kept.done_at is not None) is done

    edit = "/projects/jardin/edit"
    form = forms_of(await browser.open(edit))[edit]
    form |= {"name": "Jardin de la Pointe", "openness": "open", "starts_on": "2026-09-01"}
    page = await browser.client.post(edit, data=form)
    assert "<h1><bdi>Jardin de la Pointe</bdi></h1>" in page.text
    account = await town.find("@jardin")
    assert account.details.stage == "started"
    assert account.details.starts_at is not None
    again = await browser.client.post(edit, data={**form, "starts_on": "demain"})
    assert again.status_code == 422
    assert 'role="alert"' in again.text


async def test_others_find_no_form_and_change_nothing(town: Town, browser: Browser) -> None:
    """SEC-VIS-11, SEC-AUT-08."""
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    garden = await town.project(marie, "jardin")
    async with town.commune.database.transaction() as tx:
        task = await tasks.add(tx, marie, garden, "Bêcher")
    await browser.sign_in(paul)
    token = forms_of(await browser.open("/settings"))["/settings/language"]
    for address, status in (
        ("/projects/jardin/edit", 404),
        ("/projects/jardin/stage", 404),
        ("/projects/jardin/tasks", 403),
        (f"/projects/jardin/tasks/{task.id}/done", 403),
        (f"/projects/jardin/tasks/{task.id}/remove", 403),
        ("/projects/jardin/tasks/1/done", 404),
        ("/projects/marie/tasks", 404),
    ):
        form = {**token, "stage": "mature", "title": "Rien", "name": "À moi", "openness": "open"}
        assert (await browser.client.post(address, data=form)).status_code == status, address
    assert await queries.tasks(town.commune.database.pool, garden.id) == [task]
    assert (await town.find("@jardin")).details == garden.details
