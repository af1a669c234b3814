"""The dependency rule, as .importlinter writes it down."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT


def test_imports_go_down(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("lint-imports")),
            *("--no-logo", "--cache-dir", str(tmp_path)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_subject_has_its_place_among_the_floors() -> None:
    written = configparser.ConfigParser()
    written.read(ROOT / ".importlinter", encoding="utf-8")
    containers = written["importlinter:contract:floors"]["containers"].split()
    domain = ROOT / "fedcommune" / "domain"

    subjects = {
        f"fedcommune.domain.{floor.parent.name}"
        for name in ("actions", "queries", "outgoing", "incoming")
        for floor in (*domain.glob(f"*/{name}.py"), *domain.glob(f"*/{name}"))
    }

    assert subjects == set(containers)


# Large, and needed for what happens now and then: loaded with the first of it.
SELDOM = (
    *("OpenSSL", "PIL", "aiohttp", "aiosmtplib", "blurhash", "httpx", "icalendar", "markdown_it"),
    *("pyld", "requests", "sse_starlette", "webauthn", "fedcommune.demo", "fedcommune.cli.posts"),
)


def test_a_commune_starts_without_what_is_seldom_needed() -> None:
    start = "fedcommune.__main__, fedcommune.cli.serve"
    said = f"import sys, {start}; print([n for n in {SELDOM!r} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
