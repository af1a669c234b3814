"""WebFinger, host-meta, NodeInfo: whatever one asks, one answer in one form."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from defusedxml import ElementTree

import fedcommune
from fedcommune.domain.accounts.model import Account
from tests.fediverse.asking import ask, page
from tests.fediverse.conftest import Neighbours
from tests.support.communes import Town

WEBFINGER = "/.well-known/webfinger"


async def _finger(town: Town, resource: str, *rel: str) -> tuple[int, dict[str, Any]]:
    query = "".join(f"&rel={quote(each, safe='')}" for each in rel)
    answer = await ask(town, f"{WEBFINGER}?resource={quote(resource, safe='')}{query}")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-type"].split(";")[0] == "application/jrd+json"
    seconds = 259200 if answer.status_code == 200 else 180
    assert answer.headers["cache-control"] == f"public, max-age={seconds}"
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    "resource",
    [
        "acct:marie@{domain}",
        "marie@{domain}",
        "@marie@{domain}",
        "acct:@marie@{domain}",
        "acct:MARIE@{domain}",
        "ACCT:marie@SAINT-LEU.localhost:{port}",
        "{actor}",
        "{actor}#main-key",
        "{origin}/@marie",
        "HTTP://{domain}/@marie",
    ],
)
async def test_w_wf_02_every_form_of_a_name_has_one_answer(
    neighbours: Neighbours, resource: str
) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    asked = resource.format(
        domain=here.domain,
        port=here.domain.partition(":")[2],
        actor=marie.actor_id,
        origin=here.origin,
    )
    status, found = await _finger(here, asked)
    assert status == 200
    assert found["subject"] == f"acct:marie@{here.domain}"
    assert found["aliases"] == [f"{here.origin}/@marie", marie.actor_id]
    _check_links(found, marie, here)


def _check_links(found: dict[str, Any], account: Account, town: Town) -> None:
    """W-WF-03: exactly one way to the actor, a page, and where to begin to follow."""
    own = [link for link in found["links"] if link["rel"] == "self"]
    assert own == [{"rel": "self", "type": "application/activity+json", "href": account.actor_id}]
    by_rel = {link["rel"]: link for link in found["links"]}
    assert by_rel["http://webfinger.net/rel/profile-page"]["href"] == account.url
    template = by_rel["http://ostatus.org/schema/1.0/subscribe"]["template"]
    assert template == f"{town.origin}/authorize_interaction?uri={{uri}}"


@pytest.mark.parametrize(
    "resource",
    [
        "acct:{host}@{domain}",
        "{host}@{domain}",
        "acct:commune@{domain}",
        "{origin}/",
        "{origin}",
        "{origin}/actor",
        "acct:{host}@{host}",
    ],
)
async def test_w_wf_02_the_commune_itself_is_found(neighbours: Neighbours, resource: str) -> None:
    here = neighbours.here
    host = here.commune.instance.host
    status, found = await _finger(
        here, resource.format(domain=here.domain, host=host, origin=here.origin)
    )
    assert status == 200
    assert found["subject"] == f"acct:{host}@{here.domain}"
    (own,) = [link for link in found["links"] if link["rel"] == "self"]
    assert own["href"] == here.commune.instance.actor


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", 400),
        ("?resource=", 400),
        ("?resource=marie", 400),
        ("?resource=acct:", 400),
        ("?resource=acct:@", 400),
        ("?resource=acct:marie@@{domain}", 400),
        ("?resource=acct:ma%20rie@{domain}", 400),
        ("?resource=acct:marie%00@{domain}", 400),
        ("?resource=acct:marie@{domain}/x", 400),
        ("?resource=acct:marie@{domain}&resource=acct:paul@{domain}", 400),
        ("?resource=http://%00", 400),
        ("?resource=http://[::1/@marie", 400),
        ("?resource=https://" + "a" * 3000, 400),
        ("?resource=acct:nobody@{domain}", 404),
        ("?resource=acct:marie@elsewhere.example", 404),
        ("?resource=acct:marie@saint-leu.localhost:1", 404),
        ("?resource=https://elsewhere.example/@marie", 404),
        ("?resource={origin}/@nobody", 404),
        ("?resource={origin}/@marie/1", 404),
        ("?resource=ftp://{domain}/@marie", 400),
        ("?resource=mailto:marie@{domain}", 400),
    ],
)
async def test_w_wf_01_nonsense_and_nobody(
    neighbours: Neighbours, query: str, expected: int
) -> None:
    here = neighbours.here
    await here.citizen("marie")
    answer = await ask(here, WEBFINGER + query.format(domain=here.domain, origin=here.origin))
    assert answer.status_code == expected
    assert answer.headers["content-type"].startswith("application/jrd+json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=180"
    assert set(answer.json()) == {"error"}


async def test_w_wf_01_a_page_is_never_the_answer(neighbours: Neighbours) -> None:
    here = neighbours.here
    await here.citizen("marie")
    answer = await ask(here, f"{WEBFINGER}?resource=acct:marie@{here.domain}", accept="text/html")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/jrd+json; charset=utf-8"


async def test_w_wf_03_rel_filters_the_links_alone(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    _, whole = await _finger(here, f"acct:marie@{here.domain}")
    status, found = await _finger(
        here, f"acct:marie@{here.domain}", "self", "http://webfinger.net/rel/profile-page"
    )
    assert status == 200
    assert {key: found[key] for key in ("subject", "aliases")} == {
        key: whole[key] for key in ("subject", "aliases")
    }
    assert [link.get("href") for link in found["links"]] == [marie.actor_id, marie.url]
    _, none = await _finger(here, f"acct:marie@{here.domain}", "nothing")
    assert none["links"] == []


async def test_w_wf_03_a_citizen_called_commune_is_not_the_commune(
    neighbours: Neighbours,
) -> None:
    here = neighbours.here
    citizen = await here.citizen("commune")
    _, found = await _finger(here, f"acct:commune@{here.domain}")
    (own,) = [link for link in found["links"] if link["rel"] == "self"]
    assert own["href"] == citizen.actor_id
    assert found["subject"] == f"acct:commune@{here.domain}"


async def test_w_wf_04_host_meta_says_where_webfinger_is(neighbours: Neighbours) -> None:
    here = neighbours.here
    answer = await ask(here, "/.well-known/host-meta")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/xrd+xml; charset=utf-8"
    root = ElementTree.fromstring(answer.content, forbid_dtd=True)
    (link,) = list(root)
    assert link.attrib["rel"] == "lrdd"
    assert link.attrib["template"] == f"{here.origin}{WEBFINGER}?resource={{uri}}"


async def test_w_ni_01_the_way_to_nodeinfo(neighbours: Neighbours) -> None:
    here = neighbours.here
    answer = await ask(here, "/.well-known/nodeinfo")
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json() == {
        "links": [
            {
                "rel": f"http://nodeinfo.diaspora.software/ns/schema/{version}",
                "href": f"{here.origin}/nodeinfo/{version}",
            }
            for version in ("2.0", "2.1")
        ]
        + [
            {
                "rel": "https://www.w3.org/ns/activitystreams#Application",
                "href": here.commune.instance.actor,
            }
        ]
    }


@pytest.mark.parametrize("version", ["2.0", "2.1"])
async def test_w_ni_02_nodeinfo_is_what_its_schema_says(
    neighbours: Neighbours, version: str
) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    await here.say(marie, "Bonjour")
    answer = await ask(here, f"/nodeinfo/{version}")
    assert answer.status_code == 200
    profile = f"http://nodeinfo.diaspora.software/ns/schema/{version}#"
    assert answer.headers["content-type"] == f'application/json; profile="{profile}"'
    assert answer.headers["access-control-allow-origin"] == "*"
    _check_nodeinfo(answer.json(), version)
    assert answer.json()["software"]["version"] == fedcommune.__version__
    assert answer.json()["usage"]["users"]["total"] == 1
    assert answer.json()["usage"]["localPosts"] == 1


def _check_nodeinfo(found: dict[str, Any], version: str) -> None:
    """The JSON schema of NodeInfo 2.0 and 2.1, by hand: nothing missing, nothing more."""
    required = {
        "version",
        "software",
        "protocols",
        "services",
        "openRegistrations",
        "usage",
        "metadata",
    }
    assert set(found) == required
    assert found["version"] == version
    software = found["software"]
    assert {"name", "version"} <= set(software)
    optional = {"repository", "homepage"} if version == "2.1" else set()
    assert set(software) <= {"name", "version"} | optional
    assert re.fullmatch("[a-z0-9-]+", software["name"])
    assert all(isinstance(value, str) for value in software.values())
    assert found["protocols"] == ["activitypub"]
    assert set(found["services"]) == {"inbound", "outbound"}
    assert found["services"] == {"inbound": [], "outbound": []}
    # The communes of the tests let everybody in, as the example configuration does.
    assert found["openRegistrations"] is True
    usage = found["usage"]
    assert "users" in usage
    assert set(usage) <= {"users", "localPosts", "localComments"}
    assert set(usage["users"]) <= {"total", "activeHalfyear", "activeMonth"}
    for count in (*usage["users"].values(), usage["localPosts"]):
        assert isinstance(count, int)
        assert count >= 0
    assert isinstance(found["metadata"], dict)


async def test_w_ni_02_there_is_no_other_version(neighbours: Neighbours) -> None:
    for version in ("1.0", "2.2", "2", "2.1.json"):
        assert (await ask(neighbours.here, f"/nodeinfo/{version}")).status_code == 404


async def test_our_words_have_a_context(neighbours: Neighbours) -> None:
    answer = await ask(neighbours.here, "/ns/v1", accept="application/ld+json")
    assert answer.headers["content-type"] == "application/ld+json; charset=utf-8"
    assert set(answer.json()) == {"@context"}


async def test_w_wf_03_the_subscribe_address_leads_to_a_page(neighbours: Neighbours) -> None:
    here = neighbours.here
    shown = await page(here, "/authorize_interaction?uri=acct:jean@elsewhere.example")
    assert "acct:jean@elsewhere.example" in shown.words
