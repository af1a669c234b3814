"""The settings of a commune: each section, each key, its type and its default.

``config.example.toml`` explains them; :mod:`fedcommune.config` reads and checks them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

DEFAULT_PORT: Final = 8000

Name = Annotated[str, Meta(max_length=200)]
Positive = Annotated[int, Meta(ge=1)]


class CommuneSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Which commune this is."""

    name: Name = ""
    insee: Annotated[str, Meta(pattern=r"^([0-9]{5}|2[AB][0-9]{3})?$")] = ""
    postal_codes: tuple[Annotated[str, Meta(pattern=r"^[0-9]{5}$")], ...] = ()
    epci: Annotated[str, Meta(pattern=r"^([0-9]{9})?$")] = ""
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None
    outline: str = ""
    timezone: str = "Europe/Paris"
    domain: str = ""
    description: Annotated[str, Meta(max_length=5000)] = ""
    contact: Name = ""
    language: Annotated[str, Meta(pattern=r"^[a-z]{2,3}$")] = "fr"
    rules: tuple[Annotated[str, Meta(min_length=1, max_length=1000)], ...] = ()
    about: str = ""
    terms: str = ""
    privacy: str = ""


class ServerSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the web server listens."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] | None = None
    trusted_proxies: tuple[str, ...] = ()


class DatabaseSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Which PostgreSQL."""

    url: str = ""
    min_connections: Positive = 1
    max_connections: Annotated[int, Meta(ge=4)] = 10


class StorageSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Where files are kept."""

    directory: str = "var"
    media_host: str = ""
    copies_megabytes: Annotated[int, Meta(ge=0)] = 1000
    ffmpeg: str = "ffmpeg"


class FederationSection(Struct, frozen=True, forbid_unknown_fields=True):
    """How we behave towards other servers."""

    secure_mode: bool = False
    send_blocks: bool = False
    high_ports: bool = False
    user_agent: Annotated[str, Meta(max_length=200, pattern=r"^[ -~]*$")] = ""


class WorkersSection(Struct, frozen=True, forbid_unknown_fields=True):
    """How much work is done at once."""

    inbox: Annotated[int, Meta(ge=0, le=64)] = 1
    outbox: Annotated[int, Meta(ge=0, le=1)] = 1


class LimitsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """How much of anything is too much."""

    inbox_requests: Positive = 3000


class LogSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What is written to the standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class DevelopmentSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What only a machine under a desk may do."""

    enabled: bool = False
    plain_http: bool = False
    loopback_peers: bool = False
    no_rate_limits: bool = False
    confirmed_signups: bool = False
    password_grant: bool = False


class MailSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Through which server letters leave."""

    host: str = ""
    port: Annotated[int, Meta(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = ""
    sender: str = ""


class RegistrationSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Who may open an account."""

    mode: Literal["open", "approval", "invitation"] = "open"
    friends: bool = True
    geo_api: str = "https://geo.api.gouv.fr"


class MapSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the pictures of the map come from, and who knows where an address is."""

    tiles: Annotated[str, Meta(pattern=r"^(https?://[!-~]+)?$", max_length=500)] = (
        "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
    )
    attribution: Name = "© OpenStreetMap"
    attribution_url: Name = "https://www.openstreetmap.org/copyright"
    address_api: Name = "https://api-adresse.data.gouv.fr"


class TranslationSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Who translates open posts."""

    url: Annotated[str, Meta(max_length=500)] = ""
    api_key: Name = ""


class SecretsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the key is that opens the private keys in the database."""

    key_file: str = ""


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything an administrator decides. Paths are relative to *base* (see :meth:`path`)."""

    commune: CommuneSection = CommuneSection()
    server: ServerSection = ServerSection()
    database: DatabaseSection = DatabaseSection()
    storage: StorageSection = StorageSection()
    federation: FederationSection = FederationSection()
    workers: WorkersSection = WorkersSection()
    limits: LimitsSection = LimitsSection()
    mail: MailSection = MailSection()
    registration: RegistrationSection = RegistrationSection()
    map: MapSection = MapSection()
    translation: TranslationSection = TranslationSection()
    log: LogSection = LogSection()
    development: DevelopmentSection = DevelopmentSection()
    secrets: SecretsSection = SecretsSection()

    base: Path = Path()
    secret_key: bytes = b""

    def __repr__(self) -> str:
        return f"Config({self.commune.domain})"  # never the secret (SEC-OPS-01)

    def path(self, name: str) -> Path:
        """Return the path *name* of the configuration, taken from the file's own folder."""
        return (self.base / name).absolute()

    @property
    def directory(self) -> Path:
        """The folder of everything this commune keeps outside PostgreSQL."""
        return self.path(self.storage.directory)

    @property
    def files(self) -> Path:
        """The folder of what people sent, and of our copies of strangers' pictures."""
        return self.directory / "files"

    @property
    def key_file(self) -> Path:
        """The file of the secret key, whether it exists or not."""
        return self.path(self.secrets.key_file or f"{self.storage.directory}/secret.key")

    @property
    def mail_sender(self) -> str:
        """The address that letters come from."""
        host = self.commune.domain.partition(":")[0]
        return self.mail.sender or f"noreply@{host}"

    @property
    def port(self) -> int:
        """The port to listen on: given, or that of a domain in development, or 8000."""
        if self.server.port is not None:
            return self.server.port
        _, _, port = self.commune.domain.partition(":")
        return int(port) if port else DEFAULT_PORT

    @property
    def trusted_proxies(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """The networks whose X-Forwarded-* headers count (SEC-DOS-12)."""
        return tuple(ipaddress.ip_network(each) for each in self.server.trusted_proxies)

    @property
    def user_agent(self) -> str:
        """How we present ourselves to other servers, when the configuration says so."""
        return self.federation.user_agent


SECTIONS: Final[Mapping[str, type[Struct]]] = {
    "commune": CommuneSection,
    "server": ServerSection,
    "database": DatabaseSection,
    "storage": StorageSection,
    "federation": FederationSection,
    "workers": WorkersSection,
    "limits": LimitsSection,
    "mail": MailSection,
    "registration": RegistrationSection,
    "map": MapSection,
    "translation": TranslationSection,
    "log": LogSection,
    "development": DevelopmentSection,
    "secrets": SecretsSection,
}
