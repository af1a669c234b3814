"""What people use is explained: commands, options, errors."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import click

from fedcommune.cli.main import main
from tests.architecture.sources import PACKAGES, files, name, tree

# The demo has its own two configurations, and answers to people only.
WITHOUT_CONFIG = {"demo"}


def commands(group: click.Group = main, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command and group below *group* with the words that call it."""
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command is not None, word
        yield f"{above}{word}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{word} ")


def test_every_command_and_every_option_has_help() -> None:
    silent = [words for words, command in commands() if not command.help]
    silent += [
        f"{words} {option.opts[0]}"
        for words, command in commands()
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]

    assert silent == []


def test_every_command_takes_a_configuration_and_answers_in_json() -> None:
    for words, command in commands():
        if isinstance(command, click.Group) or words in WITHOUT_CONFIG:
            continue
        options = {spelling for option in command.params for spelling in option.opts}
        assert {"--config", "--json"} <= options, words


def test_every_command_of_the_first_day_is_there() -> None:
    expected = {
        *("init", "serve", "work", "migrate", "demo", "follow", "post"),
        *("citizen create", "actor list", "actor show"),
        *(f"{box} {verb}" for box in ("inbox", "outbox") for verb in ("status", "retry", "drop")),
        "outbox wait",
    }

    assert expected <= {words for words, _ in commands()}


def test_every_error_says_what_it_means() -> None:
    silent = {
        f"{name(path)}: {node.name}"
        for path in files(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        and any(
            "Error" in ast.unparse(base) or "Exception" in ast.unparse(base) for base in node.bases
        )
        and not ast.get_docstring(node)
    }

    assert silent == set()
