"""The first command: what it writes, what it asks, what it refuses."""

from __future__ import annotations

import json
import stat
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.fedcommune.cli.conftest import Terminal

SAINT_LEU = {
    "nom": "Saint-Leu",
    "code": "97413",
    "codesPostaux": ["97416", "97424", "97436"],
    "codeEpci": "249740101",
    "centre": {"type": "Point", "coordinates": [55.3305, -21.1652]},
    "contour": {"type": "Polygon", "coordinates": [[[55.2, -21.1], [55.3, -21.1], [55.2, -21.1]]]},
}


class GeoApi(BaseHTTPRequestHandler):
    """A geo API that knows one commune."""

    def do_GET(self) -> None:
        known = self.path.startswith("/communes/97413?")
        body = json.dumps(SAINT_LEU if known else {}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def geo_api() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), GeoApi)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def quiet(bare: Terminal) -> Terminal:
    """A terminal whose environment says nothing but where the database is."""
    bare.environment = {
        name: value
        for name, value in bare.environment.items()
        if name in ("FEDCOMMUNE_DATABASE_URL", "FEDCOMMUNE_STORAGE_DIRECTORY")
    }
    return bare


LOCAL = ("init", "--development", "--domain", "saint-leu.localhost:8001")


def test_the_geo_api_fills_in_what_the_insee_code_knows(quiet: Terminal, geo_api: str) -> None:
    answer = quiet.ask(*LOCAL, "--insee", "97413", "--geo-api", geo_api)

    written = tomllib.loads((quiet.folder / "config.toml").read_text())
    assert written["commune"] == {
        "domain": "saint-leu.localhost:8001",
        "name": "Saint-Leu",
        "insee": "97413",
        "postal_codes": ["97416", "97424", "97436"],
        "epci": "249740101",
        "latitude": -21.1652,
        "longitude": 55.3305,
        "timezone": "Indian/Reunion",
        "outline": "outline.geojson",
    }
    assert written["development"]["plain_http"] is True
    outline = json.loads((quiet.folder / "outline.geojson").read_text())
    assert outline["geometry"] == SAINT_LEU["contour"]
    assert answer["origin"] == "http://saint-leu.localhost:8001"
    assert {handle.partition("@")[0] for handle in answer["actors"]} == {
        "saint-leu.localhost",
        *("agenda", "annonces", "projets", "democratie", "commerces", "place"),
    }


def test_what_is_said_wins_over_what_the_geo_api_knows(quiet: Terminal, geo_api: str) -> None:
    quiet.ask(
        *(*LOCAL, "--insee", "97413", "--geo-api", geo_api),
        *("--name", "Saint-Leu la Pointe", "--postal-codes", "97436"),
    )

    commune = tomllib.loads((quiet.folder / "config.toml").read_text())["commune"]
    assert commune["name"] == "Saint-Leu la Pointe"
    assert commune["postal_codes"] == ["97436"]


def test_a_geo_api_out_of_reach_is_said_clearly_and_stops_nothing(quiet: Terminal) -> None:
    result = quiet.type(*LOCAL, "--insee", "97413", "--geo-api", "http://localhost:1", "--yes")

    assert result.exit_code == 0, result.output
    assert "The geo API (http://localhost:1) did not help" in result.stderr
    commune = tomllib.loads((quiet.folder / "config.toml").read_text())["commune"]
    assert commune["timezone"] == "Indian/Reunion"


def test_a_code_that_no_commune_has_is_refused_and_nothing_is_written(
    quiet: Terminal, geo_api: str
) -> None:
    answer = quiet.ask(*LOCAL, "--insee", "97499", "--geo-api", geo_api, code=1)

    assert "97499" in answer["error"]
    assert list(quiet.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "domain: Give the domain"),
        (("--domain", "saint-leu.localhost:8001"), "or --development"),
        (("--domain", "saint-leu.example", "--development"), "[development] is refused"),
        (("--domain", "saint-leu.example", "--timezone", "Paris"), "[commune] timezone"),
        (("--domain", "saint-leu.example", "--latitude", "1"), "go together"),
        (("--domain", "saint-leu.example", "--outline", "nowhere.json"), "outline:"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    quiet: Terminal, words: tuple[str, ...], said: str
) -> None:
    result = quiet.type("init", "--offline", *words)

    assert result.exit_code == 1
    assert said in result.stderr
    assert list(quiet.folder.iterdir()) == []


def test_doing_it_again_changes_nothing(quiet: Terminal) -> None:
    quiet.ask(*LOCAL, "--offline")
    before = (quiet.folder / "config.toml").read_bytes()
    key = (quiet.folder / "var" / "secret.key").read_bytes()

    again = quiet.ask("init")
    refused = quiet.ask("init", "--name", "Elsewhere", code=1)

    assert again["actors"] == []
    assert again["secret_key_made"] is False
    assert "change name there" in refused["error"]
    assert (quiet.folder / "config.toml").read_bytes() == before
    assert (quiet.folder / "var" / "secret.key").read_bytes() == key
    assert stat.S_IMODE((quiet.folder / "var" / "secret.key").stat().st_mode) == 0o600


def test_a_lost_secret_key_is_not_replaced_by_one_that_opens_nothing(quiet: Terminal) -> None:
    quiet.ask(*LOCAL, "--offline")
    key = quiet.folder / "var" / "secret.key"
    key.unlink()

    answer = quiet.ask("init", code=1)

    assert "restore" in answer["error"]
    assert not key.exists()


def test_the_environment_alone_is_enough(bare: Terminal) -> None:
    answer = bare.ask("init", "--no-file")

    assert answer["config"] is None
    assert answer["name"] == "Saint-Leu"
    assert list(bare.folder.iterdir()) == []


def test_what_the_environment_says_is_written_too(bare: Terminal) -> None:
    bare.ask("init", "--offline", "--development")

    commune = tomllib.loads((bare.folder / "config.toml").read_text())["commune"]
    assert commune["name"] == "Saint-Leu"
    assert commune["insee"] == "97413"


def test_the_file_may_stand_elsewhere(quiet: Terminal, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "commune.toml"

    quiet.ask(*LOCAL, "--offline", "--config", str(target))

    assert tomllib.loads(target.read_text())["commune"]["domain"] == "saint-leu.localhost:8001"
    assert quiet.ask("actor", "list", "--config", str(target))
