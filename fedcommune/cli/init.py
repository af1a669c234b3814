"""The first command: say which commune this is, write it down, make keys and database."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson
from click.core import ParameterSource

import fedcommune
from fedcommune import config as configuration
from fedcommune import founding, logs
from fedcommune.cli.commands import Call, command
from fedcommune.commune import opened
from fedcommune.config import Config, ConfigError
from fedcommune.domain.territory import geo_api
from fedcommune.domain.territory.model import Territory, timezone_of
from fedcommune.errors import Conflict, Invalid
from fedcommune.tomlfile import document
from federation.errors import UnavailableError
from federation.iris import Reach
from federation.network import Client

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Answers:
    """What an administrator says about the commune; empty where nothing was said."""

    domain: str = ""
    name: str = ""
    insee: str = ""
    postal_codes: tuple[str, ...] = ()
    epci: str = ""
    latitude: float | None = None
    longitude: float | None = None
    timezone: str = ""
    description: str = ""
    contact: str = ""
    language: str = ""


def _setting(name: str, help_text: str, **options: Any) -> Callable[[F], F]:
    """An option that the environment can give as well, under its FEDCOMMUNE_ name."""
    variable = f"FEDCOMMUNE_{options.pop('section', 'commune').upper()}_{name.upper()}"
    flag = options.pop("flag", "--" + name.replace("_", "-"))
    return click.option(flag, name, envvar=variable, help=help_text, **options)


@click.command()
@_setting("domain", "The domain of every address; it can never be changed afterwards.", default="")
@_setting("insee", "The INSEE code; the national geo API then knows the rest.", default="")
@_setting("name", "The name of the commune.", default="")
@_setting(
    "postal_codes",
    "Its postal codes, separated by commas.",
    default="",
    flag="--postal-codes",
)
@_setting("epci", "The SIREN number of its EPCI.", default="")
@_setting("latitude", "The centre, in degrees.", type=float)
@_setting("longitude", "The centre, in degrees.", type=float)
@_setting("outline", "A GeoJSON file with its outline.", default="")
@_setting("timezone", "The time zone, such as Indian/Reunion.", default="")
@_setting("description", "One or two sentences about this place.", default="")
@_setting("contact", "The e-mail address or page of the administrators.", default="")
@_setting("language", "The language of the commune, such as fr.", default="")
@_setting("port", "The port to listen on.", type=int, section="server")
@_setting("url", "A PostgreSQL to use.", default="", section="database", flag="--database-url")
@_setting("directory", "The folder for the data.", default="", section="storage")
@click.option("--development", is_flag=True, help="Plain http and neighbours on this machine.")
@click.option("--offline", is_flag=True, help="Do not ask the geo API.")
@click.option(
    "--geo-api", default=geo_api.PUBLIC, envvar="FEDCOMMUNE_GEO_API", help="Where it stands."
)
@click.option("--yes", "-y", is_flag=True, help="Ask nothing.")
@click.option("--no-file", is_flag=True, help="Write no config.toml: the environment says it all.")
@command
def init(call: Call, /, **options: Any) -> None:
    """Set up a commune: config.toml, the secret key, the database, the first actors.

    What is not given as an option or in the environment is asked for, when there is somebody
    to ask. Doing it again completes what is missing and changes nothing else.
    """
    logs.set_up("warning")
    target = call.path or Path(os.environ.get("FEDCOMMUNE_CONFIG", "config.toml"))
    if options["no_file"]:
        settings = configuration.load(None, os.environ)
    elif target.exists():
        _refuse_changes(target)
        settings = configuration.load(target, os.environ)
    else:
        settings = _write(call, target, options)
    opened_now, new_key = asyncio.run(_set_up(settings))
    instance = configuration.instance_of(settings)
    call.out.record(
        {
            "config": None if options["no_file"] else str(target.absolute()),
            "secret_key": None if settings.secret_key else str(settings.key_file),
            "secret_key_made": new_key,
            "origin": instance.origin,
            "insee": instance.insee,
            "name": instance.name,
            "actors": opened_now,
        },
        f"{instance.name} is ready: {instance.origin}\n"
        + ("" if options["no_file"] else f"Configuration: {target.absolute()}\n")
        + ("" if settings.secret_key else f"Secret key, to be backed up: {settings.key_file}\n")
        + "Next: fedcommune serve",
    )


def _refuse_changes(target: Path) -> None:
    context = click.get_current_context()
    given = [
        name
        for name in (*Answers.__slots__, "outline", "port", "url", "directory", "development")
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise Conflict(f"{target} exists already: change {', '.join(given)} there.")


def _write(call: Call, target: Path, options: Mapping[str, Any]) -> Config:
    """Find out everything, write config.toml, and return what it says."""
    asks = sys.stdin.isatty() and not options["yes"] and not call.out.as_json
    answers = Answers(
        **{name: options[name] for name in Answers.__slots__ if name != "postal_codes"},
        postal_codes=_codes(options["postal_codes"]),
    )
    if asks and not answers.insee:
        insee = click.prompt("INSEE code of the commune", default="", show_default=False)
        answers = replace(answers, insee=insee.strip())
    territory = None
    if answers.insee and not options["offline"]:
        territory = asyncio.run(_ask_geo_api(call, answers.insee, options))
    if territory is not None:
        answers = completed(answers, territory)
    elif answers.insee and not answers.timezone:
        answers = replace(answers, timezone=timezone_of(answers.insee))
    if asks:
        answers = _asked(answers)
    if not answers.domain:
        raise Invalid("domain", "Give the domain: --domain commune.example.")
    outline = _outline(target, options["outline"], territory)
    return _kept(target, answers, outline, options)


def _codes(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


async def _ask_geo_api(call: Call, insee: str, options: Mapping[str, Any]) -> Territory | None:
    """Return what the geo API knows; None, after saying so, when it cannot be reached."""
    client = Client(
        reach=Reach(development=options["development"]),
        user_agent=f"fedcommune/{fedcommune.__version__}",
    )
    try:
        return await geo_api.commune(client, insee, api=options["geo_api"].rstrip("/"))
    except UnavailableError as error:
        click.echo(
            f"The geo API ({options['geo_api']}) did not help: {error} Only what you give "
            "yourself is written; complete config.toml, or remove it and try again later.",
            err=True,
        )
        return None
    finally:
        await client.aclose()


def completed(answers: Answers, territory: Territory) -> Answers:
    """Return *answers* with what *territory* knows wherever nothing was said."""
    located = answers.latitude is None and answers.longitude is None
    return replace(
        answers,
        insee=territory.insee,
        name=answers.name or territory.name,
        postal_codes=answers.postal_codes or territory.postal_codes,
        epci=answers.epci or territory.epci,
        latitude=territory.latitude if located else answers.latitude,
        longitude=territory.longitude if located else answers.longitude,
        timezone=answers.timezone or territory.timezone,
    )


def _asked(answers: Answers) -> Answers:
    """Return *answers* after a look of the person at the keyboard."""

    def ask(question: str, proposal: str) -> str:
        said = click.prompt(question, default=proposal, show_default=bool(proposal))
        return str(said).strip()

    domain = answers.domain or click.prompt("Domain (it can never be changed afterwards)")
    return replace(
        answers,
        domain=str(domain).strip(),
        name=ask("Name of the commune", answers.name),
        postal_codes=_codes(ask("Postal codes", ", ".join(answers.postal_codes))),
        epci=ask("SIREN number of the EPCI", answers.epci),
        timezone=ask("Time zone", answers.timezone or "Europe/Paris"),
        contact=ask("Contact (e-mail or page)", answers.contact),
    )


def _outline(target: Path, given: str, territory: Territory | None) -> str:
    """Return the name of the file with the outline, written when the geo API gave one."""
    if given:
        try:
            orjson.loads(Path(given).read_bytes())
        except (OSError, ValueError):
            raise Invalid("outline", f"{given} is not a GeoJSON file.") from None
        return str(Path(given).absolute())
    if territory is None or territory.outline is None:
        return ""
    feature = {
        "type": "Feature",
        "properties": {"nom": territory.name, "code": territory.insee},
        "geometry": territory.outline,
    }
    name = "outline.geojson"
    target.parent.mkdir(parents=True, exist_ok=True)
    (target.parent / name).write_bytes(orjson.dumps(feature))
    return name


def _kept(target: Path, answers: Answers, outline: str, options: Mapping[str, Any]) -> Config:
    """Write the file when what it says is valid; return it as it is read again."""
    commune = {name: getattr(answers, name) for name in Answers.__slots__}
    sections: dict[str, dict[str, Any]] = {
        "commune": {**commune, "outline": outline},
        "server": {"port": options["port"]},
        "database": {"url": options["url"]},
        "storage": {"directory": options["directory"]},
    }
    if options["development"]:
        switches = ("enabled", "plain_http", "loopback_peers")
        sections["development"] = dict.fromkeys(switches, True)
    text = document(sections, "Written by fedcommune init; config.example.toml has every key.")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".new")
    draft.write_text(text, encoding="utf-8")
    try:
        configuration.load(draft, os.environ)
        draft.rename(target)
    except ConfigError as error:
        draft.unlink()
        hint = " (or --development)" if "is not a public name" in str(error) else ""
        raise ConfigError(f"{error}{hint}") from None
    return configuration.load(target, os.environ)


async def _set_up(settings: Config) -> tuple[list[str], bool]:
    """Make what is missing; return the handles of the new actors, and whether a key was made."""
    new_key = configuration.make_secret(settings)
    async with opened(settings) as commune:
        if new_key and await founding.has_sealed_keys(commune):
            settings.key_file.unlink()
            raise ConfigError(
                f"The database holds private keys that only its old secret key opens: restore "
                f"{settings.key_file} from your backup."
            )
        return [account.handle for account in await founding.found(commune)], new_key
