"""The pages of those who moderate, without JavaScript; and who signs up from where."""

from __future__ import annotations

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.moderation import actions, queries
from fedcommune.domain.moderation.model import Action
from fedcommune.errors import NotAllowed
from tests.mastodon.moderating import everything, promoted, waiting
from tests.support import browsers
from tests.support.browsers import Browser
from tests.support.communes import Town
from tests.web.test_joining import join


@pytest.fixture
async def simone(town: Town, browser: Browser) -> Account:
    """Somebody who moderates, signed in with the browser."""
    account = await promoted(town, await town.citizen("simone"))
    await browser.sign_in(account)
    return account


async def reported(town: Town) -> tuple[Account, int, int]:
    """Let lea report paul; return paul, his post and the report."""
    paul, lea = await town.citizen("paul"), await town.citizen("lea")
    post = await town.say(paul, "Bande de <nuls>")
    async with town.commune.database.transaction() as tx:
        report = await actions.report(tx, lea, paul, post_ids=[post.id], content="Des <insultes>")
    return paul, post.id, report.id


async def test_a_moderator_reads_a_report_and_deletes_what_was_reported(
    town: Town, browser: Browser, simone: Account
) -> None:
    _paul, post_id, report_id = await reported(town)

    overview = await browser.open("/moderation")
    assert "@paul@" in overview.text
    page = await browser.open(f"/moderation/{report_id}")
    assert "Des &lt;insultes&gt;" in page.text
    assert "Bande de" in page.text
    assert "<script" not in page.text
    done = await browser.send(
        f"/moderation/{report_id}",
        do="act",
        action="delete_statuses",
        text="Pas ici",
        letter="yes",
        **{f"post-{post_id}": "yes"},
    )

    assert done.url.path == "/moderation"
    assert (await browser.client.get(f"/@paul/{post_id}")).status_code in (404, 410)
    found = await queries.by_id(town.commune.database.pool, report_id)
    assert found is not None
    assert found.closed_by_id == simone.id
    letter = await browsers.letter(town, "strike")
    assert letter.recipient == "paul@mail.example"
    assert "« Pas ici »" in letter.text
    assert "simone" not in letter.text


async def test_whom_a_measure_concerned_reads_it_among_the_settings(
    town: Town, browser: Browser
) -> None:
    paul = await town.citizen("paul")
    async with town.commune.database.transaction() as tx:
        await actions.act(tx, paul, Action.SILENCE, text="Trop <fort>")
    await browser.sign_in(paul)

    page = await browser.open("/settings")

    assert "Your account is limited" in page.text
    assert "Trop &lt;fort&gt;" in page.text
    assert "/moderation" not in page.text


async def test_a_report_is_taken_on_closed_and_opened_again(
    town: Town, browser: Browser, simone: Account
) -> None:
    _paul, _post_id, report_id = await reported(town)
    here, pool = f"/moderation/{report_id}", town.commune.database.pool

    await browser.open(here)
    await browser.send(here, do="assign")
    await browser.send(here, do="close")
    found = await queries.by_id(pool, report_id)
    assert found is not None
    assert (found.assigned_id, found.closed_by_id) == (simone.id, simone.id)
    await browser.open(here)
    await browser.send(here, do="reopen")
    found = await queries.by_id(pool, report_id)
    assert found is not None
    assert found.closed_at is None


async def test_what_is_half_chosen_is_told_and_changes_nothing(
    town: Town, browser: Browser, simone: Account
) -> None:
    _paul, _post_id, report_id = await reported(town)
    here = f"/moderation/{report_id}"
    await browser.open(here)
    before = await everything(town)

    for fields in (
        {"do": "act", "action": "delete_statuses"},
        {"do": "act", "action": "banish"},
        {"do": "dance"},
    ):
        await browser.open(here)
        page = await browser.send(here, **fields)
        assert page.status_code == 422
        assert 'role="alert"' in page.text

    assert await everything(town) == before


