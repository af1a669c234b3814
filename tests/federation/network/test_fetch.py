"""A document is believed only when its own server says it at its own address."""

from __future__ import annotations

import pytest

from federation.errors import GoneError, RefusedError
from federation.keys import Signer
from federation.names import AS2 as AS2_CONTEXT
from federation.names import LD_JSON_AS2
from federation.network import Client, fetch
from tests.federation.network.conftest import MakeClient
from tests.support.evil import EvilServer

CONTEXT = {"@context": AS2_CONTEXT}


def note(evil: EvilServer, path: str = "/notes/1", host: str = "a.example") -> dict[str, object]:
    return {
        **CONTEXT,
        "id": evil.url(host, path),
        "type": "Note",
        "attributedTo": evil.url(host, "/users/a"),
        "content": "Hello",
    }


async def test_w_ori_02_a_document_at_its_own_address_is_believed(
    client: Client, evil: EvilServer, signer: Signer
) -> None:
    evil.says("/notes/1", note(evil))

    found = await fetch.document(client, evil.url("a.example", "/notes/1"), signer=signer)

    assert found == note(evil)
    assert len(evil.asked) == 1
    assert evil.asked[0].header("signature")


async def test_w_key_01_a_fragment_leads_to_the_document_that_holds_it(
    client: Client, evil: EvilServer
) -> None:
    evil.says("/notes/1", note(evil))

    found = await fetch.document(client, evil.url("a.example", "/notes/1#main-key"), signer=None)

    assert found["id"] == evil.url("a.example", "/notes/1")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/activity+json",
        "Application/Activity+JSON; charset=utf-8",
        LD_JSON_AS2,
        f'application/ld+json;charset=utf-8;profile="https://other.example/ {AS2_CONTEXT}"',
    ],
)
async def test_sec_net_09_both_media_types_of_activitystreams_are_read(
    client: Client, evil: EvilServer, content_type: str
) -> None:
    evil.says("/notes/1", note(evil), content_type=content_type)

    assert await fetch.document(client, evil.url("a.example", "/notes/1"), signer=None)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/html",
        "application/json",
        "application/ld+json",
        'application/ld+json; profile="https://other.example/"',
        f'application/ld+json; charset="profile={AS2_CONTEXT}"',
        f"application/ld+json; x=1, profile={AS2_CONTEXT}",
        "text/plain; application/activity+json",
        "application/activity+json, text/html",
        "application/activity+jsonx",
        "image/png",
    ],
)
async def test_sec_net_09_any_other_media_type_is_refused(
    client: Client, evil: EvilServer, content_type: str | None
) -> None:
    evil.says("/notes/1", note(evil), content_type=content_type)

    with pytest.raises(RefusedError):
        await fetch.document(client, evil.url("a.example", "/notes/1"), signer=None)


async def test_sec_ori_01_a_document_about_another_server_is_asked_there_once(
    client: Client, evil: EvilServer
) -> None:
    evil.says("/notes/1", {**note(evil, host="b.example"), "content": "forged"}, host="a.example")
    evil.says("/notes/1", note(evil, host="b.example"), host="b.example")

    found = await fetch.document(client, evil.url("a.example", "/notes/1"), signer=None)

    assert found == note(evil, host="b.example")
    assert [asked.host for asked in evil.asked] == ["a.example", "b.example"]


async def test_sec_ori_01_a_document_its_server_does_not_confirm_is_refused(
    client: Client, evil: EvilServer
) -> None:
    evil.says("/notes/1", note(evil, host="b.example"), host="a.example")
    evil.says("/notes/1", note(evil, "/notes/2", host="b.example"), host="b.example")

    with pytest.raises(RefusedError, match="own address"):
        await fetch.document(client, evil.url("a.example", "/notes/1"), signer=None)
    assert len(evil.asked) == 2

    evil.says("/x", note(evil, "/nowhere", host="b.example"))
    with pytest.raises(RefusedError) as caught:
        await fetch.document(client, evil.url("a.example", "/x"), signer=None)
    assert caught.value.status_code == 404


async def test_sec_ori_01_a_redirect_to_another_server_makes_it_the_other_ones_document(
    client: Client, evil: EvilServer, signer: Signer
) -> None:
    evil.redirects("/notes/1", evil.url("b.example", "/notes/9"))
    evil.says("/notes/9", note(evil, "/notes/9", host="b.example"), host="b.example")

    found = await fetch.document(client, evil.url("a.example", "/notes/1"), signer=signer)

    # Asked again at its own address, signed for it: nothing of what was said on the way counts.
    assert found["id"] == evil.url("b.example", "/notes/9")
    assert [asked.host for asked in evil.asked] == ["a.example", "b.example", "b.example"]


