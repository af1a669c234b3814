"""Actors become accounts: citizens, organisations, projects, feeds and strangers alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal

from msgspec import structs

from fedcommune.database import Executor
from fedcommune.domain.accounts import personal, queries
from fedcommune.domain.accounts.model import Account, Kind, Tally, featuring
from fedcommune.domain.accounts.model import Field as Line
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.visibility import ANYONE, Viewer
from fedcommune.instance import Instance
from fedcommune.mastodon import entities
from fedcommune.mastodon.json import day, midnight
from fedcommune.mastodon.render import emojis, readable, roles
from federation.names import PUBLIC

AVATAR: Final = "avatar.png"
HEADER: Final = "header.png"
_NO_TALLY: Final = Tally()
# Those of whom it depends on who looks whether they are meant.
_KINDRED: Final = frozenset({"followers", "following"})


async def accounts(
    db: Executor, instance: Instance, found: Sequence[Account], viewer: Viewer
) -> list[entities.Account]:
    """Return the entities of *found*, in their order, with a few queries however many there are.

    Who looks makes a difference only to whether they may put somebody into a collection:
    relationships tell the rest.
    """
    tallies = await queries.tallies(db, [account.id for account in found])
    moved = await _homes(db, instance, found)
    told = await personal.shown(db, instance, viewer, _telling(tallies))
    shown = [
        account_of(instance, each, tallies[each.id], moved, told.get(each.id, ())) for each in found
    ]
    return await _approved(db, shown, viewer)


async def _approved(
    db: Executor, shown: list[entities.Account], viewer: Viewer
) -> list[entities.Account]:
    """Return *shown* with what *viewer* may do by whom they follow and who follows them."""
    asking = [
        each
        for each in shown
        if _KINDRED & {*each.feature_approval.automatic, *each.feature_approval.manual}
    ]
    if viewer.account_id is None or not asking:
        return shown
    followed, followers = await follows.both_ways(
        db, viewer.account_id, [int(each.id) for each in asking]
    )
    return [
        structs.replace(
            each,
            feature_approval=_standing(
                each.feature_approval,
                follows=int(each.id) in followed,
                followed=int(each.id) in followers,
            ),
        )
        for each in shown
    ]


def _standing(
    approval: entities.FeatureApproval, *, follows: bool, followed: bool
) -> entities.FeatureApproval:
    mine = {word for word, holds in (("followers", follows), ("following", followed)) if holds}
    current = approval.current_user
    if mine & set(approval.automatic):
        current = "automatic"
    elif mine & set(approval.manual) and current != "automatic":
        current = "manual"
    return structs.replace(approval, current_user=current)


async def account(
    db: Executor, instance: Instance, found: Account, viewer: Viewer
) -> entities.Account:
    """Return the entity of one account."""
    (entity,) = await accounts(db, instance, [found], viewer)
    return entity


async def by_ids(
    db: Executor, instance: Instance, account_ids: Collection[int]
) -> dict[int, entities.Account]:
    """Return the entities of the accounts of these ids, by id."""
    return await tallied(db, instance, await queries.tallied(db, account_ids))


async def tallied(
    db: Executor, instance: Instance, found: Mapping[int, tuple[Account, Tally]]
) -> dict[int, entities.Account]:
    """Return the entities of accounts that are there with their numbers, by id."""
    moved = await _homes(db, instance, [account for account, _ in found.values()])
    telling = _telling({each: tally for each, (_, tally) in found.items()})
    told = await personal.shown(db, instance, ANYONE, telling)
    return {
        account_id: account_of(instance, account, tally, moved, told.get(account_id, ()))
        for account_id, (account, tally) in found.items()
    }


def _telling(tallies: Mapping[int, Tally]) -> list[int]:
    """Return who tells something of themselves: most do not, and nobody asks for nothing."""
    return [account_id for account_id, tally in tallies.items() if tally.tells]


async def _homes(
    db: Executor, instance: Instance, found: Collection[Account]
) -> dict[str, entities.Account]:
    """Return where those who moved are now, by actor id."""
    targets = {account.moved_to for account in found if account.moved_to}
    if not targets:
        return {}
    homes = await queries.by_actor_ids(db, targets)
    tallies = await queries.tallies(db, [each.id for each in homes.values()])
    return {
        actor_id: account_of(instance, each, tallies[each.id])
        for actor_id, each in homes.items()
        if each.is_active
    }


def account_of(
    instance: Instance,
    account: Account,
    tally: Tally = _NO_TALLY,
    moved: Mapping[str, entities.Account] | None = None,
    told: Sequence[Line] = (),
) -> entities.Account:
    """Return one entity; *moved* has the new homes of those who moved, by actor id.

    Who is suspended or gone keeps a name and nothing else.
    """
    there = account.is_active
    icon = picture(instance, "face", account.icon if there else None)
    image = picture(instance, "banner", account.image if there else None)
    return entities.Account(
        id=str(account.id),
        username=account.username,
        acct=acct(account.username, account.domain, local=account.local),
        url=page(instance, account),
        uri=account.actor_id,
        display_name=account.name if there else "",
        note=readable.clean(account.summary) if there else "",
        avatar=icon,
        avatar_static=icon,
        avatar_description=account.details.icon_described if there else "",
        header=image,
        header_static=image,
        header_description=account.details.image_described if there else "",
        locked=account.locked,
        fields=readable.fields(account, instance, told) if there else [],
        emojis=[emojis.emoji(instance, *each) for each in account.details.emojis] if there else [],
        bot=account.type in ("Application", "Service") or account.kind is Kind.FEED,
        group=account.type in ("Group", "Organization"),
        discoverable=account.discoverable,
        indexable=account.indexable,
        noindex=not account.indexable,
        moved=(moved or {}).get(account.moved_to or ""),
        suspended=account.suspended_at is not None,
        limited=tally.limited,
        roles=roles.badges(instance, account) if there else [],
        created_at=midnight(account.created_at),
        last_status_at=day(tally.last_post_at) if there and tally.last_post_at else None,
        statuses_count=tally.posts if there else 0,
        followers_count=tally.followers if there else 0,
        following_count=tally.following if there else 0,
        hide_collections=account.details.hides_follows if account.local else None,
        show_media=account.details.shows_media,
        show_media_replies=account.details.shows_media_replies,
        show_featured=account.details.shows_featured,
        feature_approval=_featuring(account),
    )


def picture(instance: Instance, purpose: Literal["face", "banner"], url: str | None) -> str:
    """Return where a face or a banner is shown: none moves, and there is always one.

    That of a stranger is shown from our own copy.
    """
    address = _address(url)
    if address is None:
        return instance.static(AVATAR if purpose == "face" else HEADER)
    return instance.picture(purpose, address)


def _featuring(account: Account) -> entities.FeatureApproval:
    """Return who may put *account* into a collection, as far as apps can be told (FEP-7aa9)."""
    said = featuring(account) if account.is_active else ((), ())
    if said is None:
        return entities.FeatureApproval()
    automatic, manual = (_names(account, who) for who in said)
    current: entities.CurrentUser = "denied"
    if "public" in automatic:
        current = "automatic"
    elif "public" in manual:
        current = "manual"
    elif "unsupported_policy" in (*automatic, *manual):
        current = "unknown"
    return entities.FeatureApproval(automatic=automatic, manual=manual, current_user=current)


def _names(account: Account, who: Sequence[str]) -> list[str]:
    """Return what apps call those whom *account* names; its own name is nobody."""
    known = {
        PUBLIC: "public",
        account.followers_url: "followers",
        f"{account.actor_id}/following": "following",
    }
    named = (known.get(each, "unsupported_policy") for each in who if each != account.actor_id)
    return list(dict.fromkeys(named))


def acct(username: str, domain: str, *, local: bool) -> str:
    """Return how one names an actor: without domain when it is ours."""
    return username if local else f"{username}@{domain}"


def page(instance: Instance, account: Account) -> str:
    """Return where a person reads *account*: always an address of the web."""
    if account.local:
        return instance.profile_page(account.username)
    return _address(account.url) or account.actor_id


def _address(text: str | None) -> str | None:
    return text if text and text.startswith(("https://", "http://")) else None
