"""What a post leads to: looked at in the background, once, and shown as words alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.hosts.model import Policy
from fedcommune.text import page
from tests.mastodon import schemas
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.words import STATUSES, said
from tests.support.evil import EvilServer

HOST = "journal.localhost"
PAGE = """<!doctype html><html lang="fr-FR"><head><title>Le volcan</title>
<meta property="og:title" content="La Fournaise &lt;b&gt; s'éveille\u202e">
<meta property="og:description" content="Une coulée&#10;descend.">
<meta property="og:site_name" content="Journal de l'île">
<meta property="og:image" content="http://journal.localhost/picture.jpg">
<meta property="article:published_time" content="2026-09-01T08:00:00+04:00">
<meta name="author" content="Léa">
<script>document.title = "pirate"</script></head><body><title>Non</title></body></html>""".encode()


@pytest.fixture
async def journal() -> AsyncIterator[EvilServer]:
    async with EvilServer() as server:
        yield server


async def look(neighbours: Neighbours) -> None:
    """Let what is due be looked at, a minute and a half later."""
    neighbours.clock.pass_by(seconds=90)
    while await neighbours.here.commune.cards.step():
        pass


async def card_of(app: App, status: Any) -> Any:
    return schemas.status((await app.http.get(f"{STATUSES}/{status['id']}")).json())["card"]


async def test_a_page_is_looked_at_once_for_all_who_name_it_and_never_in_a_request(
    neighbours: Neighbours, marie: App, journal: EvilServer
) -> None:
    journal.says("/volcan", PAGE, content_type="text/html; charset=utf-8")
    url = journal.url(HOST, "/volcan")

    status = await said(marie, f"Lisez {url}")
    assert status["card"] is None
    assert journal.asked == []
    other = await said(marie, f"Et encore {url} !")
    await look(neighbours)

    card = await card_of(marie, status)
    assert {name: card[name] for name in ("url", "title", "description", "type")} == {
        "url": url,
        "title": "La Fournaise <b> s'éveille",
        "description": "Une coulée descend.",
        "type": "link",
    }
    assert (card["provider_name"], card["author_name"]) == ("Journal de l'île", "Léa")
    assert (card["image"], card["html"], card["language"]) == (None, "", "fr")
    assert card["published_at"] == "2026-09-01T04:00:00.000Z"
    assert await card_of(marie, other) == card
    assert journal.targets() == ["/volcan"]
    assert journal.asked[0].header("signature") is None
    trends = (await marie.http.get("/api/v1/trends/links")).json()
    assert [each["title"] for each in trends] == [card["title"]]


async def test_it_is_looked_at_again_sparingly(
    neighbours: Neighbours, marie: App, journal: EvilServer
) -> None:
    journal.says("/a", b"<title>Un</title>", content_type="text/html")
    url = journal.url(HOST, "/a")
    first = await said(marie, f"Lisez {url}")
    await look(neighbours)
    journal.says("/a", b"<title>Deux</title>", content_type="text/html")

    await said(marie, f"Relisez {url}")
    await look(neighbours)
    assert (await card_of(marie, first))["title"] == "Un"
    neighbours.clock.pass_by(days=15)
    await look(neighbours)
    assert len(journal.asked) == 1
    await said(marie, f"Relisez encore {url}")
    await look(neighbours)

    assert (await card_of(marie, first))["title"] == "Deux"
    assert len(journal.asked) == 2


async def test_more_is_asked_by_oembed_and_nothing_of_it_is_embedded(
    neighbours: Neighbours, marie: App, journal: EvilServer
) -> None:
    head = b'<title>Film</title><link type="application/json+oembed" href="/oembed?url=film">'
    journal.says("/film", head, content_type="text/html")
    journal.says(
        "/oembed?url=film",
        {"type": "video", "author_name": "Zoé", "provider_name": "Ciné", "html": "<iframe>"},
        content_type="application/json",
    )
    status = await said(marie, journal.url(HOST, "/film"))
    await look(neighbours)

    card = await card_of(marie, status)
    assert (card["title"], card["author_name"], card["provider_name"]) == ("Film", "Zoé", "Ciné")
    assert (card["type"], card["html"], card["embed_url"]) == ("link", "", "")


async def test_sec_net_11_nobody_is_asked_for_what_is_private_or_ours(
    neighbours: Neighbours, marie: App, journal: EvilServer
) -> None:
    paul = await neighbours.app("paul")
    url = journal.url(HOST, "/secret")
    journal.says("/secret", PAGE, content_type="text/html")

    for visibility in ("private", "direct"):
        await said(marie, f"@paul {url}", visibility=visibility)
    mine = await said(paul, "Bonjour")
    await said(marie, f"@paul #mot {mine['url']}")
    await look(neighbours)

    assert journal.asked == []
    assert await neighbours.here.count("commune.card") == 0


async def test_sec_mod_01_a_refused_server_is_not_asked(
    neighbours: Neighbours, marie: App, journal: EvilServer
) -> None:
    journal.says("/a", PAGE, content_type="text/html")
    async with neighbours.here.commune.database.transaction() as tx:
        await hosts.set_policy(tx.db, HOST, Policy.BLOCKED, reason="", now=tx.now)
    await neighbours.here.commune.reload_policies()

    status = await said(marie, journal.url(HOST, "/a"))
    await look(neighbours)

    assert journal.asked == []
    assert await card_of(marie, status) is None


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<p>Rien</p>", "text/html"),
        (b"<title>x</title>", "application/pdf"),
        (b"<title>x</title>" + b" " * (2 * 1024 * 1024), "text/html"),
        (b"<html><head><!--" + b"<title>" * 10_000, "text/html"),
    ],
    ids=["no title", "no page", "too long", "nonsense"],
)
async def test_sec_dos_05_what_is_no_page_with_a_title_gives_no_card(
    neighbours: Neighbours, marie: App, journal: EvilServer, body: bytes, content_type: str
) -> None:
    journal.says("/a", body, content_type=content_type)
    status = await said(marie, journal.url(HOST, "/a"))
    await look(neighbours)

    assert await card_of(marie, status) is None
    neighbours.clock.pass_by(days=1)
    await look(neighbours)
    assert len(journal.asked) == 1


async def test_a_server_that_does_not_answer_is_left_alone_after_a_few_times(
    neighbours: Neighbours, marie: App, journal: EvilServer
) -> None:
    journal.says("/a", status=503)
    await said(marie, journal.url(HOST, "/a"))

    for _ in range(6):
        await look(neighbours)
        neighbours.clock.pass_by(hours=5)

    assert len(journal.asked) == 3
    assert await neighbours.here.count("commune.card where due_at is not null") == 0


async def test_two_processes_never_look_at_the_same(
    neighbours: Neighbours, marie: App, journal: EvilServer
) -> None:
    journal.says("/a", PAGE, content_type="text/html")
    await said(marie, journal.url(HOST, "/a"))
    neighbours.clock.pass_by(seconds=90)

    await asyncio.gather(*(neighbours.here.commune.cards.step() for _ in range(4)))

    assert len(journal.asked) == 1


@pytest.mark.parametrize(
    ("body", "charset", "title"),
    [
        (b"<title>\xe9t\xe9</title>", "iso-8859-1", "été"),
        (b'<meta charset="windows-1252"><title>\xe9t\xe9</title>', "", "été"),
        ("<title>été</title>".encode(), "", "été"),
        ("<title>été</title>".encode(), "rot13", "été"),
        (b"<title>a</title><title>b</title>", "", "a"),
        (b"<title>a\n  b\x00</title>", "", "a b"),
        (b"<svg><title>x</title></svg>", "", "x"),
        (b"<title>" + b"a" * 1_000_000, "", "a" * 299 + "…"),
        (b"<" * 300_000, "", ""),
    ],
)
def test_a_title_is_one_line_of_text_whatever_the_page(
    body: bytes, charset: str, title: str
) -> None:
    assert page.read(body, url="https://a.example/", charset=charset).title == title