async def test_who_waits_is_let_in_or_refused(
    town: Town, browser: Browser, simone: Account
) -> None:
    ines, luc = await waiting(town, "ines"), await waiting(town, "luc")
    page = await browser.open("/moderation")
    assert "ines@mail.example" in page.text

    await browser.send("/moderation", account=str(ines.id), do="approve")
    await browser.open("/moderation")
    await browser.send("/moderation", account=str(luc.id), do="reject")

    pool = town.commune.database.pool
    let_in = await citizens.by_account(pool, ines.id)
    assert let_in is not None
    assert let_in.is_open
    assert await citizens.by_account(pool, luc.id) is None


async def test_for_anybody_else_there_is_nothing(town: Town, browser: Browser) -> None:
    _paul, _post_id, report_id = await reported(town)
    visitor = await browser.open("/moderation")
    assert visitor.url.path == "/sign-in"
    await browser.sign_in(await town.citizen("marie"))
    before = await everything(town)

    for path in ("/moderation", f"/moderation/{report_id}"):
        assert (await browser.open(path)).status_code == 404
        await browser.open("/settings")
        csrf = browsers.forms_of(browser.page)["/sign-out"]["csrf"]
        for do in ("close", "act", "approve"):
            data = {"csrf": csrf, "do": do, "action": "suspend"}
            assert (await browser.client.post(path, data=data)).status_code == 404

    assert await everything(town) == before


async def test_nobody_signs_up_with_an_address_that_is_kept_away(
    town: Town, browser: Browser
) -> None:
    async with town.commune.database.transaction() as tx:
        await actions.block_email_domain(tx, "throwaway.example")
        await actions.block_email(tx, email="ma.rie+x@mail.example")

    for email in ("a@throwaway.example", "b@sub.throwaway.example", "marie@mail.example"):
        await join(browser, email=email)
        assert browser.page.status_code == 403, email

    assert await town.count("commune.citizen") == 0
    await join(browser, email="a@notthrowaway.example", username="ana")
    assert await town.count("commune.citizen") == 1


async def test_from_a_network_one_waits_or_does_not_sign_up_nor_in(
    town: Town, browser: Browser
) -> None:
    database = town.commune.database
    async with database.transaction() as tx:
        block = await actions.block_address(tx, "127.0.0.0/8", "sign_up_requires_approval")
    await join(browser)
    known = await citizens.by_email(database.pool, "marie@mail.example")
    assert known is not None
    assert known.approved_at is None

    async with database.transaction() as tx:
        await actions.unblock_address(tx, block.id)
        await actions.block_address(tx, "127.0.0.1", "no_access")
    await join(browser, email="paul@mail.example", username="paul")
    assert browser.page.status_code == 403
    assert await citizens.by_email(database.pool, "paul@mail.example") is None
    lea = await town.citizen("lea")
    with pytest.raises(NotAllowed):
        await browser.sign_in(lea)
    assert await town.count("commune.session") == 0


async def test_moderators_are_told_once_who_joined(town: Town, browser: Browser) -> None:
    simone = await promoted(town, await town.citizen("simone"))
    await join(browser)
    await browser.open((await browsers.letter(town, "confirm")).link)
    await browser.send()

    rows = await town.commune.database.pool.fetch(
        "select account_id, kind from commune.notification"
    )
    assert [tuple(row) for row in rows] == [(simone.id, "admin.sign_up")]


async def test_who_is_shut_out_is_told_so_when_they_sign_in(town: Town, browser: Browser) -> None:
    await join(browser)
    await browser.open((await browsers.letter(town, "confirm")).link)
    await browser.send()
    marie = await town.find("@marie")
    async with town.commune.database.transaction() as tx:
        await actions.disable(tx, marie)

    async with browsers.browser(town) as other:
        await other.open("/sign-in")
        page = await other.send(email="marie@mail.example", password=browsers.PASSWORD)
        assert page.status_code == 403
        assert "The moderators closed this account" in page.text
    assert (await browser.open("/settings")).url.path == "/sign-in"
