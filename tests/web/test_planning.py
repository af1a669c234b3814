"""What is planned on a page: later, moved, cancelled, in the right name, with its pictures."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.media import actions as media
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.scheduled import actions, queries
from fedcommune.domain.scheduled.model import Scheduled
from fedcommune.domain.visibility import Visibility
from tests.support import browsers, pictures
from tests.support.browsers import Browser, forms_of
from tests.support.communes import Clock, Town

POSTS = "commune.post"
PLANNED = "commune.scheduled_post"


@pytest.fixture
async def marie(town: Town, browser: Browser) -> Account:
    account = await town.citizen("marie")
    await browser.sign_in(account)
    return account


def fields(town: Town, clock: Clock, **ahead: float) -> dict[str, str]:
    """Return the day and the hour of a moment, on the clock of the commune."""
    zone = ZoneInfo(town.commune.instance.timezone)
    there = (clock() + timedelta(**ahead)).astimezone(zone)
    return {"day": there.date().isoformat(), "hour": f"{there:%H:%M}"}


async def waiting(town: Town, account: Account) -> list[Scheduled]:
    return await queries.soonest(town.commune.database.pool, account.id, limit=10)


async def test_what_is_written_for_later_waits_and_is_published_then(
    town: Town, browser: Browser, clock: Clock, marie: Account
) -> None:
    await browser.open("/write")

    page = await browser.send("/write", text="Demain <b>fête</b>", **fields(town, clock, days=1))

    assert page.url.path == "/planned"
    assert "Demain &lt;b&gt;fête&lt;/b&gt;" in page.text
    assert await town.count(POSTS) == 0
    (planned,) = await waiting(town, marie)
    assert planned.planned_by == marie.id
    assert abs(planned.due_at - (clock() + timedelta(days=1))) < timedelta(minutes=1)
    clock.pass_by(days=1, minutes=1)
    async with town.commune.database.transaction() as tx:
        assert await actions.publish(tx, planned.id) is not None
    assert "Demain" in (await browser.open("/@marie")).text
    assert "Nothing is planned" in (await browser.open("/planned")).text


async def test_the_same_form_sent_twice_plans_once(
    town: Town, browser: Browser, clock: Clock, marie: Account
) -> None:
    form = forms_of(await browser.open("/write"))["/write"]
    for _ in range(2):
        said = {**form, "text": "Une fois", **fields(town, clock, days=1)}
        await browser.client.post("/write", data=said)

    assert await town.count(PLANNED) == 1
    assert await town.count(POSTS) == 0


async def test_another_moment_is_kept_and_a_plan_is_cancelled(
    town: Town, browser: Browser, clock: Clock, marie: Account
) -> None:
    await browser.open("/write")
    await browser.send("/write", text="Fête", **fields(town, clock, days=1))
    (planned,) = await waiting(town, marie)
    address = f"/planned/{planned.id}"

    page = await browser.send(address, do="move", **fields(town, clock, days=2))
    assert page.url.path == "/planned"
    (moved,) = await waiting(town, marie)
    assert moved.due_at.date() > planned.due_at.date()

    await browser.send(address, do="cancel")
    assert await waiting(town, marie) == []
    assert await town.count(POSTS) == 0


async def test_what_is_planned_is_said_otherwise_and_appears_so_at_its_moment(
    town: Town, browser: Browser, clock: Clock, marie: Account
) -> None:
    paul = await town.citizen("paul")
    form = forms_of(await browser.open("/write"))["/write"]
    await browser.client.post(
        "/write",
        data={
            **form,
            "text": "Le lagun",
            "alt-new-1": "De l'eau",
            "option-1": "Oui",
            "option-2": "Non",
            **fields(town, clock, days=1),
        },
        files={"picture-1": ("lagon.png", pictures.png(), "image/png")},
    )
    (planned,) = await waiting(town, marie)

    page = await browser.open(f"/planned/{planned.id}/edit")
    assert f"/planned/{planned.id}/edit" in (await browser.open("/planned")).text
    for words in ("Le lagun", "De l&#39;eau", "Oui · Non", "then it is published by itself"):
        assert words in page.text, words
    await browser.open(f"/planned/{planned.id}/edit")
    page = await browser.send(
        text="Le lagon, @paul",
        warning="Bleu",
        language="en",
        visibility="unlisted",
    )

    assert page.url.path == "/planned"
    (said,) = await waiting(town, marie)
    assert said.due_at == planned.due_at
    assert (said.draft.poll, said.draft.media) == (planned.draft.poll, planned.draft.media)
    assert said.mentioned == (paul.id,)
    clock.pass_by(days=1, minutes=1)
    async with town.commune.database.transaction() as tx:
        post = await actions.publish(tx, said.id)
    assert post is not None
    assert (post.source, post.summary, post.visibility, post.language) == (
        "Le lagon, @paul",
        "Bleu",
        "unlisted",
        "en",
    )
    shown = (await browser.open(f"/@marie/{post.id}")).text
    for words in ("De l&#39;eau", "Oui", "Non", "Bleu"):
        assert words in shown, words


async def test_a_picture_of_a_plan_is_described_otherwise_taken_away_and_another_sent(
    town: Town, browser: Browser, clock: Clock, marie: Account
) -> None:
    form = forms_of(await browser.open("/write"))["/write"]
    await browser.client.post(
        "/write",
        data={**form, "text": "Lagon", "alt-new-1": "Eau", **fields(town, clock, days=1)},
        files={"picture-1": ("lagon.png", pictures.png(), "image/png")},
    )
    (planned,) = await waiting(town, marie)
    (first,) = planned.draft.media or ()
    address = f"/planned/{planned.id}/edit"

    await browser.open(address)
    await browser.send(**{f"alt-{first}": "De l'eau bleue"})
    assert "De l&#39;eau bleue" in (await browser.open(address)).text
    form = forms_of(browser.page)[address]
    await browser.client.post(
        address,
        data={**form, f"without-{first}": "1", "alt-new-1": "Du sable"},
        files={"picture-1": ("sable.png", pictures.png(), "image/png")},
    )

    (said,) = await waiting(town, marie)
    (second,) = said.draft.media or ()
    assert second != first
    assert said.draft.words[second].description == "Du sable"
    assert "Du sable" in (await browser.open(address)).text


async def test_what_it_answers_and_quotes_stays_also_when_that_is_gone_meanwhile(
    town: Town, browser: Browser, clock: Clock, marie: Account
) -> None:
    paul = await town.citizen("paul")
    asked, quoted = await town.say(paul, "Qui vient ?"), await town.say(paul, "Demain à dix heures")
    for address, words in (
        (f"/write?answers={asked.id}", "Moi"),
        (f"/write?quotes={quoted.id}", ""),
    ):
        await browser.open(address)
        await browser.send("/write", text=words, **fields(town, clock, days=1))
    answer, quote = await waiting(town, marie)
    assert "Qui vient ?" in (await browser.open(f"/planned/{answer.id}/edit")).text
    assert "dix heures" in (await browser.open(f"/planned/{quote.id}/edit")).text
    async with town.commune.database.transaction() as tx:
        await posts.delete(tx, paul, asked.id)

    for each, words in ((answer, "Moi aussi"), (quote, "Notez")):
        await browser.open(f"/planned/{each.id}/edit")
        await browser.send(text=words)

    said = {each.draft.text: each.draft for each in await waiting(town, marie)}
    assert said["Moi aussi"].in_reply_to == asked.id
    assert said["Notez"].quoted == quoted.id


async def test_words_for_some_people_only_stay_for_them(
    town: Town, browser: Browser, clock: Clock, marie: Account
) -> None:
    """SEC-VIS-07: whoever it is for is not among the audiences of the page."""
    paul = await town.citizen("paul")
    draft = Draft("@paul, chut", visibility=Visibility.LIMITED, mentioned=(paul,))
    async with town.commune.database.transaction() as tx:
        due_at = tx.now + timedelta(days=1)
        planned = await actions.plan(tx, marie, draft, due_at, planned_by=marie.id)

    await browser.open(f"/planned/{planned.id}/edit")
    assert "Who reads it?" not in browser.page.text
    await browser.send(text="@paul, toujours chut")

    (said,) = await waiting(town, marie)
    assert said.draft.visibility is Visibility.LIMITED
    assert said.draft.text == "@paul, toujours chut"


@pytest.mark.parametrize(
    "wrong",
    [{"text": " "}, {"text": "x" * 5_001}, {"warning": "x" * 501}, {"visibility": "everybody"}],
)
async def test_words_that_cannot_be_change_nothing_that_is_planned(
    town: Town, browser: Browser, clock: Clock, marie: Account, wrong: dict[str, str]
) -> None:
    await browser.open("/write")
    await browser.send("/write", text="Fête", **fields(town, clock, days=1))
    (planned,) = await waiting(town, marie)
    address = f"/planned/{planned.id}/edit"
    form = forms_of(await browser.open(address))[address]

    refused = await browser.client.post(address, data={**form, **wrong})

    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert await waiting(town, marie) == [planned]


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "", "hour": "18:00"},
        {"day": "2020-01-01", "hour": "18:00"},
        {"day": "demain", "hour": "18:00"},
        {"day": "2099-01-01", "hour": "18:00"},
    ],
)
async def test_a_moment_that_cannot_be_changes_nothing(
    town: Town, browser: Browser, clock: Clock, marie: Account, wrong: dict[str, str]
) -> None:
    form = forms_of(await browser.open("/write"))["/write"]
    refused = await browser.client.post("/write", data={**form, "text": "Fête", **wrong})
    assert refused.status_code == 422
    assert "Fête" in refused.text
    assert await town.count(PLANNED) == await town.count(POSTS) == 0

    said = {**form, "text": "Fête", **fields(town, clock, days=1)}
    await browser.client.post("/write", data=said)
    (planned,) = await waiting(town, marie)
    form = forms_of(await browser.open("/planned"))[f"/planned/{planned.id}"]
    said = {**form, "do": "move", **wrong}
    refused = await browser.client.post(f"/planned/{planned.id}", data=said)

    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert await waiting(town, marie) == [planned]


async def test_what_others_planned_is_neither_seen_nor_touched(
    town: Town, browser: Browser, clock: Clock, marie: Account
) -> None:
    """SEC-VIS-11."""
    await browser.open("/write")
    await browser.send("/write", text="Secret", **fields(town, clock, days=1))
    (planned,) = await waiting(town, marie)
    paul = await town.citizen("paul")
    async with browsers.browser(town) as other:
        await other.sign_in(paul)
        page = await other.open("/planned")
        form = forms_of(page, header=True)["/sign-out"]
        answer = await other.client.post(f"/planned/{planned.id}", data={**form, "do": "cancel"})
        edit = f"/planned/{planned.id}/edit"
        looked = await other.open(edit)
        edited = await other.client.post(edit, data={**form, "text": "À moi"})

    assert "Secret" not in page.text + looked.text
    assert {each.status_code for each in (answer, looked, edited)} == {404}
    assert (await browser.client.get("/planned/demain/edit")).status_code == 404
    assert await waiting(town, marie) == [planned]


async def test_it_is_planned_as_whom_one_acts_and_remembered_who_did(
    town: Town, browser: Browser, clock: Clock, marie: Account
) -> None:
    lagon = await town.organisation(marie, "lagon")
    await browser.open("/home")
    await browser.send("/acting", account=str(lagon.id))
    await browser.open("/write")

    page = await browser.send("/write", text="Réunion", **fields(town, clock, days=1))

    assert "What Lagon will publish" in page.text
    (planned,) = await waiting(town, lagon)
    assert planned.planned_by == marie.id
    assert await waiting(town, marie) == []


async def test_pictures_of_a_plan_are_kept_until_it_is_published(
    town: Town, browser: Browser, clock: Clock, marie: Account
) -> None:
    form = forms_of(await browser.open("/write"))["/write"]
    await browser.client.post(
        "/write",
        data={**form, "text": "Le lagon", "alt-new-1": "De l'eau", **fields(town, clock, days=3)},
        files={"picture-1": ("lagon.png", pictures.png(), "image/png")},
    )
    (planned,) = await waiting(town, marie)
    clock.pass_by(days=3, minutes=1)
    pool = town.commune.database.pool
    async with town.commune.database.transaction() as tx:
        await media.forget_expired(tx, room=10**9, keep=await queries.media(pool))

    async with town.commune.database.transaction() as tx:
        post = await actions.publish(tx, planned.id)

    assert post is not None
    assert "De l&#39;eau" in (await browser.open(f"/@marie/{post.id}")).text


async def test_only_who_is_signed_in_has_plans(town: Town, browser: Browser) -> None:
    page = await browser.open("/planned")

    assert page.url.path == "/sign-in"
