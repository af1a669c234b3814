"""One commune in a database of its own, and commands typed at it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fedcommune.cli.main import main
from tests.conftest import run
from tests.support.builders import an_environment
from tests.support.databases import empty_database, execute, with_database


@dataclass
class Terminal:
    """Types commands; *environment* is all that they know of the commune."""

    environment: dict[str, str]
    folder: Path

    def type(self, *words: str, stdin: str = "", **variables: str) -> Result:
        """Run one command to its end."""
        runner = CliRunner()
        environment: Mapping[str, str | None] = {**self.environment, **variables}
        result = runner.invoke(main, [*words], input=stdin, env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def ask(self, *words: str, code: int = 0, **variables: str) -> Any:
        """Run one command with --json; return what it answers, once the exit code is *code*."""
        result = self.type(*words, "--json", **variables)
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)


@pytest.fixture
def bare(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in an empty folder, before ``init``; the environment is that of a commune."""
    monkeypatch.chdir(tmp_path)
    return Terminal(an_environment(tmp_path / "var", database_url), tmp_path)


@pytest.fixture(scope="session")
def founded(
    postgres_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a database in which a commune was set up once, with one citizen, marie."""
    name = f"{template}_founded"
    run(execute(postgres_url, f"create database {name} template {template}"))
    try:
        folder = tmp_path_factory.mktemp("founded")
        url = with_database(postgres_url, name)
        terminal = Terminal(an_environment(folder, url), folder)
        terminal.ask("init", "--no-file")
        terminal.ask(
            *("citizen", "create", "--username", "marie", "--name", "Marie"),
            *("--email", "marie@example.org", "--postal-code", "97436"),
        )
        yield name
    finally:
        run(execute(postgres_url, f"drop database if exists {name} with (force)"))


@pytest.fixture
async def terminal(
    postgres_url: str, founded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Terminal]:
    """A terminal beside a commune that was set up, with one citizen, marie."""
    monkeypatch.chdir(tmp_path)
    async with empty_database(postgres_url, founded) as url:
        yield Terminal(an_environment(tmp_path / "var", url), tmp_path)