async def test_sec_ori_01_a_redirect_does_not_lend_the_first_servers_name(
    client: Client, evil: EvilServer
) -> None:
    evil.redirects("/go", evil.url("b.example", "/notes/1"))
    evil.says("/notes/1", note(evil, "/notes/1", host="a.example"), host="b.example")

    with pytest.raises(RefusedError):
        await fetch.document(client, evil.url("a.example", "/go"), signer=None)

    # The victim was asked itself, and knows nothing of that note.
    assert [asked.host for asked in evil.asked] == ["a.example", "b.example", "a.example"]


@pytest.mark.parametrize(
    "spelling",
    [
        "http://A.example:{port}/notes/1",
        "http://a.example.:{port}/notes/1",
        "HTTP://a.example:{port}/notes/1",
        "http://a.example:{port}/notes/1#",
        "http://a.example:{port}/notes/1#fragment",
        "http://a.example:{port}/NOTES/1",
        "http://a.example:{port}/notes/1?",
        "http://a.example:{port}/notes/1/",
        "http://a.example:{port}/x/../notes/1",
        "http://user@a.example:{port}/notes/1",
    ],
)
async def test_sec_ori_01_a_second_spelling_of_an_id_is_refused(
    client: Client, evil: EvilServer, spelling: str
) -> None:
    evil.says("/notes/1", {**note(evil), "id": spelling.format(port=evil.port)})

    with pytest.raises(RefusedError):
        await fetch.document(client, evil.url("a.example", "/notes/1"), signer=None)


async def test_sec_ori_01_a_slash_too_many_is_another_address(
    client: Client, evil: EvilServer
) -> None:
    evil.says("/notes/1/", note(evil))

    with pytest.raises(RefusedError):
        await fetch.document(client, evil.url("a.example", "/notes/1/"), signer=None)

    assert evil.targets() == ["/notes/1/", "/notes/1"]


@pytest.mark.parametrize(
    "identifier", [None, 1, "", {}, [], ["http://a.example/notes/1"], {"id": "x"}, "\u0000", "x"]
)
async def test_sec_ori_02_an_id_is_one_address(
    client: Client, evil: EvilServer, identifier: object
) -> None:
    evil.says("/notes/1", {**note(evil), "id": identifier})

    with pytest.raises(RefusedError):
        await fetch.document(client, evil.url("a.example", "/notes/1"), signer=None)


async def test_w_ori_04_a_document_without_id_is_refused(client: Client, evil: EvilServer) -> None:
    evil.says("/notes/1", {**CONTEXT, "type": "Note"})

    with pytest.raises(RefusedError):
        await fetch.document(client, evil.url("a.example", "/notes/1"), signer=None)


@pytest.mark.parametrize("name", ["attributedTo", "actor"])
@pytest.mark.parametrize(
    "wrap", [lambda x: x, lambda x: [x], lambda x: {"id": x, "type": "Person"}]
)
async def test_w_ori_02_an_owner_on_another_server_is_refused(
    client: Client, evil: EvilServer, name: str, wrap: object
) -> None:
    assert callable(wrap)
    evil.says("/notes/1", {**note(evil), name: wrap(evil.url("b.example", "/users/b"))})

    with pytest.raises(RefusedError):
        await fetch.document(client, evil.url("a.example", "/notes/1"), signer=None)


async def test_w_ori_05_a_document_of_two_classes_is_refused(
    client: Client, evil: EvilServer
) -> None:
    box = evil.url("a.example", "/box")
    evil.says("/notes/1", {**note(evil), "inbox": box, "outbox": box, "orderedItems": []})

    with pytest.raises(RefusedError):
        await fetch.document(client, evil.url("a.example", "/notes/1"), signer=None)


