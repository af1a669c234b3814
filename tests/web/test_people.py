"""Follow, be told, write to few, search and present oneself, by forms, without scripts."""

from __future__ import annotations

import pytest

from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account, Changes
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.visibility import Visibility
from tests.support import browsers, pictures
from tests.support.browsers import Browser, forms_of
from tests.support.communes import Town

FOLLOWS = "commune.follow"


async def whisper(town: Town, author: Account, *to: Account) -> Post:
    async with town.commune.database.transaction() as tx:
        names = " ".join(f"@{each.username}" for each in to)
        draft = Draft(f"Entre nous {names}", Visibility.DIRECT, mentioned=to)
        return await feeds.publish(tx, author, draft)


async def lock(town: Town, account: Account) -> None:
    async with town.commune.database.transaction() as tx:
        await accounts.edit(tx, account, Changes(locked=True))


async def test_one_follows_and_reads_in_ones_own_feed_and_stops(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    await town.say(marie, "Bonjour du marché")
    await browser.sign_in(paul)
    assert "Bonjour du marché" not in (await browser.open("/home")).text
    await browser.open("/@marie")

    await browser.send(f"/people/{marie.id}/do", verb="follow")

    assert browser.page.url.path == "/@marie"
    assert "You follow" in browser.page.text
    assert "Bonjour du marché" in (await browser.open("/home")).text
    await browser.open("/@marie")
    await browser.send(f"/people/{marie.id}/do", verb="unfollow")
    assert await town.count(FOLLOWS) == 0


async def test_whoever_agrees_to_followers_is_asked_and_agrees_or_refuses(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    luc = await town.citizen("luc")
    await lock(town, marie)
    for each in (paul, luc):
        await browser.sign_in(each)
        await browser.open("/@marie")
        await browser.send(f"/people/{marie.id}/do", verb="follow")
        assert "You asked" in browser.page.text
    await browser.sign_in(marie)
    page = await browser.open("/notifications")
    assert "They ask to follow you" in page.text
    assert 'class="unread">2<' in page.text

    await browser.send(f"/people/{paul.id}/do", verb="approve")
    await browser.send(f"/people/{luc.id}/do", verb="refuse")

    states = await town.commune.database.pool.fetch("select state from commune.follow")
    assert [row["state"] for row in states] == ["accepted"]
    assert "They ask to follow you" not in browser.page.text


async def test_block_and_silence_hide_and_can_be_taken_back(town: Town, browser: Browser) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    await town.say(marie, "Bonjour du marché")
    await browser.sign_in(paul)
    for verb, back, table in (
        ("mute", "unmute", "commune.mute"),
        ("block", "unblock", "commune.block"),
    ):
        await browser.open("/@marie")
        await browser.send(f"/people/{marie.id}/do", verb=verb)
        assert await town.count(table) == 1
        assert "Bonjour du marché" not in (await browser.open("/")).text
        await browser.open("/@marie")
        await browser.send(f"/people/{marie.id}/do", verb=back)
        assert await town.count(table) == 0
        assert "Bonjour du marché" in (await browser.open("/")).text


async def test_one_reports_somebody_or_a_post_of_theirs(town: Town, browser: Browser) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    said = await town.say(marie, "Achetez !")
    other = await town.say(paul, "Non")
    await browser.sign_in(paul)
    path = f"/people/{marie.id}/report"
    assert (await browser.open(f"{path}?post={other.id}")).status_code == 404
    await browser.open(f"{path}?post={said.id}")

    assert (await browser.send(path)).status_code == 422
    assert await town.count("commune.report") == 0
    await browser.send(path, category="spam", comment="Encore")

    row = await town.commune.database.pool.fetchrow(
        "select reporter_id, account_id, category, post_ids, content from commune.report"
    )
    assert row is not None
    assert tuple(row) == (paul.id, marie.id, "spam", [said.id], "Encore")


async def test_notifications_are_counted_shown_and_marked_as_read(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    said = await town.say(marie, "Bonjour")
    await town.say(paul, "Salut", to=said)
    await browser.sign_in(marie)
    assert 'class="unread">1<' in (await browser.open("/")).text

    page = await browser.open("/notifications")
    assert "answered you" in page.text
    assert "Salut" in page.text
    await browser.send("/notifications/read")

    assert 'class="unread"' not in browser.page.text
    assert forms_of(browser.page) == {}


async def test_nobody_marks_what_another_was_told(town: Town, browser: Browser) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    said = await town.say(marie, "Bonjour")
    await town.say(paul, "Salut", to=said)
    told = await town.commune.database.pool.fetchval("select max(id) from commune.notification")
    await browser.sign_in(paul)
    form = forms_of(await browser.open("/write"))["/write"]

    await browser.client.post("/notifications/read", data={**form, "up_to": str(told)})

    assert await town.count("commune.marker") == 0
    assert 'class="unread">1<' not in (await browser.open("/")).text


async def test_an_answer_among_few_goes_to_the_same_people_and_to_nobody_else(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    await town.citizen("luc")
    said = await whisper(town, paul, marie)
    await browser.sign_in(marie)
    page = await browser.open("/messages")
    assert 'class="unread">1<' in page.text
    assert f'href="/messages/{said.id}"' in page.text
    await browser.open(f"/messages/{said.id}")

    assert (await browser.send(f"/messages/{said.id}", text=" ")).status_code == 422
    await browser.send(f"/messages/{said.id}", text="Oui, mais pas à @luc")

    assert browser.page.url.path == f"/messages/{said.id}"
    row = await town.commune.database.pool.fetchrow(
        """
        select post.visibility, array_agg(mention.account_id) as people
        from commune.post
        join commune.mention on mention.post_id = post.id
        where post.author_id = $1
        group by post.id
        """,
        marie.id,
    )
    assert row is not None
    assert (row["visibility"], row["people"]) == ("direct", [paul.id])
    assert 'class="unread"' not in (await browser.open("/messages")).text


async def test_a_picture_with_its_words_is_shown_among_few(town: Town, browser: Browser) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    said = await whisper(town, paul, marie)
    await browser.sign_in(marie)
    address = f"/messages/{said.id}"
    form = forms_of(await browser.open(address))[address]
    before = await town.count("commune.post")

    again = await browser.client.post(
        address,
        data={**form, "text": "x" * 5_001, "alt-new-1": "Le lagon"},
        files={"picture-1": ("lagon.png", pictures.png(), "image/png")},
    )
    assert again.status_code == 422
    assert await town.count("commune.post") == before
    form = forms_of(again)[address]
    assert form[f"alt-{form['media']}"] == "Le lagon"
    page = await browser.client.post(address, data={**form, "text": ""})

    assert page.url.path == address
    assert 'alt="Le lagon"' in page.text
    async with browsers.browser(town) as other:
        await other.sign_in(paul)
        assert 'alt="Le lagon"' in (await other.open(address)).text
    async with browsers.browser(town) as other:
        await other.sign_in(await town.citizen("luc"))
        assert (await other.open(address)).status_code == 404


async def test_no_picture_is_sent_that_is_none(town: Town, browser: Browser) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    said = await whisper(town, paul, marie)
    await browser.sign_in(marie)
    address = f"/messages/{said.id}"
    form = forms_of(await browser.open(address))[address]
    before = await town.count("commune.post")

    answer = await browser.client.post(
        address,
        data={**form, "text": "Regarde"},
        files={"picture-1": ("lagon.png", b"nothing", "image/png")},
    )

    assert answer.status_code == 422
    assert "Regarde" in answer.text
    assert await town.count("commune.post") == before
    assert await town.count("commune.media") == 0


async def test_sec_vis_11_a_conversation_of_others_is_not_there(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    said = await whisper(town, paul, marie)
    await browser.sign_in(await town.citizen("luc"))
    form = forms_of(await browser.open("/write"))["/write"]

    assert (await browser.open(f"/messages/{said.id}")).status_code == 404
    sent = await browser.client.post(f"/messages/{said.id}", data={**form, "text": "Ah ?"})

    assert sent.status_code == 404
    assert await town.count("commune.post") == 1


async def test_one_writes_to_a_person_from_their_page(town: Town, browser: Browser) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    await browser.sign_in(paul)
    page = await browser.open(f"/write?to={marie.id}")
    assert ">@marie </textarea>" in page.text
    assert '<option value="direct" selected>' in page.text

    await browser.send("/write", text="@marie Tu viens ?", visibility="direct")

    await browser.sign_in(marie)
    assert "Tu viens ?" in (await browser.open("/messages")).text


async def test_a_search_finds_people_posts_and_tags(town: Town, browser: Browser) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    async with town.commune.database.transaction() as tx:
        await accounts.edit(tx, marie, Changes(indexable=True))
    await town.say(marie, "Le marché de la Pointe #marche")
    await browser.sign_in(paul)

    assert 'href="/@marie"' in (await browser.open("/find?q=mari")).text
    assert "Le marché de la Pointe" in (await browser.open("/find?q=Pointe")).text
    assert 'href="/tags/marche"' in (await browser.open("/find?q=%23marc")).text
    assert "Nothing was found" in (await browser.open("/find?q=@a@nowhere.example")).text


async def test_one_presents_oneself_and_stands_in_the_directory_only_when_asked_for(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)
    page = await browser.open("/settings/profile")
    assert 'name="listed" value="on" aria-describedby="hint-listed">' in page.text
    assert await town.count("commune.listing where subject = 'account' and kind = 'citizen'") == 0

    await browser.send(
        "/settings/profile",
        **{
            "name": "Marie Hoarau",
            "summary": "Je **jardine**",
            "field-1": "Site",
            "value-1": "https://marie.example",
            "locked": "on",
            "listed": "on",
        },
    )

    assert browser.page.url.path == "/@marie"
    assert "<strong>jardine</strong>" in browser.page.text
    kept = await account_queries.by_id(town.commune.database.pool, marie.id)
    assert kept is not None
    assert (kept.name, kept.locked, kept.details.listed) == ("Marie Hoarau", True, True)
    assert 'href="https://marie.example"' in kept.fields[0].value
    assert await town.count("commune.listing where subject = 'account' and kind = 'citizen'") == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "x" * 101},
        {"summary": "x" * 5_001},
        {"field-1": "", "value-1": "sans nom"},
        {"field-1": "x" * 256},
    ],
)
async def test_a_profile_that_needs_a_correction_stays_as_it_was(
    town: Town, browser: Browser, fields: dict[str, str]
) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)
    await browser.open("/settings/profile")

    assert (await browser.send("/settings/profile", **fields)).status_code == 422

    kept = await account_queries.by_id(town.commune.database.pool, marie.id)
    assert kept is not None
    assert (kept.name, kept.summary, kept.fields) == (marie.name, marie.summary, marie.fields)


async def test_the_front_page_stays_light(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    for number in range(25):
        await town.say(marie, f"Nouvelle {number} : " + "le lagon est calme " * 20)
    await browser.sign_in(marie)

    page = await browser.open("/")
    sheet = await browser.open("/static/commune.css")

    assert len(page.content) + len(sheet.content) < 150_000
    assert page.headers["cache-control"] == "no-store"
