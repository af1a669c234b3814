"""NodeInfo is written as its schema says, and read as the hearsay that it is."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from federation import nodeinfo
from federation.errors import RefusedError, UnavailableError
from federation.iris import Reach
from federation.network import Client
from federation.nodeinfo import Figures, NodeInfo
from tests.support.evil import EvilServer, Names

ORIGIN = "https://commune.example"


@pytest.fixture
async def world() -> AsyncIterator[EvilServer]:
    async with EvilServer() as server:
        yield server


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    resolver = Names({"a.example": ["127.0.0.1"], "inside.example": ["192.168.1.1"]})
    door = Client(reach=Reach(development=True), user_agent="test", resolver=resolver)
    yield door
    await door.aclose()


def ours(version: nodeinfo.Version, **more: Any) -> dict[str, Any]:
    return nodeinfo.document(
        version,
        software_version="0.1.0",
        figures=Figures(users=12, active_month=7, local_posts=40),
        open_registrations=True,
        name="Saint-Leu",
        description="A small commune.",
        staff=(f"{ORIGIN}/ap/actors/1",),
        metadata={"insee": "97413"},
        repository="https://code.example/fedcommune",
        **more,
    )


def test_w_ni_01_discovery_names_both_versions_and_our_own_actor() -> None:
    links = nodeinfo.discovery(ORIGIN, f"{ORIGIN}/actor")["links"]

    assert {link["rel"]: link["href"] for link in links} == {
        "http://nodeinfo.diaspora.software/ns/schema/2.0": f"{ORIGIN}/nodeinfo/2.0",
        "http://nodeinfo.diaspora.software/ns/schema/2.1": f"{ORIGIN}/nodeinfo/2.1",
        "https://www.w3.org/ns/activitystreams#Application": f"{ORIGIN}/actor",
    }


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_w_ni_02_a_document_has_every_field_of_its_schema(version: nodeinfo.Version) -> None:
    document = ours(version)

    assert document["version"] == version
    assert re.fullmatch("[a-z0-9-]+", document["software"]["name"])
    assert ("repository" in document["software"]) == (version == "2.1")
    assert document["protocols"] == ["activitypub"]
    assert document["services"] == {"inbound": [], "outbound": []}
    assert document["openRegistrations"] is True
    assert document["usage"] == {"users": {"total": 12, "activeMonth": 7}, "localPosts": 40}
    assert document["metadata"]["nodeName"] == "Saint-Leu"
    assert document["metadata"]["insee"] == "97413"
    assert document["metadata"]["staffAccounts"] == [f"{ORIGIN}/ap/actors/1"]
    assert document["metadata"]["federation"] == {"enabled": True}
    assert f"/schema/{version}#" in nodeinfo.content_type(version)


def test_w_ni_02_nobody_counted_is_not_zero() -> None:
    document = nodeinfo.document(
        "2.0", software_version="1", figures=Figures(), open_registrations=False, name="x"
    )

    assert document["usage"] == {"users": {}}


async def test_w_ni_01_another_commune_is_read(client: Client, world: EvilServer) -> None:
    origin = world.url("a.example", "")
    world.says(
        "/.well-known/nodeinfo",
        nodeinfo.discovery(origin, f"{origin}/actor"),
        content_type="application/json",
    )
    world.says("/nodeinfo/2.1", ours("2.1"), content_type=nodeinfo.content_type("2.1"))

    found = await nodeinfo.fetch(client, f"a.example:{world.port}")

    assert found == NodeInfo(
        software="fedcommune",
        version="0.1.0",
        name="Saint-Leu",
        open_registrations=True,
        figures=Figures(users=12, active_month=7, local_posts=40),
    )


@pytest.mark.parametrize(
    "href",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://inside.example/",
        "http://b.example/nodeinfo/2.1",
        "data:application/json,{}",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "/nodeinfo/2.1",
        "",
    ],
)
async def test_sec_net_01_a_nodeinfo_link_leads_nowhere_else(
    client: Client, world: EvilServer, href: str
) -> None:
    links = [{"rel": f"{nodeinfo.SCHEMA}2.1", "href": href}]
    world.says("/.well-known/nodeinfo", {"links": links}, content_type="application/json")

    with pytest.raises(RefusedError):
        await nodeinfo.fetch(client, f"a.example:{world.port}")

    assert world.targets() == ["/.well-known/nodeinfo"]


async def test_sec_net_01_a_domain_that_leads_inside_is_not_dialled(
    client: Client, world: EvilServer
) -> None:
    with pytest.raises(UnavailableError):
        await nodeinfo.fetch(client, f"inside.example:{world.port}")
    for domain in ("169.254.169.254", "10.0.0.1:80", "db.internal"):
        with pytest.raises(RefusedError):
            await nodeinfo.fetch(client, domain)

    assert world.connections == 0


@pytest.mark.parametrize(
    "answer",
    [{}, {"links": None}, {"links": "x"}, {"links": [None, 1, {}, {"rel": "x", "href": "y"}]}],
)
async def test_w_ni_01_an_answer_without_links_is_refused(
    client: Client, world: EvilServer, answer: dict[str, object]
) -> None:
    world.says("/.well-known/nodeinfo", answer, content_type="application/json")

    with pytest.raises(RefusedError):
        await nodeinfo.fetch(client, f"a.example:{world.port}")


@pytest.mark.parametrize(
    "software", [None, "mastodon", {}, {"name": None}, {"name": "a b"}, {"name": "<script>"}]
)
def test_w_ni_02_a_server_without_software_is_refused(software: object) -> None:
    with pytest.raises(RefusedError):
        nodeinfo.read({"software": software})


@pytest.mark.parametrize("odd", [None, [], {}, "x", -1, 10**30, True, 1.5])
def test_sec_par_04_odd_figures_are_not_believed(odd: object) -> None:
    found = nodeinfo.read(
        {
            "software": {"name": "Mastodon", "version": odd},
            "openRegistrations": odd if odd is not True else None,
            "usage": {"users": {"total": odd}, "localPosts": odd},
            "metadata": odd,
        }
    )

    assert found.software == "mastodon"
    assert found.open_registrations is False
    assert found.figures.users is None or 0 <= found.figures.users < 2**63
