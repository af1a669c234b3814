"""Keep one PostgreSQL server running for exactly as long as somebody holds its shared lock.

Run by path, never imported: ``python -I -S guardian.py HOLDERS SERVER_FD UID GID LOG POSTGRES…``.
It needs the standard library only, so that it starts in a few milliseconds.

Everybody who uses the database holds a shared lock on the file HOLDERS. The kernel releases
it whatever happens to them, kill -9 included; the guardian then obtains the exclusive lock
and stops the server. SERVER_FD is a locked file handed on to the server itself: that lock is
free again only when no process of the server is left, however it ended.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

_PR_SET_PDEATHSIG = 1
_PATIENCE = 60.0  # seconds for a clean shutdown before the server is told to drop everything


def _become_server(guardian: int, uid: int, gid: int, log: int, command: Sequence[str]) -> NoReturn:
    """In the child: give up every privilege, ask to be stopped with our parent, and begin."""
    try:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        if sys.platform == "linux":
            # After setuid, which clears it. SIGINT is the clean, fast shutdown of PostgreSQL.
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
        if os.getppid() != guardian:
            os._exit(1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.execv(command[0], list(command))  # noqa: S606  # no shell wanted
    except OSError as error:
        os.write(log, f"fedcommune: cannot start {command[0]}: {error}\n".encode())
    os._exit(1)


def _stop_when_alone(holders: str, server: int) -> None:
    """Wait until nobody holds the shared lock, then stop the server."""
    # Held until this process ends: whoever arrives meanwhile waits for the end of the stop.
    fcntl.flock(os.open(holders, os.O_RDWR), fcntl.LOCK_EX)
    os.kill(server, signal.SIGINT)
    time.sleep(_PATIENCE)
    os.kill(server, signal.SIGQUIT)


def main(arguments: Sequence[str]) -> int:
    """Run the server; return its exit status (0 to 255)."""
    holders, server_fd, uid, gid, log_path, *command = arguments
    os.set_inheritable(int(server_fd), True)
    log = os.open(log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.chdir("/")

    guardian = os.getpid()
    server = os.fork()
    if server == 0:
        _become_server(guardian, int(uid), int(gid), log, command)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        os.kill(server, signal.SIGINT)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    threading.Thread(target=_stop_when_alone, args=(holders, server), daemon=True).start()
    _, status = os.waitpid(server, 0)
    return os.waitstatus_to_exitcode(status) & 0xFF


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
