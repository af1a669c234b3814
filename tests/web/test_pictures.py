"""Pictures on the pages, without scripts: looked at, changed, hidden, on their own host."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from fedcommune.domain.emojis import actions as emojis
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.media import actions as media
from fedcommune.domain.media.model import Words
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.settings import StorageSection
from tests.support import browsers, communes, pictures
from tests.support.browsers import Browser, forms_of
from tests.support.communes import Clock, Town

FILES = "commune.file"


async def illustrated(
    town: Town, username: str = "marie", *, sensitive: bool = False, warning: str = ""
) -> Post:
    """Let a new citizen publish a picture."""
    author = await town.citizen(username)
    made = await town.commune.workshop.attachment(pictures.png())
    async with town.commune.database.transaction() as tx:
        kept = await media.keep(tx, author.id, made, Words('Le "lagon" <calme>'))
        draft = Draft("Regardez", media=(kept.id,), sensitive=sensitive, summary=warning)
        return await feeds.publish(tx, author, draft)


def sources(page: httpx.Response) -> list[str]:
    main = page.text.partition("<main")[2]
    return re.findall(r'<img[^>]* src="([^"]*)"', main)


async def test_a_post_shows_its_picture_with_its_description(town: Town, browser: Browser) -> None:
    post = await illustrated(town)

    page = await browser.open(f"/@marie/{post.id}")

    assert 'alt="Le &#34;lagon&#34; &lt;calme&gt;"' in page.text
    (shown,) = [each for each in sources(page) if "/media/" in each]
    answer = await browser.client.get(httpx.URL(shown).path)
    assert answer.headers["content-type"] == "image/png"
    assert "img-src 'self'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("warning", ["", "Attention"])
async def test_what_is_sensitive_is_hidden_until_it_is_asked_for(
    town: Town, browser: Browser, warning: str
) -> None:
    await illustrated(town, sensitive=True, warning=warning)

    page = await browser.open("/")

    hidden = re.search(r"<details><summary>.*?</details>", page.text, re.DOTALL)
    assert hidden is not None
    assert "<figure>" in hidden[0]
    assert page.text.count("<figure>") == 1


async def test_w_doc_07_a_picture_stands_for_a_word_in_the_text_and_nowhere_in_a_tag(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    file = await town.commune.workshop.sized(pictures.png((64, 64)), "emoji")
    async with town.commune.database.transaction() as tx:
        await emojis.add(tx, "gecko", file)
    post = await town.say(marie, "Un :gecko: sur https://example.org/:gecko:/x et :autre:")

    page = await browser.open(f"/@marie/{post.id}")

    assert page.text.count('<img class="emoji"') >= 1
    assert 'alt=":gecko:"' in page.text
    assert 'href="https://example.org/:gecko:/x"' in page.text
    assert ":autre:" in page.text


async def test_a_face_and_a_banner_are_sent_from_a_form(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)
    page = await browser.open("/settings/pictures")
    fields = forms_of(page)["/settings/pictures"]

    sent = await browser.client.post(
        "/settings/pictures",
        data=fields,
        files={
            "avatar": ("me.jpg", pictures.from_a_telephone(), "image/jpeg"),
            "header": ("", b"", "application/octet-stream"),
        },
    )

    assert sent.status_code in (200, 303)
    profile = await browser.open("/@marie")
    (face,) = [each for each in sources(profile) if "/media/" in each]
    assert pictures.opened((await browser.client.get(httpx.URL(face).path)).content).size == (
        400,
        400,
    )
    page = await browser.open("/settings/pictures")
    await browser.client.post(
        "/settings/pictures",
        data={**forms_of(page)["/settings/pictures"], "without_avatar": "1"},
        files={"header": ("", b"", "application/octet-stream")},
    )
    assert await town.count(FILES) == 0


async def test_sec_aut_08_a_picture_from_another_site_is_refused(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)
    page = await browser.open("/settings/pictures")
    fields = forms_of(page)["/settings/pictures"]
    files = {"avatar": ("me.png", pictures.png(), "image/png")}

    wrong = await browser.client.post(
        "/settings/pictures", data={**fields, "csrf": "0" * 64}, files=files
    )
    origin = await browser.client.post(
        "/settings/pictures",
        data=fields,
        files=files,
        headers={"Origin": "https://evil.example"},
    )

    assert {wrong.status_code, origin.status_code} == {403}
    assert await town.count(FILES) == 0


async def test_sec_vis_11_nobody_changes_the_face_of_another(town: Town, browser: Browser) -> None:
    marie, jean = await town.citizen("marie"), await town.citizen("jean")
    garden = await town.organisation(jean, "jardiniers")
    await browser.sign_in(marie)
    page = await browser.open("/settings/pictures")
    fields = forms_of(page)["/settings/pictures"]

    for other in (jean, garden):
        answer = await browser.client.post(
            "/settings/pictures",
            data={**fields, "account": str(other.id)},
            files={"avatar": ("me.png", pictures.png(), "image/png")},
        )
        assert answer.status_code == 404
        assert (await browser.open(f"/settings/pictures?account={other.id}")).status_code == 404

    assert await town.count(FILES) == 0


async def test_what_is_no_picture_is_said_beside_the_form(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    garden = await town.organisation(marie, "jardiniers")
    await browser.sign_in(marie)
    page = await browser.open(f"/settings/pictures?account={garden.id}")
    fields = forms_of(page)["/settings/pictures"]

    answer = await browser.client.post(
        "/settings/pictures",
        data=fields,
        files={"avatar": ("me.png", b"<svg/>", "image/png")},
        headers={"Accept-Language": "fr"},
    )

    assert answer.status_code == 422
    assert "pas une image que nous savons lire" in answer.text
    assert await town.count(FILES) == 0


@pytest.fixture
async def apart(database_url: str, clock: Clock) -> AsyncIterator[Town]:
    """Saint-Leu, whose files are on a host of their own."""
    storage = StorageSection(media_host="media.localhost:9999")
    async with communes.town("saint-leu", database_url, clock, storage=storage) as running:
        yield running


async def test_w_ori_06_on_their_own_host_there_are_files_and_nothing_else(apart: Town) -> None:
    post = await illustrated(apart)
    async with browsers.browser(apart) as browser:
        page = await browser.open(f"/@marie/{post.id}")
        (shown,) = [each for each in sources(page) if "/media/" in each]
        path = httpx.URL(shown).path
        as2 = {"Accept": "application/activity+json"}
        media_host = {"Host": "media.localhost:9999"}

        there = await browser.client.get(path, headers=media_host | as2)
        sent_on = await browser.client.get(path, follow_redirects=False)
        elsewhere = [
            await browser.client.get(each, headers=media_host | as2)
            for each in (
                "/",
                "/actor",
                "/@marie",
                httpx.URL(post.object_id).path,
                "/api/v1/instance",
            )
        ]

    assert shown.startswith("http://media.localhost:9999/media/")
    assert "img-src 'self' http://media.localhost:9999" in page.headers["content-security-policy"]
    assert there.headers["content-type"] == "image/png"
    assert sent_on.status_code == 308
    assert sent_on.headers["location"] == shown
    assert {each.status_code for each in elsewhere} == {404}
