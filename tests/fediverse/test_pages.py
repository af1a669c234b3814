"""Pages: safe, in the reader's language, with everything they need from here."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
import pytest

from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.quotes import actions as quotes
from fedcommune.domain.reactions import actions as reactions
from tests.fediverse.asking import PAGE, Page, ask, page
from tests.fediverse.conftest import Neighbours
from tests.fediverse.sights import every_page
from tests.support.communes import Town

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)><b onmouseover=a>{{7*7}}</b>"
# How a visitor looks for something; it asks nobody who they are.
SEARCH = {"button", "form", "i", "input", "label"}
SAFE = {
    "a",
    "article",
    "aside",
    "bdi",
    "blockquote",
    "body",
    "br",
    "circle",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "footer",
    "h1",
    "h2",
    "h3",
    "head",
    "header",
    "html",
    "img",
    "li",
    "link",
    "main",
    "meta",
    "nav",
    "ol",
    "p",
    "path",
    "section",
    "small",
    "span",
    "strong",
    "summary",
    "svg",
    "time",
    "title",
    "ul",
}


def names(shown: Page) -> set[str]:
    """Return which elements a page has; what search engines read is data, and no script."""
    data = ("script", {"type": "application/ld+json"})
    return {name for name, attributes in shown.elements if (name, attributes) != data}


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_pages_speak_the_language_that_is_asked_for(
    neighbours: Neighbours, language: str
) -> None:
    here = neighbours.here
    other = {"fr": "Skip to the content", "en": "Aller au contenu"}[language]
    for address in [*await every_page(here), "/nothing"]:
        answer = await ask(here, address, accept=PAGE, headers={"Accept-Language": language})
        shown = Page(answer.text)
        assert shown.all("html") == [{"lang": language}]
        assert answer.headers["content-language"] == language
        assert "Accept-Language" in answer.headers["vary"]
        assert other not in shown.words
        assert shown.title
        assert len(shown.all("h1")) == 1, address
        assert len(shown.all("main")) == 1


async def test_every_page_needs_only_us_and_no_script(neighbours: Neighbours) -> None:
    here = neighbours.here
    for address in await every_page(here):
        shown = await page(here, address)
        assert names(shown) <= SAFE | SEARCH, address
        loaded = [
            *(each["src"] for each in shown.all("img")),
            *(each["href"] for each in shown.all("link") if each["rel"] != "alternate"),
        ]
        assert len(loaded) >= 3
        for each in loaded:
            assert each.startswith("/static/")
            found = await ask(here, each, accept="*/*")
            assert found.status_code == 200
            assert found.headers["cache-control"] == "public, max-age=86400"
        for _, attributes in shown.elements:
            assert not any(name.startswith("on") or name == "style" for name in attributes)
    sheet = (await ask(here, "/static/commune.css")).text
    assert "url(" not in sheet
    assert "@import" not in sheet


async def test_every_link_to_us_leads_somewhere(neighbours: Neighbours) -> None:
    here = neighbours.here
    seen = set()
    for address in await every_page(here):
        shown = await page(here, address)
        ids = {attributes.get("id") for _, attributes in shown.elements}
        for link in shown.all("a"):
            href = link["href"]
            if href.startswith("#"):
                assert href.removeprefix("#") in ids
                continue
            if href.startswith("?"):
                href = urlsplit(address).path + href
            seen.add(href.removeprefix(here.origin))
    for href in seen:
        assert href.startswith("/"), href
        answer = await ask(here, href, accept=PAGE)
        # What is for citizens asks who one is.
        asks_who = answer.headers.get("location", "").startswith("/sign-in")
        # Another language leads back to the page.
        speaks = href.startswith("/language?") and answer.status_code == 303
        assert answer.status_code == 200 or asks_who or speaks, href


async def test_sec_xss_02_what_is_typed_is_only_text(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    garden = await here.project(marie, "jardin")
    post = await here.say(marie, f"{EVIL} #agenda", warning=EVIL)
    pool = here.commune.database.pool
    fields = [{"name": EVIL, "value": EVIL}]
    for account in (marie, garden):
        await pool.execute(
            "update commune.account set name = $2, summary = $2, fields = $3 where id = $1",
            account.id,
            EVIL,
            _json(fields),
        )
    await _attach(here, post, "https://elsewhere.example/a.png", EVIL)
    await pool.execute(
        "update commune.post set title = $2, content = $2 where id = $1", post.id, EVIL
    )
    async with here.commune.database.transaction() as tx:
        await reactions.boost(tx, garden, post)
    for address in (
        "/",
        "/@marie",
        "/@jardin",
        "/actors",
        "/actors?kind=project",
        f"/@marie/{post.id}",
        "/tags/agenda",
        f"/tags/{quote(EVIL.replace('/', ''), safe='')}",
        f"/authorize_interaction?uri={quote('https://x.example/' + EVIL, safe='')}",
    ):
        shown = await page(here, address)
        assert names(shown) <= SAFE | SEARCH | {"b"}, address
        assert all(each["src"].startswith("/static/") for each in shown.all("img"))
        for _, attributes in shown.elements:
            assert not any(name.startswith("on") for name in attributes), address
        assert "49" not in shown.title
        if "interaction" in address or address.startswith(("/@", "/tags/%")):
            assert "<script>alert(1)<" in shown.words


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


async def _attach(town: Town, post: Post, url: str, description: str) -> None:
    await town.commune.database.pool.execute(
        """
        insert into commune.attachment (post_id, position, url, description)
        values ($1, (select count(*) from commune.attachment where post_id = $1), $2, $3)
        """,
        post.id,
        url,
        description,
    )


async def test_sec_xss_01_what_is_stored_is_cleaned_again_when_shown(
    neighbours: Neighbours,
) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    post = await here.say(marie, "Bonjour")
    await here.commune.database.pool.execute(
        "update commune.post set content = $2 where id = $1",
        post.id,
        '<p onclick="a()">Un <a href="javascript:a()">lien</a> <svg><style><img src=x></svg>'
        '<iframe src="https://x.example"></iframe><form action="https://x.example">',
    )
    shown = await page(here, f"/@marie/{post.id}")
    assert names(shown) <= SAFE
    assert "Un lien" in shown.words
    assert not any("javascript" in link.get("href", "") for link in shown.all("a"))


async def test_sec_xss_03_a_stranger_leads_only_to_the_web(neighbours: Neighbours) -> None:
    here, there = neighbours.here, neighbours.there
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    met = await here.meet(jean)
    post = await here.say(marie, "Bonjour")
    await _attach(here, post, "javascript:alert(1)", "rien")
    await _attach(here, post, "https://elsewhere.example/a.png", "une image")
    await here.commune.database.pool.execute(
        "update commune.account set url = 'javascript:alert(1)', name = $2 where id = $1",
        met.id,
        "Jean \u202eneirual",
    )
    async with here.commune.database.transaction() as tx:
        await tx.db.execute(
            "update commune.post set author_id = $2, local = false, url = 'data:,x' where id = $1",
            post.id,
            met.id,
        )
    shown = await page(here, "/")
    hrefs = [link["href"] for link in shown.all("a")]
    assert not any(href.startswith(("javascript:", "data:")) for href in hrefs)
    (attached,) = [link for link in shown.all("a") if "elsewhere.example" in link["href"]]
    assert set(attached["rel"].split()) == {"nofollow", "noopener", "noreferrer", "ugc"}
    # A name that turns the text around turns only itself.
    assert shown.all("bdi")


async def test_sec_xss_07_to_follow_from_here_does_nothing_by_itself(
    neighbours: Neighbours,
) -> None:
    here = neighbours.here
    await here.citizen("marie")
    before = [await here.count(f"commune.{name}") for name in ("follow", "account", "post")]
    for uri in ("https://evil.example/@x", "//evil.example", "acct:x@evil.example", "@x@y.example"):
        answer = await ask(here, f"/authorize_interaction?uri={quote(uri)}", accept=PAGE)
        assert answer.status_code in (200, 400)
        assert "location" not in answer.headers
        shown = Page(answer.text)
        # The way to another language comes back to this page, whatever it was asked for.
        assert not any("evil" in link["href"].partition("?")[0] for link in shown.all("a"))
        assert shown.all("form") == []
    for query in ("", "?uri=", "?uri=javascript:alert(1)", "?uri=%00", "?uri=/../x"):
        answer = await ask(here, f"/authorize_interaction{query}", accept=PAGE)
        assert answer.status_code == 400
        assert "uri" in Page(answer.text).words
    after = [await here.count(f"commune.{name}") for name in ("follow", "account", "post")]
    assert after == before


async def test_what_is_not_there_is_said_kindly_and_briefly(neighbours: Neighbours) -> None:
    here = neighbours.here
    answer = await ask(here, "/nothing", accept=PAGE, headers={"Accept-Language": "fr"})
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
    shown = Page(answer.text)
    assert "Cette page n'existe pas" in shown.words
    machine = await ask(here, "/nothing")
    assert machine.status_code == 404
    assert set(machine.json()) == {"error"}


@pytest.mark.parametrize(
    "before", ["1" + "0" * 30, "-1", "٣", "²", "1e9", "", "%00", "1.5", "' or 1=1", "0", "9" * 18]
)
async def test_sec_par_03_where_to_read_on_may_be_nonsense(
    neighbours: Neighbours, before: str
) -> None:
    here = neighbours.here
    await here.citizen("marie")
    for path in ("/", "/@marie", "/tags/agenda"):
        answer = await ask(here, f"{path}?before={quote(before, safe='%')}", accept=PAGE)
        assert answer.status_code == 200
    answer = await ask(here, f"/actors?kind=project&after={quote(before, safe='%')}", accept=PAGE)
    assert answer.status_code == 200


async def test_older_news_are_behind_a_link(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    for number in range(23):
        await here.say(marie, f"Nouvelle numéro {number}.")
    seen: list[str] = []
    address = "/@marie"
    while address:
        shown = await page(here, address)
        seen += re.findall(r"Nouvelle numéro (\d+)\.", shown.words)
        older = [link["href"] for link in shown.all("a") if link.get("rel") == "next"]
        address = f"/@marie{older[0]}" if older else ""
    assert seen == [str(number) for number in reversed(range(23))]


async def test_the_page_of_a_project_says_how_far_it_is(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    await here.project(marie, "jardin")
    shown = await page(here, "/@jardin")
    (current,) = [each for each in shown.all("li") if each.get("aria-current") == "step"]
    assert current == {"aria-current": "step"}
    assert "Marie" in shown.words


async def test_a_field_of_a_profile_is_shown(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    await here.commune.database.pool.execute(
        "update commune.account set fields = $2 where id = $1",
        marie.id,
        _json([{"name": "Métier", "value": "Luthière"}]),
    )
    shown = await page(here, "/@marie")
    assert "Métier" in shown.words
    assert "Luthière" in shown.words


async def test_what_a_post_quotes_stands_in_a_box_of_its_own(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie, paul = await here.citizen("marie"), await here.citizen("paul")
    async with here.commune.database.transaction() as tx:
        first = await feeds.publish(tx, marie, Draft(text="Le **marché**", quotes="public"))
        second = await feeds.publish(tx, paul, Draft(text="Allez-y", quoted=first.id))

    shown = await ask(here, str(second.url), accept=PAGE)
    box = re.search(
        r'<blockquote class="quoted" cite="([^"]+)">(.*?)</blockquote>', shown.text, re.S
    )
    assert box is not None
    assert box[1] == f"/@marie/{first.id}"
    assert "<strong>marché</strong>" in box[2]

    async with here.commune.database.transaction() as tx:
        await quotes.revoke(tx, marie, first.id, second.id)
    assert "quoted" not in (await ask(here, str(second.url), accept=PAGE)).text
