"""What an administrator decides: config.toml and the environment become frozen values, once.

Every key can also be given as ``FEDCOMMUNE_SECTION_KEY`` (``FEDCOMMUNE_COMMUNE_DOMAIN``),
which wins over the file; no file is needed at all. ``config.example.toml`` explains each key.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import os
import re
import secrets
import tomllib
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from fedcommune.instance import Instance
from fedcommune.settings import SECTIONS, Config, DevelopmentSection
from federation import iris
from federation.errors import RefusedError
from federation.iris import Reach

SECRET_BYTES: Final = 32
_PREFIX: Final = "FEDCOMMUNE_"
# Read elsewhere, and what a cluster adds to the environment of a service of our name.
_NOT_KEYS: Final = re.compile(r"FEDCOMMUNE_(CONFIG|SECRET_KEY|GEO_API|SERVICE_.*|PORT(_.*)?)")
_PATH: Final = re.compile(r"(?P<what>.*) - at `\$\.(?P<where>[a-z_.]+)[^`]*`")
# What a value must be, in words, where the types say it less well.
_EXPECTED: Final[Mapping[str, str]] = {
    "storage.copies_megabytes": "a number of megabytes, 0 or more",
    "commune.insee": "a code of five characters, such as 97413 or 2A004",
    "commune.postal_codes": "a list of codes of five digits",
    "commune.epci": "the SIREN number of the EPCI, nine digits",
    "commune.latitude": "a number of degrees from -90 to 90",
    "commune.longitude": "a number of degrees from -180 to 180",
    "commune.language": "a language code such as fr",
    "server.port": "a number from 0 to 65535",
    "database.max_connections": "a number from 4 on",
    "federation.user_agent": "at most 200 printable ASCII characters",
    "mail.port": "a number from 1 to 65535",
    "mail.security": "starttls, tls or none",
    "registration.mode": "open, approval or invitation",
    "log.level": "debug, info, warning or error",
    "log.format": "console or json",
}

__all__ = [
    "SECTIONS",
    "Config",
    "ConfigError",
    "default_path",
    "instance_of",
    "keys",
    "load",
    "make_secret",
    "reach_of",
    "secret_of",
]


class ConfigError(Exception):
    """The configuration needs a correction; the message names the key."""


def keys() -> list[tuple[str, str]]:
    """Return every (section, key) there is, in the order of ``config.example.toml``."""
    return [(section, key) for section, kind in SECTIONS.items() for key in kind.__struct_fields__]


def default_path(environ: Mapping[str, str], directory: Path) -> Path | None:
    """Return the file to read without ``--config``: FEDCOMMUNE_CONFIG, or one in *directory*."""
    if named := environ.get("FEDCOMMUNE_CONFIG"):
        return Path(named)
    beside = directory / "config.toml"
    return beside if beside.exists() else None


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Read the file *path* (none: defaults) and what *environ* overrides; check everything.

    Raises :class:`ConfigError` with one sentence that names the key.
    """
    values = _read(path) if path is not None else {}
    from_environment = _override(values, environ)
    try:
        config = msgspec.convert(values, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(_explain(str(error), from_environment)) from None
    base = path.absolute().parent if path is not None else Path.cwd()
    secret = (
        _decode(environ["FEDCOMMUNE_SECRET_KEY"]) if "FEDCOMMUNE_SECRET_KEY" in environ else b""
    )
    config = msgspec.structs.replace(config, base=base, secret_key=secret)
    return _check(config)


def instance_of(config: Config) -> Instance:
    """Return who we are according to *config*."""
    section = config.commune
    return Instance(
        domain=section.domain,
        name=section.name or section.domain,
        scheme="http" if config.development.plain_http else "https",
        insee=section.insee,
        postal_codes=section.postal_codes,
        epci=section.epci,
        latitude=section.latitude,
        longitude=section.longitude,
        timezone=section.timezone,
        description=section.description,
        contact=section.contact,
        language=section.language,
        media_host=config.storage.media_host,
    )


def reach_of(config: Config) -> Reach:
    """Return how far the guarded door goes according to *config*."""
    return Reach(
        development=config.development.loopback_peers, high_ports=config.federation.high_ports
    )


def secret_of(config: Config) -> bytes:
    """Return the 32 bytes that open the private keys: of the environment, or of the key file.

    Raises :class:`ConfigError` when there are none, or when the file is not such a key.
    """
    if config.secret_key:
        return config.secret_key
    try:
        content = config.key_file.read_bytes()
    except FileNotFoundError:
        raise ConfigError(
            f"The secret key {config.key_file} does not exist: run 'fedcommune init', or restore "
            "it from your backup."
        ) from None
    except OSError as error:
        raise ConfigError(
            f"The secret key {config.key_file} cannot be read: {error.strerror}."
        ) from None
    if len(content) == SECRET_BYTES:
        return content
    try:
        return _decode(content.decode("ascii", errors="replace"))
    except ConfigError:
        raise ConfigError(
            f"{config.key_file} is not a secret key of {SECRET_BYTES} bytes: restore it from your "
            "backup."
        ) from None


def make_secret(config: Config) -> bool:
    """Write a new secret key, readable by its owner alone, unless there is one.

    Return whether it was written. Raises :class:`ConfigError` when it cannot be.
    """
    if config.secret_key:
        return False
    try:
        config.key_file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(config.key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    except OSError as error:
        raise ConfigError(
            f"The secret key {config.key_file} cannot be written: {error.strerror}."
        ) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())
    return True


def _decode(text: str) -> bytes:
    try:
        secret = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise ConfigError(
            f"FEDCOMMUNE_SECRET_KEY must be {SECRET_BYTES} bytes in base64 "
            f"(openssl rand -base64 {SECRET_BYTES})."
        )
    return secret


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except FileNotFoundError:
        raise ConfigError(f"The configuration {path} does not exist.") from None
    except OSError as error:
        raise ConfigError(f"The configuration {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"The configuration {path} is not valid TOML: {error}.") from None
    for section in values:
        if section not in SECTIONS:
            raise ConfigError(
                f"The configuration has no section [{section}]: correct or remove it."
            )
    return values


def _override(values: dict[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """Put what *environ* says into *values*; return the variable behind each section.key."""
    used: dict[str, str] = {}
    for variable in sorted(environ):
        if not variable.startswith(_PREFIX) or _NOT_KEYS.fullmatch(variable):
            continue
        section, _, key = variable.removeprefix(_PREFIX).lower().partition("_")
        kind = SECTIONS.get(section)
        if kind is None or key not in kind.__struct_fields__:
            raise ConfigError(f"The variable {variable} is not a setting: correct or remove it.")
        table = values.setdefault(section, {})
        if not isinstance(table, dict):
            continue  # refused below, by its own name
        table[key] = _parse(variable, environ[variable], kind, key)
        used[f"{section}.{key}"] = variable
    return used


def _parse(variable: str, text: str, kind: type[Struct], key: str) -> Any:
    """Return *text* as the kind of value that *key* has; msgspec refuses what remains wrong."""
    field = next(each for each in msgspec.structs.fields(kind) if each.name == key)
    default = field.default
    if isinstance(default, tuple):
        return [part.strip() for part in text.split(",") if part.strip()]
    if isinstance(default, str):
        return text
    if isinstance(default, bool):
        known = {"true": True, "1": True, "yes": True, "on": True}
        known |= {"false": False, "0": False, "no": False, "off": False}
        if text.strip().lower() not in known:
            raise ConfigError(f"{variable} must be true or false, not '{text}'.")
        return known[text.strip().lower()]
    if default is None and not text.strip():
        return None
    try:
        return int(text) if isinstance(default, int) or key == "port" else float(text)
    except ValueError:
        raise ConfigError(f"{variable} must be a number, not '{text}'.") from None


def _explain(message: str, from_environment: Mapping[str, str]) -> str:
    """Turn what msgspec says into a sentence that names the key."""
    if unknown := re.fullmatch(
        r"Object contains unknown field `(.*?)`(?: - at `\$\.(.*)`)?", message
    ):
        return f"The configuration has no key [{unknown[2]}] {unknown[1]}: correct or remove it."
    if found := _PATH.fullmatch(message):
        section, _, key = found["where"].partition(".")
        name = from_environment.get(found["where"]) or f"[{section}] {key}".strip()
        if expected := _EXPECTED.get(found["where"]):
            return f"The setting {name} must be {expected}."
        return f"The setting {name} is wrong: {found['what'].lower()}."
    return f"The configuration is wrong: {message}."


def _check(config: Config) -> Config:
    """Return *config* with its domain normalised. Raises :class:`ConfigError`."""
    section, development = config.commune, config.development
    if not section.domain:
        raise ConfigError(
            "[commune] domain is missing: run 'fedcommune init', or set FEDCOMMUNE_COMMUNE_DOMAIN."
        )
    for key in DevelopmentSection.__struct_fields__:
        if getattr(development, key) and not development.enabled:
            raise ConfigError(f"[development] {key} needs [development] enabled = true.")
    domain = _domain(section.domain, development)
    if (section.latitude is None) != (section.longitude is None):
        raise ConfigError("[commune] latitude and longitude go together: give both or none.")
    known = zoneinfo.available_timezones()
    if known and section.timezone not in known:
        raise ConfigError(
            f"[commune] timezone is unknown: '{section.timezone}'; give one like Europe/Paris or "
            "Indian/Reunion."
        )
    if config.database.min_connections > config.database.max_connections:
        raise ConfigError("[database] min_connections must not be above max_connections.")
    if config.database.url and not config.database.url.startswith(("postgresql://", "postgres://")):
        raise ConfigError("[database] url must begin with postgresql:// or be empty.")
    _check_mail(config)
    _check_translation(config)
    for proxy in config.server.trusted_proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            raise ConfigError(
                f"[server] trusted_proxies: '{proxy}' is not an address or a network."
            ) from None
    storage = config.storage
    if storage.media_host:
        storage = msgspec.structs.replace(
            storage, media_host=_media_host(storage.media_host, domain)
        )
    return msgspec.structs.replace(
        config, commune=msgspec.structs.replace(section, domain=domain), storage=storage
    )


def _media_host(text: str, domain: str) -> str:
    """Return the name of the media in its one spelling."""
    try:
        host = iris.domain(text)
    except RefusedError:
        raise ConfigError(
            f"[storage] media_host must be a bare name like media.commune.example, not '{text}'."
        ) from None
    if host == domain:
        raise ConfigError("[storage] media_host must be another name than [commune] domain.")
    return host


def _check_mail(config: Config) -> None:
    mail, geo_api = config.mail, config.registration.geo_api
    if mail.sender and re.fullmatch(r"[^@\s<>,]+@[^@\s<>,]+", mail.sender) is None:
        raise ConfigError("[mail] sender must be one e-mail address, such as mairie@example.org.")
    if mail.password and mail.host and mail.security == "none" and not config.development.enabled:
        raise ConfigError(
            "[mail] security = 'none' would send the password readable by all: set it to "
            "'starttls' or 'tls'."
        )
    if geo_api and not geo_api.startswith(("https://", "http://")):
        raise ConfigError("[registration] geo_api must begin with https:// or be empty.")


def _check_translation(config: Config) -> None:
    """The service is asked through the same guarded door as any stranger (SEC-NET-01)."""
    if config.translation.url:
        try:
            iris.check(config.translation.url, reach_of(config))
        except RefusedError:
            raise ConfigError(
                "[translation] url must be the public https:// address of a LibreTranslate "
                "service; on this machine only with [development] loopback_peers = true."
            ) from None


def _domain(text: str, development: DevelopmentSection) -> str:
    """Return the domain in its one spelling, when it may be ours."""
    try:
        domain = iris.domain(text)
    except RefusedError:
        raise ConfigError(
            f"[commune] domain must be a bare name like commune.example, not '{text}'."
        ) from None
    host, _, port = domain.partition(":")
    if not development.enabled:
        try:
            iris.check(f"https://{domain}/")
        except RefusedError:
            raise ConfigError(
                f"[commune] domain '{domain}' is not a public name: give the one people type, "
                "or set [development] enabled = true to try things out."
            ) from None
        return domain
    if not (host == "localhost" or host.endswith(".localhost") or _is_loopback(host)):
        raise ConfigError(
            f"[development] is refused for '{domain}', which is not a name of this machine: set "
            "[development] enabled = false, or use a domain like commune.localhost."
        )
    return host if development.plain_http and port == "80" else domain


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
