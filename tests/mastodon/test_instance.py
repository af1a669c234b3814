"""The commune as apps see it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import httpx
import msgspec
from starlette.applications import Starlette

import fedcommune
from fedcommune.commune import Commune
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.hosts.model import Policy, Rules
from fedcommune.mastodon.app import routes
from tests.mastodon.conftest import App, Neighbours


def configured(commune: Commune, section: str, **values: object) -> httpx.AsyncClient:
    """Return a client of *commune* with other settings."""
    changed = msgspec.structs.replace(getattr(commune.config, section), **values)
    config = msgspec.structs.replace(commune.config, **{section: changed})
    other = replace(commune, config=config)
    app = Starlette(routes=routes(other))
    app.state.commune = other
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url=commune.instance.origin
    )


async def test_the_first_instance_says_who_we_are(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    await neighbours.here.citizen("marie")

    answer = await anyone.get("/api/v1/instance")

    assert answer.status_code == 200
    said = answer.json()
    assert said["uri"] == neighbours.here.domain
    assert said["title"] == "Saint-leu"
    assert said["stats"] == {"user_count": 1, "status_count": 0, "domain_count": 0}
    assert said["urls"]["streaming_api"] == f"ws://{neighbours.here.domain}"


async def test_the_second_instance_says_what_fits(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    said = (await anyone.get("/api/v2/instance")).json()

    assert said["version"] == f"4.3.0 (compatible; fedcommune {fedcommune.__version__})"
    assert said["api_versions"] == {"mastodon": 2}
    assert said["configuration"]["statuses"]["max_characters"] == 5000
    assert said["configuration"]["polls"] == {
        "max_options": 20,
        "max_characters_per_option": 100,
        "min_expiration": 300,
        "max_expiration": 31_536_000,
    }
    assert said["configuration"]["translation"] == {"enabled": False}
    assert len(said["configuration"]["vapid"]["public_key"]) == 87
    assert said["territory"]["insee"] == "97413"
    assert said["contact"]["account"]["username"] == neighbours.here.commune.instance.host
    assert said["registrations"]["enabled"] is True


async def test_registrations_say_how_one_joins(neighbours: Neighbours) -> None:
    found = {}
    for mode in ("open", "approval", "invitation"):
        async with configured(neighbours.here.commune, "registration", mode=mode) as http:
            second = (await http.get("/api/v2/instance")).json()["registrations"]
            first = (await http.get("/api/v1/instance")).json()
        assert first["registrations"] == second["enabled"]
        found[mode] = (second["enabled"], second["approval_required"])

    assert found == {
        "open": (True, False),
        "approval": (True, True),
        "invitation": (False, False),
    }


async def test_the_rules_of_the_house_are_those_of_the_configuration(
    neighbours: Neighbours,
) -> None:
    rules = ("Soyez bienveillants.", "Pas de publicité.")
    async with configured(neighbours.here.commune, "commune", rules=rules) as http:
        said = (await http.get("/api/v1/instance/rules")).json()
        within = (await http.get("/api/v2/instance")).json()["rules"]

    assert [(rule["id"], rule["text"]) for rule in said] == [("1", rules[0]), ("2", rules[1])]
    assert within == said


async def test_texts_of_the_house_are_markdown_files(
    neighbours: Neighbours, tmp_path: Path
) -> None:
    for name in ("about", "terms", "privacy"):
        (tmp_path / name).write_text(f"**{name}** <script>x</script>", encoding="utf-8")
    texts = {name: str(tmp_path / name) for name in ("about", "terms", "privacy")}
    async with configured(neighbours.here.commune, "commune", **texts) as http:
        here = "/api/v1/instance"
        about = (await http.get(f"{here}/extended_description")).json()
        terms = (await http.get(f"{here}/terms_of_service")).json()
        dated = await http.get(f"{here}/terms_of_service/{terms['effective_date']}")
        older = await http.get(f"{here}/terms_of_service/2020-01-01")
        privacy = (await http.get(f"{here}/privacy_policy")).json()

    assert "<strong>about</strong>" in about["content"]
    assert "<script>" not in about["content"]
    assert terms["effective"] is True
    assert dated.json() == terms
    assert older.status_code == 404
    assert "<strong>privacy</strong>" in privacy["content"]


async def test_texts_that_nobody_wrote_are_not_there(anyone: httpx.AsyncClient) -> None:
    answers = {
        name: (await anyone.get(f"/api/v1/instance/{name}")).status_code
        for name in ("extended_description", "terms_of_service", "privacy_policy")
    }

    assert answers == {
        "extended_description": 200,
        "terms_of_service": 404,
        "privacy_policy": 404,
    }


async def test_neighbours_are_named_and_blocked_ones_are_not(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    async with neighbours.here.commune.database.transaction() as tx:
        await hosts.seen(tx.db, "ville.example", tx.now)
        rules = Rules(public_comment="Insultes", obfuscate=True)
        await hosts.set_policy(
            tx.db, "evil.example", Policy.BLOCKED, reason="Pour nous", now=tx.now, rules=rules
        )

    peers = (await anyone.get("/api/v1/instance/peers")).json()
    (block,) = (await anyone.get("/api/v1/instance/domain_blocks")).json()

    assert "ville.example" in peers
    assert "evil.example" not in peers
    assert (block["domain"], block["severity"]) == ("evi*.****ple", "suspend")
    assert block["comment"] == "Insultes"
    assert block["digest"] == sha256(b"evil.example").hexdigest()


async def test_activity_counts_the_last_twelve_weeks(
    neighbours: Neighbours, marie: App, anyone: httpx.AsyncClient
) -> None:
    await neighbours.here.say(marie.account, "Bonjour")
    await neighbours.here.say(marie.account, "Encore")

    weeks = (await anyone.get("/api/v1/instance/activity")).json()

    assert len(weeks) == 12
    assert [int(week["week"]) for week in weeks] == sorted(
        (int(week["week"]) for week in weeks), reverse=True
    )
    assert (weeks[0]["statuses"], weeks[0]["logins"], weeks[0]["registrations"]) == ("2", "1", "1")
    assert {week["statuses"] for week in weeks[1:]} == {"0"}


async def test_nothing_is_translated(anyone: httpx.AsyncClient) -> None:
    assert (await anyone.get("/api/v1/instance/translation_languages")).json() == {}