async def test_w_doc_11_a_document_in_another_vocabulary_is_refused(
    client: Client, evil: EvilServer
) -> None:
    evil.says("/notes/1", {**note(evil), "@context": "https://schema.org"})

    with pytest.raises(RefusedError, match="ActivityStreams"):
        await fetch.document(client, evil.url("a.example", "/notes/1"), signer=None)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a":1,"a":2}', b"\xff", b"[" * 100_000])
async def test_sec_par_01_what_is_no_strict_json_is_refused(
    client: Client, evil: EvilServer, body: bytes
) -> None:
    evil.says("/notes/1", body)

    with pytest.raises(RefusedError):
        await fetch.document(client, evil.url("a.example", "/notes/1"), signer=None)


async def test_w_ori_02_a_page_points_to_its_document_once(
    client: Client, evil: EvilServer
) -> None:
    href = "/notes/1?x=1&amp;y=2"
    page = f'<html><LINK type=\'application/activity+json\' REL="alternate" href="{href}"/>'
    evil.says("/@a/1", page.encode(), content_type="text/html; charset=utf-8")
    evil.says("/notes/1?x=1&y=2", note(evil, "/notes/1?x=1&y=2"))

    found = await fetch.document(client, evil.url("a.example", "/@a/1"), signer=None)

    assert found["id"] == evil.url("a.example", "/notes/1?x=1&y=2")


@pytest.mark.parametrize(
    "tag",
    [
        '<link rel="alternate" type="application/activity+json" href="http://b.example:{port}/n">',
        '<link rel="alternate" type="application/activity+json" href="//b.example:{port}/n">',
        '<link rel="alternate" type="application/activity+json" href="http://10.0.0.1/n">',
        '<link rel="alternate" type="application/activity+json" href="http://[">',
        '<link rel="alternate" type="application/rss+xml" href="/n">',
        '<link rel="alternate" type="application/ld+json" href="/n">',
        '<link rel="stylesheet" type="application/activity+json" href="/n">',
        '<link rel="alternate" type="application/activity+json" href="/page">',
        "",
    ],
)
async def test_w_ori_02_a_page_points_nowhere_else(
    client: Client, evil: EvilServer, tag: str
) -> None:
    evil.says("/page", tag.format(port=evil.port).encode(), content_type="text/html")
    evil.says("/n", note(evil, "/n", host="b.example"))

    with pytest.raises(RefusedError):
        await fetch.document(client, evil.url("a.example", "/page"), signer=None)

    assert "/n" not in evil.targets()


async def test_sec_par_07_a_page_made_to_be_slow_is_read_at_once(
    client: Client, evil: EvilServer
) -> None:
    for body in (b"<link " * 20_000, b"<link rel=" + b" " * 100_000, b'<link a="' * 15_000):
        evil.says("/page", body, content_type="text/html")
        with pytest.raises(RefusedError):
            await fetch.document(client, evil.url("a.example", "/page"), signer=None)


async def test_w_key_05_gone_and_absent_are_told_apart(client: Client, evil: EvilServer) -> None:
    evil.says("/gone", status=410)

    with pytest.raises(GoneError):
        await fetch.document(client, evil.url("a.example", "/gone"), signer=None)
    with pytest.raises(RefusedError) as caught:
        await fetch.document(client, evil.url("a.example", "/absent"), signer=None)
    assert caught.value.status_code == 404


async def test_sec_ori_06_an_id_of_ours_is_never_fetched(
    make_client: MakeClient, evil: EvilServer
) -> None:
    client = make_client(own=f"commune.example:{evil.port}")
    evil.says("/notes/1", note(evil, host="commune.example"))

    with pytest.raises(RefusedError, match="ours"):
        await fetch.document(client, evil.url("a.example", "/notes/1"), signer=None)

    assert [asked.host for asked in evil.asked] == ["a.example"]


async def test_json_is_read_when_it_is_of_the_kind_that_was_asked(
    client: Client, evil: EvilServer
) -> None:
    evil.redirects("/old", "/new")
    evil.says("/new", {"a": 1}, content_type="application/jrd+json; charset=utf-8")
    url = evil.url("a.example", "/old")

    found, address = await fetch.json(
        client, url, accept="x/y", limit=100, content_types=("application/jrd+json",)
    )

    assert found == {"a": 1}
    assert address == evil.url("a.example", "/new")
    with pytest.raises(RefusedError):
        await fetch.json(client, url, accept="x/y", limit=100, content_types=("application/json",))


@pytest.mark.parametrize(
    ("path", "identifier"), [("/", ""), ("/%C3%A9", "/é"), ("/x?y=%20", "/x?y=%20")]
)
async def test_w_ori_02_an_id_may_be_a_bare_origin_or_beyond_ascii(
    client: Client, evil: EvilServer, path: str, identifier: str
) -> None:
    document = {**note(evil), "id": evil.url("a.example", identifier)}
    evil.says(path, document)

    found = await fetch.document(client, evil.url("a.example", path), signer=None)

    assert found == document
    assert len(evil.asked) == 1
