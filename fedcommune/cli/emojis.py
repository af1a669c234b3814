"""Small pictures that stand for words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.emojis import actions, queries
from fedcommune.domain.emojis.model import Emoji
from fedcommune.instance import Instance


@click.group()
def emoji() -> None:
    """Let small pictures stand for words between colons."""


@emoji.command()
@click.argument("shortcode")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--category", default="", help="Under which title apps offer it.")
@command
def add(call: Call, *, shortcode: str, file: Path, category: str) -> None:
    """Let the picture in FILE stand for :SHORTCODE:, instead of what stood for it."""

    picture = file.read_bytes()

    async def run(commune: Commune) -> dict[str, Any]:
        kept = await commune.workshop.sized(picture, "emoji")
        async with commune.database.transaction() as tx:
            made = await actions.add(tx, shortcode, kept, category)
        return _described(commune.instance, made)

    made = call.run(run)
    call.out.record(made, f"This stands for :{made['shortcode']}: now: {made['url']}")


@emoji.command("list")
@command
def show_all(call: Call) -> None:
    """List the pictures that stand for words here."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        found = await queries.listed(commune.database.pool)
        return [_described(commune.instance, each) for each in found]

    call.out.rows(
        call.run(run), ["shortcode", "category", "url"], "No picture stands for a word here."
    )


@emoji.command()
@click.argument("shortcode")
@command
def remove(call: Call, *, shortcode: str) -> None:
    """Let nothing stand for :SHORTCODE: any more; the picture is deleted."""

    async def run(commune: Commune) -> None:
        async with commune.database.transaction() as tx:
            await actions.remove(tx, shortcode)

    call.run(run)
    code = shortcode.strip(":")
    call.out.record({"shortcode": code, "removed": True}, f":{code}: is only a word again.")


def _described(instance: Instance, found: Emoji) -> dict[str, Any]:
    return {
        "shortcode": found.shortcode,
        "category": found.category,
        "url": instance.media(found.file),
        "object_id": instance.emoji(found.id),
        "created_at": found.created_at,
        "updated_at": found.updated_at,
    }
