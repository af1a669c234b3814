"""Let a picture stand for a word, or no longer."""

from __future__ import annotations

from dataclasses import replace

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.emojis import queries
from fedcommune.domain.emojis.model import MAX_CATEGORY, Emoji, is_shortcode
from fedcommune.domain.media import queries as media
from fedcommune.domain.media.model import File
from fedcommune.errors import Invalid, NotFound


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def add(tx: Transaction, shortcode: str, file: File, category: str = "") -> Emoji:
    """Let *file* stand for ``:shortcode:``, instead of what stood for it; return it.

    Raises :class:`Invalid` for a name that cannot stand between colons.
    """
    shortcode, category = shortcode.strip().strip(":"), " ".join(category.split())
    if not is_shortcode(shortcode):
        raise Invalid(
            "shortcode", _("A name has 2 to 50 characters among a–z, A–Z, 0–9 and the underscore.")
        )
    if len(category) > MAX_CATEGORY:
        raise Invalid(
            "category", _("A category has at most {limit} characters."), limit=MAX_CATEGORY
        )
    await media.insert_file(tx.db, file, tx.now)
    before = next(iter(await queries.named(tx.db, [shortcode])), None)
    if before is None:
        emoji = Emoji(identifiers.new(tx.now), shortcode, file.name, category, tx.now, tx.now)
        await queries.insert(tx.db, emoji)
        return emoji
    emoji = replace(before, file=file.name, category=category, updated_at=tx.now)
    await queries.change(tx.db, emoji)
    await media.delete_file(tx.db, before.file)
    return emoji


async def remove(tx: Transaction, shortcode: str) -> None:
    """Let nothing stand for ``:shortcode:`` any more. Raises :class:`NotFound`."""
    if not await queries.delete(tx.db, shortcode.strip().strip(":")):
        raise NotFound(_("There is no :{name}: here."), name=shortcode.strip(":"))
