"""Note something about somebody, recommend them, follow them in one's own way."""

from __future__ import annotations

from collections.abc import Collection

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.follows import queries as follow_queries
from fedcommune.domain.relations import queries
from fedcommune.domain.relations.model import MAX_ENDORSED, MAX_LANGUAGES, MAX_NOTE
from fedcommune.errors import Invalid, NotAllowed


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def follow(
    tx: Transaction,
    follower: Account,
    followed: Account,
    *,
    boosts: bool | None = None,
    notify: bool | None = None,
    languages: Collection[str] | None = None,
) -> None:
    """Follow, or change how one follows: with boosts, told of each post, in which languages.

    Raises Invalid for nonsense of languages, NotAllowed for oneself or across a block.
    """
    wanted = None if languages is None else list(dict.fromkeys(languages))
    if wanted is not None and (
        len(wanted) > MAX_LANGUAGES or not all(_is_language(each) for each in wanted)
    ):
        raise Invalid(
            "languages",
            _("Choose at most {limit} languages by code, like fr."),
            limit=MAX_LANGUAGES,
        )
    if follower.id == followed.id:
        raise NotAllowed(_("Nobody follows oneself: name another account."))
    await follows.follow(tx, follower, followed)
    await queries.set_follow(
        tx.db, follower.id, followed.id, boosts=boosts, notify=notify, languages=wanted
    )


def _is_language(text: str) -> bool:
    return 2 <= len(text) <= 12 and text.isascii() and text.replace("-", "").isalnum()


async def note(tx: Transaction, account: Account, about: Account, text: str) -> None:
    """Keep what *account* notes about another, for its own eyes. Raises Invalid (SEC-DOS-06)."""
    if len(text) > MAX_NOTE:
        raise Invalid(
            "comment", _("A note has at most {limit} characters: shorten it."), limit=MAX_NOTE
        )
    await queries.set_note(tx.db, account.id, about.id, text.strip())


async def endorse(tx: Transaction, account: Account, endorsed: Account) -> None:
    """Recommend whom one follows. Raises Invalid for others, or one too many (SEC-DOS-06)."""
    if not await follow_queries.follows(tx.db, account.id, endorsed.id):
        raise Invalid("id", _("You must follow an account to recommend it."))
    if await queries.count_endorsed(tx.db, account.id) >= MAX_ENDORSED:
        raise Invalid(
            "id", _("You recommend {limit} accounts: remove one first."), limit=MAX_ENDORSED
        )
    await queries.endorse(tx.db, identifiers.new(tx.now), account.id, endorsed.id, tx.now)
