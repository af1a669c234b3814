"""The commune as apps see it."""

from __future__ import annotations

import httpx

import fedcommune
from tests.mastodon.conftest import Neighbours


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


async def test_the_second_instance_says_what_fits(anyone: httpx.AsyncClient) -> None:
    said = (await anyone.get("/api/v2/instance")).json()

    assert said["version"] == f"4.5.0 (compatible; fedcommune {fedcommune.__version__})"
    assert said["api_versions"] == {"mastodon": 7}
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
