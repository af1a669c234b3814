"""A handle is believed when its domain and its actor agree, and in no other case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from federation import webfinger
from federation.errors import GoneError, RefusedError
from federation.iris import Reach
from federation.names import ACTIVITY_JSON, AS2, LD_JSON_AS2
from federation.network import Client
from federation.webfinger import Handle
from tests.support.evil import ANYWHERE_IS_HERE, EvilServer, Names


@pytest.fixture
async def world() -> AsyncIterator[EvilServer]:
    async with EvilServer() as server:
        yield server


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    door = Client(
        reach=Reach(development=True), user_agent="test", resolver=Names(ANYWHERE_IS_HERE)
    )
    yield door
    await door.aclose()


def handle(world: EvilServer, username: str, host: str) -> Handle:
    return Handle(username, f"{host}:{world.port}")


def actor(world: EvilServer, host: str, username: str, **more: Any) -> dict[str, Any]:
    return {
        "@context": AS2,
        "id": world.url(host, f"/users/{username}"),
        "type": "Person",
        "preferredUsername": username,
        "inbox": world.url(host, "/inbox"),
        "outbox": world.url(host, "/outbox"),
        **more,
    }


def names(
    world: EvilServer,
    asked: Handle,
    *,
    subject: object,
    links: object,
    content_type: str = "application/jrd+json",
) -> None:
    """Let the domain of *asked* answer for it."""
    world.says(
        f"/.well-known/webfinger?resource=acct:{asked}",
        {"subject": subject, "links": links},
        content_type=content_type,
        host=asked.domain.partition(":")[0],
    )


def self_link(href: object, kind: str = ACTIVITY_JSON) -> dict[str, object]:
    return {"rel": "self", "type": kind, "href": href}


async def test_w_wf_05_a_handle_leads_to_its_actor_and_back(
    client: Client, world: EvilServer
) -> None:
    marie = handle(world, "marie", "a.example")
    document = actor(world, "a.example", "marie")
    names(world, marie, subject=f"acct:{marie}", links=[self_link(document["id"])])
    world.says("/users/marie", document)

    found = await webfinger.discover(client, marie, signer=None)

    assert found == (document, marie)


@pytest.mark.parametrize("kind", [ACTIVITY_JSON, LD_JSON_AS2])
async def test_w_wf_05_the_self_link_is_one_of_activitypub(
    client: Client, world: EvilServer, kind: str
) -> None:
    marie = handle(world, "marie", "a.example")
    links = [
        self_link("https://other.example/", "text/html"),
        self_link("https://other.example/", "application/ld+json"),
        {"rel": "self", "href": "https://other.example/"},
        {"rel": "alternate", "type": ACTIVITY_JSON, "href": "https://other.example/"},
        self_link(["https://other.example/"]),
        "nonsense",
        self_link("https://a.example/marie", kind),
    ]
    names(world, marie, subject=f"acct:{marie}", links=links)

    assert await webfinger.resolve(client, marie) == "https://a.example/marie"


@pytest.mark.parametrize(
    ("subject", "links"),
    [
        (None, [self_link("https://a.example/marie")]),
        ("", [self_link("https://a.example/marie")]),
        (["acct:marie@a.example"], []),
        ("https://a.example/marie", [self_link("https://a.example/marie")]),
        ("acct:marie@a.example/", [self_link("https://a.example/marie")]),
        ("SAME", []),
        ("SAME", None),
        ("SAME", {"rel": "self"}),
        ("SAME", [self_link(None)]),
    ],
)
async def test_w_wf_05_an_answer_without_subject_or_self_is_refused(
    client: Client, world: EvilServer, subject: object, links: object
) -> None:
    marie = handle(world, "marie", "a.example")
    names(world, marie, subject=f"acct:{marie}" if subject == "SAME" else subject, links=links)

    with pytest.raises(RefusedError):
        await webfinger.resolve(client, marie)


async def test_sec_net_09_a_page_is_no_answer(client: Client, world: EvilServer) -> None:
    marie = handle(world, "marie", "a.example")
    links = [self_link("https://a.example/marie")]
    for kind in ("text/html", "text/plain; application/jrd+json", ""):
        names(world, marie, subject=f"acct:{marie}", links=links, content_type=kind)
        with pytest.raises(RefusedError):
            await webfinger.resolve(client, marie)

    names(world, marie, subject=f"acct:{marie}", links=links, content_type="application/json")
    assert await webfinger.resolve(client, marie)


async def test_sec_ori_09_another_subject_needs_the_consent_of_its_own_domain(
    client: Client, world: EvilServer
) -> None:
    marie = handle(world, "marie", "social.example")
    short = handle(world, "marie", "short.example")
    document = actor(world, "social.example", "marie")
    names(world, marie, subject=f"acct:{short}", links=[self_link(document["id"])])
    names(world, short, subject=f"acct:{short}", links=[self_link(document["id"])])

    assert await webfinger.confirm(client, document) == short
    assert await webfinger.resolve(client, marie) == document["id"]


@pytest.mark.parametrize("victim", ["denies", "knows another", "speaks of a third", "is silent"])
async def test_sec_ori_09_a_name_claimed_on_another_domain_is_refused(
    client: Client, world: EvilServer, victim: str
) -> None:
    evil = handle(world, "a", "evil.example")
    claimed = handle(world, "a", "victim.example")
    document = actor(world, "evil.example", "a")
    names(world, evil, subject=f"acct:{claimed}", links=[self_link(document["id"])])
    if victim == "knows another":
        own = self_link(world.url("victim.example", "/users/a"))
        names(world, claimed, subject=f"acct:{claimed}", links=[own])
    if victim == "speaks of a third":
        third = handle(world, "b", "third.example")
        names(world, claimed, subject=f"acct:{third}", links=[self_link(document["id"])])
        names(world, third, subject=f"acct:{third}", links=[self_link(document["id"])])
    if victim == "is silent":
        names(world, claimed, subject=f"acct:{claimed}", links=[])

    with pytest.raises(RefusedError):
        await webfinger.confirm(client, document)
    with pytest.raises(RefusedError):
        await webfinger.resolve(client, evil)

    assert "third.example" not in [asked.host for asked in world.asked]


async def test_sec_ori_09_an_actor_cannot_choose_its_name_alone(
    client: Client, world: EvilServer
) -> None:
    marie = handle(world, "marie", "a.example")
    names(world, marie, subject=f"acct:{marie}", links=[self_link("https://a.example/users/marie")])
    document = actor(world, "a.example", "mallory", preferredUsername="marie")

    with pytest.raises(RefusedError):
        await webfinger.confirm(client, document)


async def test_sec_ori_09_a_domain_cannot_choose_an_actor_alone(
    client: Client, world: EvilServer
) -> None:
    evil = handle(world, "president", "evil.example")
    document = actor(world, "victim.example", "president")
    own = handle(world, "president", "victim.example")
    names(world, evil, subject=f"acct:{evil}", links=[self_link(document["id"])])
    names(world, own, subject=f"acct:{own}", links=[self_link(document["id"])])
    world.says("/users/president", document, host="victim.example")

    _, confirmed = await webfinger.discover(client, evil, signer=None)

    assert confirmed == own


async def test_w_wf_05_an_actor_may_say_its_handle_itself(
    client: Client, world: EvilServer
) -> None:
    short = handle(world, "marie", "short.example")
    document = actor(world, "social.example", "x1", webfinger=str(short))
    names(world, short, subject=f"acct:{short}", links=[self_link(document["id"])])

    assert await webfinger.confirm(client, document) == short

    other = {**document, "id": world.url("evil.example", "/users/x1")}
    with pytest.raises(RefusedError):
        await webfinger.confirm(client, other)


async def test_w_wf_05_a_person_and_a_group_may_share_a_name(
    client: Client, world: EvilServer
) -> None:
    both = handle(world, "agenda", "a.example")
    person = actor(world, "a.example", "agenda")
    group = {**person, "id": world.url("a.example", "/c/agenda"), "type": "Group"}
    links = [self_link(person["id"]), self_link(group["id"])]
    names(world, both, subject=f"acct:{both}", links=links)

    assert await webfinger.confirm(client, group) == both
    assert await webfinger.confirm(client, person) == both


@pytest.mark.parametrize("username", [None, "", 7, "a b", "a@b", "../x"])
async def test_w_wf_06_an_actor_without_a_proper_name_has_no_handle(
    client: Client, world: EvilServer, username: object
) -> None:
    document = actor(world, "a.example", "x", preferredUsername=username)

    with pytest.raises(RefusedError):
        await webfinger.confirm(client, document)

    assert world.asked == []


async def test_w_wf_04_host_meta_is_asked_when_webfinger_is_not_there(
    client: Client, world: EvilServer
) -> None:
    marie = handle(world, "marie", "short.example")
    template = world.url("social.example", "/wf?who={uri}")
    world.says(
        "/.well-known/host-meta",
        webfinger.host_meta("x").replace(
            b"x/.well-known/webfinger?resource={uri}", template.encode()
        ),
        content_type="application/xrd+xml; charset=utf-8",
        host="short.example",
    )
    world.says(
        f"/wf?who=acct%3Amarie%40short.example%3A{world.port}",
        {"subject": f"acct:{marie}", "links": [self_link("https://social.example/marie")]},
        content_type="application/jrd+json",
    )

    assert await webfinger.resolve(client, marie) == "https://social.example/marie"


@pytest.mark.parametrize(
    "template",
    [
        "http://169.254.169.254/{uri}",
        "http://inside.example/{uri}",
        "file:///etc/passwd?{uri}",
        "http://short.example/no-place",
        "{uri}",
    ],
)
async def test_sec_net_01_a_host_meta_leads_nowhere_inside(
    world: EvilServer, template: str
) -> None:
    resolver = Names({"short.example": ["127.0.0.1"], "inside.example": ["10.0.0.1"]})
    door = Client(reach=Reach(development=True), user_agent="test", resolver=resolver)
    xrd = webfinger.host_meta("x").replace(
        b"x/.well-known/webfinger?resource={uri}", template.encode()
    )
    world.says("/.well-known/host-meta", xrd, content_type="application/xrd+xml")

    with pytest.raises(Exception, match=r"address|cannot be reached|knows nothing|not a"):
        await webfinger.resolve(door, handle(world, "marie", "short.example"))

    assert len(world.asked) == 2
    await door.aclose()


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">
<Link rel="lrdd" template="https://a.example/&c;{uri}"/></XRD>"""
STEALS = (
    b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><XRD>&a;</XRD>"""
)


DOCTYPE = b"<!DOCTYPE XRD>" + webfinger.host_meta("https://a.example").partition(b"\n")[2]


@pytest.mark.parametrize(
    "body",
    [LAUGHS, STEALS, DOCTYPE, b"", b"<XRD>", b"\xff\xfe", b"<?xml encoding='no-such'?><a/>", b"{}"],
)
async def test_sec_par_06_xml_with_entities_or_broken_is_refused(
    client: Client, world: EvilServer, body: bytes
) -> None:
    world.says("/.well-known/host-meta", body, content_type="application/xrd+xml")

    with pytest.raises(RefusedError):
        await webfinger.resolve(client, handle(world, "marie", "a.example"))
    with pytest.raises(RefusedError):
        webfinger.read_xrd(body)


async def test_w_wf_05_absent_and_gone_are_told_apart(client: Client, world: EvilServer) -> None:
    absent = handle(world, "absent", "a.example")
    gone = handle(world, "gone", "a.example")
    world.says(f"/.well-known/webfinger?resource=acct:{gone}", status=410)

    with pytest.raises(RefusedError) as caught:
        await webfinger.resolve(client, absent)
    assert caught.value.status_code == 404
    with pytest.raises(GoneError):
        await webfinger.resolve(client, gone)


@pytest.mark.parametrize(
    ("domain", "development", "origin"),
    [
        ("a.example", False, "https://a.example"),
        ("a.example", True, "https://a.example"),
        ("saint-leu.localhost:8001", True, "http://saint-leu.localhost:8001"),
        ("localhost", True, "http://localhost"),
        ("localhost:3000", False, "https://localhost:3000"),
    ],
)
def test_w_wf_01_plain_http_is_for_development_alone(
    domain: str, development: bool, origin: str
) -> None:
    assert webfinger.origin_of(domain, Reach(development=development)) == origin
