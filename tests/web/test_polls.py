"""Polls on pages: bars for everybody, a form without scripts for who is signed in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.polls import actions as polls
from fedcommune.domain.posts.choices import Asked
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.visibility import Visibility
from tests.support.browsers import Browser, forms_of
from tests.support.communes import Clock, Town


async def ask(
    town: Town,
    author: Account,
    *,
    multiple: bool = False,
    visibility: Visibility = Visibility.PUBLIC,
    options: tuple[str, ...] = ("Samedi", "Dimanche"),
) -> Post:
    asked = Asked(options, timedelta(days=1), multiple)
    async with town.commune.database.transaction() as tx:
        return await feeds.publish(tx, author, Draft("Quand ?", visibility, poll=asked))


async def vote(town: Town, voter: Account, post: Post, *choices: int) -> None:
    async with town.commune.database.transaction() as tx:
        await polls.vote(tx, voter, post.id, choices)


async def test_a_visitor_sees_how_it_stands_and_is_led_to_sign_in(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    post = await ask(town, marie, options=("Samedi", "<b>Dimanche</b>"))
    await vote(town, paul, post, 1)

    page = await browser.open(f"/@marie/{post.id}")

    assert "&lt;b&gt;Dimanche&lt;/b&gt;" in page.text
    assert '<progress max="100" value="100"' in page.text
    assert "1 person voted" in page.text
    assert f'href="/sign-in?return_to=/%40marie/{post.id}"' in page.text
    assert forms_of(page) == {}
    assert '<progress max="100" value="100"' in (await browser.open("/")).text


async def test_who_is_signed_in_votes_without_scripts_once(town: Town, browser: Browser) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    post = await ask(town, marie)
    await browser.sign_in(paul)
    page = await browser.open(f"/@marie/{post.id}")
    assert page.headers["cache-control"] == "no-store"

    sent = await browser.send(f"/polls/{post.id}/vote", choice="1")

    assert (sent.status_code, sent.url.path) == (200, f"/@marie/{post.id}")
    assert sent.history[0].status_code == 303
    after = await browser.open(f"/@marie/{post.id}")
    assert f"/polls/{post.id}/vote" not in forms_of(after)
    assert "your choice" in after.text
    assert '<progress max="100" value="100"' in after.text


async def test_several_choices_are_ticked(town: Town, browser: Browser) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    post = await ask(town, marie, multiple=True)
    await browser.sign_in(paul)
    await browser.open(f"/@marie/{post.id}")

    await browser.send(f"/polls/{post.id}/vote", **{"choice-0": "on", "choice-1": "on"})

    assert await town.count("commune.vote") == 2


async def test_what_needs_a_correction_is_said_beside_the_form_and_nothing_is_counted(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    post = await ask(town, marie)
    await browser.sign_in(paul)
    await browser.open(f"/@marie/{post.id}")

    for fields in ({}, {"choice": "9"}, {"choice": "x"}):
        answer = await browser.send(f"/polls/{post.id}/vote", **fields)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    assert await town.count("commune.vote") == 0
    await browser.send(f"/polls/{post.id}/vote", choice="0")
    assert await town.count("commune.vote") == 1


async def test_who_asked_and_whoever_is_late_is_shown_no_form(
    town: Town, browser: Browser, clock: Clock
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    post = await ask(town, marie)
    await browser.sign_in(marie)
    assert f"/polls/{post.id}/vote" not in forms_of(await browser.open(f"/@marie/{post.id}"))
    await browser.sign_in(paul)
    await browser.open(f"/@marie/{post.id}")
    clock.pass_by(days=1)

    late = await browser.send(f"/polls/{post.id}/vote", choice="0")

    assert late.status_code == 422
    assert f"/polls/{post.id}/vote" not in forms_of(late)
    assert "The poll has already ended." in late.text
    assert await town.count("commune.vote") == 0


@pytest.mark.parametrize("why", ["no token", "another site", "nobody", "not for everybody"])
async def test_sec_aut_08_no_vote_comes_from_elsewhere(
    town: Town, browser: Browser, why: str
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    post = await ask(town, marie)
    hidden = await ask(town, marie, visibility=Visibility.FOLLOWERS)
    if why != "nobody":
        await browser.sign_in(paul)
    page = await browser.open(f"/@marie/{post.id}")
    fields = {**forms_of(page).get(f"/polls/{post.id}/vote", {}), "choice": "0"}
    headers = {}
    target = post
    if why == "no token":
        fields.pop("csrf")
    elif why == "another site":
        headers["Origin"] = "https://evil.example"
    elif why == "not for everybody":
        target = hidden

    answer = await browser.client.post(f"/polls/{target.id}/vote", data=fields, headers=headers)

    assert answer.status_code == (404 if why == "not for everybody" else 403)
    assert await town.count("commune.vote") == 0
