"""The configuration: file, environment, defaults, and sentences for what is wrong."""

from __future__ import annotations

import base64
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fedcommune import config as module
from fedcommune.config import ConfigError, instance_of, load, make_secret, reach_of, secret_of
from fedcommune.settings import DEFAULT_PORT
from federation.iris import Reach

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
DOMAIN = {"FEDCOMMUNE_COMMUNE_DOMAIN": "saint-leu.example"}
DEVELOPMENT = {
    "FEDCOMMUNE_COMMUNE_DOMAIN": "saint-leu.localhost:8001",
    "FEDCOMMUNE_DEVELOPMENT_ENABLED": "true",
    "FEDCOMMUNE_DEVELOPMENT_PLAIN_HTTP": "true",
    "FEDCOMMUNE_DEVELOPMENT_LOOPBACK_PEERS": "yes",
}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def example() -> dict[str, Any]:
    """Every key of the example, those that stand in a comment included."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    return tomllib.loads("\n".join(re.sub(r"^# (?=[a-z_]+ = )", "", line) for line in lines))


def test_no_file_is_needed() -> None:
    config = load(None, DOMAIN)

    assert config.commune.domain == "saint-leu.example"
    assert config.directory == Path.cwd() / "var"
    assert config.port == 8000


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '[commune]\ndomain = "a.example"\nname = "A"\npostal_codes = ["97436"]\n'
        "[federation]\nsecure_mode = true\n[server]\nport = 80\n",
    )

    config = load(
        path,
        {
            "FEDCOMMUNE_COMMUNE_DOMAIN": "b.example",
            "FEDCOMMUNE_COMMUNE_POSTAL_CODES": "97416, 97424",
            "FEDCOMMUNE_COMMUNE_LATITUDE": "-21.17",
            "FEDCOMMUNE_COMMUNE_LONGITUDE": "55",
            "FEDCOMMUNE_FEDERATION_SECURE_MODE": "off",
            "FEDCOMMUNE_SERVER_PORT": "8080",
        },
    )

    assert (config.commune.domain, config.commune.name) == ("b.example", "A")
    assert config.commune.postal_codes == ("97416", "97424")
    assert (config.commune.latitude, config.commune.longitude) == (-21.17, 55.0)
    assert config.federation.secure_mode is False
    assert config.port == 8080


def test_paths_are_taken_from_the_folder_of_the_file(tmp_path: Path) -> None:
    config = load(written(tmp_path, '[commune]\ndomain = "a.example"\n'), {})

    assert config.directory == tmp_path / "var"
    assert config.key_file == tmp_path / "var" / "secret.key"
    assert config.path("outline.geojson") == tmp_path / "outline.geojson"


def test_a_file_is_found_by_variable_or_beside_us(tmp_path: Path) -> None:
    assert module.default_path({}, tmp_path) is None
    beside = written(tmp_path, "")
    assert module.default_path({}, tmp_path) == beside
    assert module.default_path({"FEDCOMMUNE_CONFIG": "/etc/f.toml"}, tmp_path) == Path(
        "/etc/f.toml"
    )


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        ("", {}, "[commune] domain is missing"),
        ("[commune", DOMAIN, "is not valid TOML"),
        ("[comune]\nname = 'x'\n", DOMAIN, "no section [comune]"),
        ("[server]\nprot = 1\n", DOMAIN, "no key [server] prot"),
        ("[server]\nport = 'x'\n", DOMAIN, "[server] port must be a number from 0 to 65535"),
        ("[server]\nhost = 1\n", DOMAIN, "The setting [server] host is wrong"),
        ("server = 1\n", DOMAIN, "[server]"),
        ("server = 1\n", {**DOMAIN, "FEDCOMMUNE_SERVER_PORT": "1"}, "[server]"),
        ("[log]\nlevel = 'loud'\n", DOMAIN, "[log] level must be debug, info, warning or error"),
        ("[commune]\ninsee = '974'\n", DOMAIN, "[commune] insee must be a code"),
        ("[commune]\npostal_codes = ['1']\n", DOMAIN, "[commune] postal_codes must be"),
        ("[commune]\nlatitude = 91.0\n", DOMAIN, "[commune] latitude must be"),
        ("[commune]\nlatitude = 1.0\n", DOMAIN, "latitude and longitude go together"),
        ("[commune]\ntimezone = 'Paris'\n", DOMAIN, "[commune] timezone"),
        ("[database]\nurl = 'mysql://x'\n", DOMAIN, "[database] url"),
        ("[database]\nmin_connections = 11\n", DOMAIN, "min_connections"),
        ("[server]\ntrusted_proxies = ['nginx']\n", DOMAIN, "[server] trusted_proxies: 'nginx'"),
        (
            "",
            {**DOMAIN, "FEDCOMMUNE_SERVER_PORT": "many"},
            "FEDCOMMUNE_SERVER_PORT must be a number",
        ),
        ("", {**DOMAIN, "FEDCOMMUNE_SERVER_PORT": "99999"}, "FEDCOMMUNE_SERVER_PORT must be"),
        ("", {**DOMAIN, "FEDCOMMUNE_SERVER_PROT": "1"}, "FEDCOMMUNE_SERVER_PROT is not a setting"),
        ("", {**DOMAIN, "FEDCOMMUNE_FEDERATION_SECURE_MODE": "maybe"}, "must be true or false"),
        (
            "",
            {**DOMAIN, "FEDCOMMUNE_SECRET_KEY": "short"},
            "FEDCOMMUNE_SECRET_KEY must be 32 bytes",
        ),
        ("", {"FEDCOMMUNE_COMMUNE_DOMAIN": "https://a.example/"}, "must be a bare name"),
        ("", {"FEDCOMMUNE_COMMUNE_DOMAIN": "localhost"}, "is not a public name"),
        ("", {"FEDCOMMUNE_COMMUNE_DOMAIN": "10.0.0.1"}, "is not a public name"),
        ("", {"FEDCOMMUNE_COMMUNE_DOMAIN": "a.example:8001"}, "is not a public name"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_with_the_name_of_the_key(
    tmp_path: Path, text: str, environ: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        load(written(tmp_path, text), environ)

    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert str(raised.value).endswith(".")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml does not exist"):
        load(tmp_path / "config.toml", DOMAIN)


@pytest.mark.parametrize(
    "domain", ["saint-leu.localhost:8001", "localhost:3000", "localhost", "127.0.0.1:9000"]
)
def test_development_allows_plain_http_on_a_name_of_this_machine(domain: str) -> None:
    config = load(None, {**DEVELOPMENT, "FEDCOMMUNE_COMMUNE_DOMAIN": domain})

    assert instance_of(config).origin == f"http://{domain}"
    assert reach_of(config) == Reach(development=True)
    assert config.port == int(domain.partition(":")[2] or 8000)


@pytest.mark.parametrize(
    "domain",
    [
        "saint-leu.example",
        "saint-leu.example:8001",
        "10.0.0.1",
        "localhost.example",
        "192.168.1.2:80",
    ],
)
def test_development_is_refused_for_a_public_domain(domain: str) -> None:
    with pytest.raises(ConfigError, match=r"\[development\] is refused"):
        load(None, {**DEVELOPMENT, "FEDCOMMUNE_COMMUNE_DOMAIN": domain})


@pytest.mark.parametrize("key", ["PLAIN_HTTP", "LOOPBACK_PEERS", "NO_RATE_LIMITS"])
def test_no_part_of_development_works_alone(key: str) -> None:
    with pytest.raises(ConfigError, match="enabled = true"):
        load(None, {**DOMAIN, f"FEDCOMMUNE_DEVELOPMENT_{key}": "true"})


def test_without_development_the_door_is_guarded_and_the_origin_is_https() -> None:
    config = load(None, {"FEDCOMMUNE_COMMUNE_DOMAIN": "Saint-Leu.Example."})

    assert reach_of(config) == Reach()
    assert instance_of(config).origin == "https://saint-leu.example"


def test_the_default_port_is_left_out_of_the_origin() -> None:
    config = load(None, {**DEVELOPMENT, "FEDCOMMUNE_COMMUNE_DOMAIN": "localhost:80"})

    assert instance_of(config).origin == "http://localhost"


def test_what_a_cluster_adds_to_the_environment_is_no_setting() -> None:
    added = {"FEDCOMMUNE_PORT": "tcp://10.0.0.1:80", "FEDCOMMUNE_SERVICE_HOST": "10.0.0.1"}

    assert load(None, {**DOMAIN, **added}).port == 8000


def test_sec_ops_03_the_secret_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    config = load(written(tmp_path, '[commune]\ndomain = "a.example"\n'), {})
    with pytest.raises(ConfigError, match="run 'fedcommune init'"):
        secret_of(config)

    assert make_secret(config) is True
    first = secret_of(config)
    assert make_secret(config) is False

    assert len(first) == 32
    assert secret_of(config) == first
    assert stat.S_IMODE(config.key_file.stat().st_mode) == 0o600


def test_sec_ops_03_the_secret_key_may_come_from_the_environment(tmp_path: Path) -> None:
    secret = base64.b64encode(b"s" * 32).decode()
    config = load(
        written(tmp_path, '[commune]\ndomain = "a.example"\n'), {"FEDCOMMUNE_SECRET_KEY": secret}
    )

    assert secret_of(config) == b"s" * 32
    assert make_secret(config) is False
    assert not config.key_file.exists()
    assert secret not in repr(config)
    assert "sss" not in repr(config)


def test_the_secret_key_may_be_written_in_base64(tmp_path: Path) -> None:
    config = load(written(tmp_path, '[commune]\ndomain = "a.example"\n'), {})
    config.key_file.parent.mkdir()
    config.key_file.write_bytes(base64.b64encode(b"s" * 32) + b"\n")
    assert secret_of(config) == b"s" * 32

    config.key_file.write_bytes(b"too short")
    with pytest.raises(ConfigError, match="is not a secret key"):
        secret_of(config)


def test_the_example_names_every_key_and_no_other() -> None:
    found = [(section, key) for section, table in example().items() for key in table]

    assert sorted(found) == sorted(module.keys())


def test_the_example_tells_the_defaults() -> None:
    values = example()

    for section, kind in module.SECTIONS.items():
        if section == "commune":
            continue  # an example commune, not a default one
        defaults = msgspec.to_builtins(kind())
        if section == "server":
            defaults["port"] = DEFAULT_PORT
        for key, value in values[section].items():
            default = list(defaults[key]) if value == [] else defaults[key]
            assert default == value, f"[{section}] {key}"


def test_the_example_explains_every_key_in_a_sentence() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()

    for number, line in enumerate(lines):
        if not re.match(r"(# )?[a-z_]+ = ", line):
            continue
        above = number - 1
        while re.match(r"[a-z_]+ = ", lines[above]):  # two keys may share an explanation
            above -= 1
        assert lines[above].startswith("# "), line
        assert lines[above].endswith("."), line


def test_the_example_can_be_used_as_it_is() -> None:
    assert load(EXAMPLE, {}).commune.name == "Saint-Leu"
