"""A status in the language of its reader, by a service that really answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from fedcommune import config as configuration
from fedcommune.asgi import application
from fedcommune.commune import opened
from fedcommune.config import ConfigError
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.feeds.model import FEEDS
from fedcommune.serving import serving
from fedcommune.settings import TranslationSection
from tests.mastodon import schemas
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.words import STATUSES, said
from tests.support import communes
from tests.support.communes import Clock, Town
from tests.support.evil import Asked, EvilServer, answer
from tests.support.ports import a_port

TRANSLATION = schemas.shaped(
    {
        "content": schemas.text,
        "spoiler_text": schemas.text,
        "language": schemas.text,
        "media_attachments": schemas.listed(schemas.shaped({})),
        "detected_source_language": schemas.text,
        "provider": schemas.text,
        "poll": schemas.null,
    }
)


@dataclass
class Service:
    """A small server that speaks as LibreTranslate does: it puts every word in capitals."""

    server: EvilServer

    def open(self) -> None:
        languages = [
            {"code": "fr", "name": "Français", "targets": ["en", "de", "fr"]},
            {"code": "en", "name": "English", "targets": ["fr"]},
        ]
        self.server.says("/languages", orjson.dumps(languages), content_type="application/json")
        self.server.plays("/translate", self._translate)

    async def _translate(self, asked: Asked, writer: Any) -> None:
        said = orjson.loads(asked.body)
        found = [each.replace("Bonjour", "HELLO") for each in said["q"]]
        body = orjson.dumps({"translatedText": [f"{each}<script>x</script>" for each in found]})
        writer.write(answer(200, body, [("Content-Type", "application/json")]))

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [
            orjson.loads(each.body) for each in self.server.asked if each.target == "/translate"
        ]


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with EvilServer() as server:
        made = Service(server)
        made.open()
        yield made


@pytest.fixture
async def translated(database_url: str, service: Service) -> AsyncIterator[Neighbours]:
    """A commune that has a translation service."""
    clock = Clock()
    with a_port() as port:
        config = msgspec.structs.replace(
            communes.config_of("saint-leu", database_url, port, limited=True),
            translation=TranslationSection(
                url=service.server.url("traduction.localhost", ""), api_key="clef"
            ),
        )
        async with opened(config, clock=clock, migrating=False) as running:
            async with running.database.transaction() as tx:
                names = [running.instance.host, *(feed.username for feed in FEEDS)]
                pairs = {each: communes.pair(n % 6) for n, each in enumerate(names)}
                await feeds.open_all(tx, pairs)
            async with serving(application(running), "127.0.0.1", port):
                town = Town(running)
                both = Neighbours(town, town, clock)
                try:
                    yield both
                finally:
                    await both.aclose()


async def test_an_open_status_is_translated_once_for_all(
    translated: Neighbours, service: Service
) -> None:
    marie = await translated.app("marie")
    status = await said(marie, "Bonjour **toi**", spoiler_text="Bonjour", language="fr")
    path = f"{STATUSES}/{status['id']}/translate"

    found = schemas.checked((await marie.http.post(path, json={"lang": "en"})).json(), TRANSLATION)
    assert found["content"] == "<p>HELLO <strong>toi</strong></p>"
    assert (found["spoiler_text"], found["language"]) == ("HELLO", "en")
    assert (found["detected_source_language"], found["provider"]) == ("fr", "LibreTranslate")
    assert (await marie.http.post(path, json={"lang": "en"})).json() == found
    (request,) = service.requests
    assert (request["source"], request["target"], request["api_key"]) == ("fr", "en", "clef")

    edited = {"status": "Bonjour vous", "spoiler_text": ""}
    await marie.http.put(f"{STATUSES}/{status['id']}", json=edited)
    again = (await marie.http.post(path, json={"lang": "en"})).json()
    assert again["content"] == "<p>HELLO vous</p>"
    assert len(service.requests) == 2
    instance = (await marie.http.get("/api/v2/instance")).json()
    assert instance["configuration"]["translation"]["enabled"] is True
    languages = (await marie.http.get("/api/v1/instance/translation_languages")).json()
    assert languages == {"en": ["fr"], "fr": ["de", "en"]}


async def test_what_is_not_for_everybody_never_leaves(
    translated: Neighbours, service: Service
) -> None:
    marie, paul = await translated.app("marie"), await translated.app("paul")
    private = await said(marie, "Bonjour", visibility="private", language="fr")
    path = f"{STATUSES}/{private['id']}/translate"

    assert (await marie.http.post(path, json={"lang": "en"})).status_code == 403
    assert (await paul.http.post(path, json={"lang": "en"})).status_code == 404
    assert (await (await translated.http()).post(path)).status_code == 401
    assert service.requests == []
    assert await translated.here.count("commune.translation") == 0


@pytest.mark.parametrize("language", ["xx", "fr", "../secret"])
async def test_a_language_that_makes_no_sense_is_refused(
    translated: Neighbours, service: Service, language: str
) -> None:
    marie = await translated.app("marie")
    status = await said(marie, "Bonjour", language="fr")
    path = f"{STATUSES}/{status['id']}/translate"

    assert (await marie.http.post(path, json={"lang": language})).status_code == 422
    assert service.requests == []


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{}", 200), (b"<html>", 200), (b'{"translatedText": "x"}', 200), (b"", 500)],
)
async def test_a_service_in_trouble_is_told_and_nothing_is_kept(
    translated: Neighbours, service: Service, body: bytes, status: int
) -> None:
    service.server.says("/translate", body, status=status, content_type="application/json")
    marie = await translated.app("marie")
    post = await said(marie, "Bonjour", language="fr")

    answered = await marie.http.post(f"{STATUSES}/{post['id']}/translate", json={"lang": "en"})

    assert answered.status_code == 503
    assert "later" in answered.json()["error"]
    assert await translated.here.count("commune.translation") == 0


async def test_sec_dos_11_nobody_translates_all_day(
    translated: Neighbours, service: Service
) -> None:
    marie = await translated.app("marie")
    status = await said(marie, "Bonjour", language="fr")
    path = f"{STATUSES}/{status['id']}/translate"

    codes = {(await marie.http.post(path, json={"lang": "en"})).status_code for _ in range(31)}

    assert codes == {200, 429}
    assert len(service.requests) == 1


async def test_without_a_service_nothing_is_translated_and_it_says_so(
    neighbours: Neighbours, marie: App
) -> None:
    status = await said(marie, "Bonjour")

    answered = await marie.http.post(f"{STATUSES}/{status['id']}/translate")

    assert answered.status_code == 404
    assert "no service" in answered.json()["error"]
    instance = (await marie.http.get("/api/v2/instance")).json()
    assert instance["configuration"]["translation"]["enabled"] is False
    assert (await marie.http.get("/api/v1/instance/translation_languages")).json() == {}


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5000", "https://localhost", "ftp://translate.example", "translate"]
)
def test_sec_net_01_the_service_is_on_the_public_web(tmp_path: Path, url: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[commune]\ndomain = "saint-leu.example"\n[translation]\nurl = "{url}"\n')

    with pytest.raises(ConfigError, match=r"\[translation\] url"):
        configuration.load(path, {})
