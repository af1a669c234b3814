"""Give up memory, time and room for files, then become another program (SEC-MED-04).

Run by path, never imported: ``python -I confined.py PROGRAM ARGUMENTS…``.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import Final

MEMORY: Final = 3 * 1024**3
SECONDS: Final = 900
LARGEST_FILE: Final = 200 * 1024**2


def main() -> None:
    """Never returns."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606  # no shell wanted


if __name__ == "__main__":
    main()
