"""What every command has: --config, --json, a commune to open, and a clear end.

Exit codes: 0 done, 1 refused or wrong, 2 wrong usage, 3 not now (try again later), 130 stopped.
"""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import asyncpg
import click

from fedcommune import commune, config, logs
from fedcommune.cli.output import Output
from fedcommune.commune import Commune
from fedcommune.config import Config, ConfigError
from fedcommune.errors import CommuneError, Invalid, TooMany
from fedcommune.migrate import MigrationError
from fedcommune.postgres import DatabaseError, Embedded
from fedcommune.serving import PortTaken
from federation.errors import FederationError, UnavailableError

P = ParamSpec("P")
T = TypeVar("T")

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
NOT_NOW: Final = 3
STOPPED: Final = 130


class NotNowError(Exception):
    """What was asked for did not come about in time."""


class Call:
    """One command on its way: where its configuration is, and where it answers."""

    def __init__(self, path: Path | None, out: Output) -> None:
        self.path = path
        self.out = out

    def file(self) -> Path | None:
        """Return the configuration file: named, or found; None when there is none."""
        return self.path or config.default_path(os.environ, Path.cwd())

    def config(self) -> Config:
        """Read the configuration. Raises ConfigError."""
        return config.load(self.file(), os.environ)

    def run(self, work: Callable[[Commune], Awaitable[T]]) -> T:
        """Open the commune, do *work* with it, close it."""
        settings = self.config()
        logs.set_up("warning", settings.log.format)

        async def run() -> T:
            async with commune.opened(settings) as opened:
                return await work(opened)

        return asyncio.run(run())


def command(
    function: Callable[Concatenate[Call, P], None],
) -> Callable[..., None]:
    """Give *function* ``--config`` and ``--json``, and turn its errors into exit codes.

    Put it directly above the function, below its options.
    """

    @click.option(
        "--config",
        "path",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The configuration file (FEDCOMMUNE_CONFIG, or ./config.toml).",
    )
    @click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for scripts.")
    @click.pass_context
    @functools.wraps(function)
    def run(context: click.Context, /, *args: Any, **options: Any) -> None:
        out = Output(as_json=options.pop("as_json"))
        path = options.pop("path") or (context.find_root().obj or {}).get("path")
        with ending(out):
            function(Call(path, out), *args, **options)

    return run


@contextmanager
def ending(out: Output) -> Iterator[None]:
    """Turn what goes wrong in the block into a sentence and an exit code."""
    try:
        yield
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise SystemExit(STOPPED) from None
    except click.ClickException:
        raise
    except Exception as error:
        found = explain(error)
        if found is None:
            raise
        code, sentence = found
        out.fail(sentence, code)
        raise SystemExit(code) from None


def explain(error: Exception) -> tuple[int, str] | None:
    """Return the exit code and the sentence for what went wrong; None for a bug of ours."""
    match error:
        case NotNowError() | UnavailableError() | TooMany() | DatabaseError():
            return NOT_NOW, str(error)
        case Invalid():
            return REFUSED, f"{error.field}: {error}"
        case CommuneError() | FederationError() | ConfigError() | MigrationError():
            return REFUSED, str(error)
        case asyncpg.PostgresConnectionError() | asyncpg.CannotConnectNowError():
            return NOT_NOW, f"The database does not answer now: {error}."
        case asyncpg.InvalidAuthorizationSpecificationError() | asyncpg.InvalidCatalogNameError():
            return REFUSED, f"[database] url is refused by the database: {error}."
        case PortTaken():
            return NOT_NOW, str(error)
        case OSError():
            return NOT_NOW, f"{error.strerror or error}."
    return None


@asynccontextmanager
async def database_url(settings: Config) -> AsyncIterator[str]:
    """Give the URL of the database of *settings*, started if it is our own."""
    if settings.database.url:
        yield settings.database.url
        return
    embedded = Embedded(settings.directory / "postgres")
    try:
        yield await embedded.start()
    finally:
        await embedded.stop()
