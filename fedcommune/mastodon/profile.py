"""One's own profile: read with what was typed, changed, and how one usually writes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import msgspec

from fedcommune.domain.accounts import actions, profiles
from fedcommune.domain.accounts.model import (
    MAX_DESCRIBED,
    MAX_FIELD,
    Account,
    Changes,
    Details,
    Field,
    Kind,
)
from fedcommune.domain.accounts.roles import Role
from fedcommune.domain.media.model import File
from fedcommune.domain.preferences import queries as preferences
from fedcommune.domain.preferences.model import Preferences
from fedcommune.domain.relations import queries as relations
from fedcommune.errors import Invalid
from fedcommune.files import painters
from fedcommune.mastodon import drafts, entities
from fedcommune.mastodon.call import MAX_BODY, Answer, Call, Endpoint
from fedcommune.mastodon.limits import PROFILE
from fedcommune.mastodon.parameters import Parameters
from fedcommune.mastodon.render import account as render
from fedcommune.mastodon.render import roles
from fedcommune.mastodon.render.status import VISIBILITIES
from fedcommune.text import html, mentions
from fedcommune.text.mentions import Links
from fedcommune.workshop import Purpose
from federation import iris
from federation.errors import RefusedError

MAX_DOMAINS: Final = 10
# What apps call it, where it stands in the profile, and the size that it gets.
PICTURES: Final[tuple[tuple[str, str, Purpose], ...]] = (
    ("avatar", "icon", "face"),
    ("header", "image", "banner"),
)
QUOTES: Final = ("public", "followers", "nobody")


class PreferencesEntity(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody writes and reads."""

    visibility: str = msgspec.field(name="posting:default:visibility")
    sensitive: bool = msgspec.field(name="posting:default:sensitive")
    language: str | None = msgspec.field(name="posting:default:language")
    quote_policy: str = msgspec.field(name="posting:default:quote_policy")
    media: str = msgspec.field(name="reading:expand:media", default="default")
    spoilers: bool = msgspec.field(name="reading:expand:spoilers", default=False)
    autoplay: bool = msgspec.field(name="reading:autoplay:gifs", default=False)


async def verify(call: Call) -> Answer:
    """Oneself, with the source of the profile."""
    return await _own(call, call.account)


def _role(call: Call, account: Account) -> entities.Role:
    """What the caller may do here: nothing in the name of an actor whom they administer."""
    held = Role.CITIZEN if call.caller is None else call.caller.grant.role
    return roles.role(call.instance, held, shown=account.role_shown)


async def update(call: Call) -> Answer:
    """Change what is said; what the app does not mention stays."""
    return await _own(call, await changed(call))


async def changed(call: Call) -> Account:
    """Do the work of :func:`update`; return the account as it is now."""
    changes = _changes(call)
    pictures = await _pictures(call)
    async with call.transaction() as tx:
        account = await actions.edit(tx, call.account, changes, pictures=pictures)
        before = await preferences.of(tx.db, account.id)
        chosen = _chosen(call, before)
        if chosen != before:
            await preferences.keep(tx.db, account.id, chosen)
    return account


async def remove_avatar(call: Call) -> Answer:
    changes = Changes(details=replace(call.account.details, icon_described=""))
    async with call.transaction() as tx:
        account = await actions.edit(tx, call.account, changes, pictures={"icon": None})
    return await _own(call, account)


async def remove_header(call: Call) -> Answer:
    changes = Changes(details=replace(call.account.details, image_described=""))
    async with call.transaction() as tx:
        account = await actions.edit(tx, call.account, changes, pictures={"image": None})
    return await _own(call, account)


async def show_preferences(call: Call) -> Answer:
    chosen = await preferences.of(call.db, call.account.id)
    return PreferencesEntity(
        visibility=VISIBILITIES[chosen.visibility],
        sensitive=chosen.sensitive,
        language=chosen.language,
        quote_policy=chosen.quotes,
    )


def _changes(call: Call) -> Changes:
    params, links = call.params, Links({}, call.instance.tag_page)
    note = params.maybe("note")
    written = None if note is None else profiles.written(call.instance, note)
    changes = Changes(
        name=params.maybe("display_name"),
        summary=None if written is None else written.summary,
        source=None if written is None else written.source,
        fields=_fields(params, links),
        locked=params.truth("locked"),
        discoverable=params.truth("discoverable"),
        indexable=params.truth("indexable"),
        details=_details(call),
    )
    bot = params.truth("bot")
    if bot is not None and call.account.kind is Kind.CITIZEN:
        changes = replace(changes, type="Service" if bot else "Person")
    return changes


async def _pictures(call: Call) -> dict[str, File | None]:
    """Draw the face and the banner that were sent; before the transaction."""
    found: dict[str, File | None] = {}
    for name, part, purpose in PICTURES:
        sent = call.params.file(name)
        if sent is not None:
            try:
                found[part] = await call.commune.workshop.sized(await sent.read(), purpose)
            except Invalid as error:
                raise Invalid.of(name, error) from None
        elif call.params.get(name):
            raise Invalid(name, "Send a picture as a file of a form.")
    return found


def _details(call: Call) -> Details | None:
    """Return what an account shows of itself; None when nothing is said of that."""
    params, before = call.params, call.account.details
    said = {
        "hides_follows": params.truth("hide_collections"),
        "shows_media": params.truth("show_media"),
        "shows_media_replies": params.truth("show_media_replies"),
        "shows_featured": params.truth("show_featured"),
        "attribution_domains": _domains(params),
        "icon_described": _described(params, "avatar_description"),
        "image_described": _described(params, "header_description"),
    }
    chosen = {name: value for name, value in said.items() if value is not None}
    return replace(before, **chosen) if chosen else None  # type: ignore[arg-type]  # by name


def _described(params: Parameters, name: str) -> str | None:
    """Return what a picture shows; None when nothing is said of that. Raises :class:`Invalid`."""
    words = params.maybe(name)
    if words is not None and len(words.strip()) > MAX_DESCRIBED:
        raise Invalid(name, f"A picture is described in at most {MAX_DESCRIBED} characters.")
    return None if words is None else words.strip()


def _domains(params: Parameters) -> tuple[str, ...] | None:
    """Return the websites that may name the account as author. Raises :class:`Invalid`."""
    if params.get("attribution_domains") is None:
        return None
    found = []
    for text in params.texts("attribution_domains"):
        if not text.strip():
            continue
        try:
            found.append(iris.domain(text.strip().lower()))
        except RefusedError:
            raise Invalid(
                "attribution_domains", f"{text[:50]} is not the name of a website."
            ) from None
    if len(found) > MAX_DOMAINS:
        raise Invalid("attribution_domains", f"Name at most {MAX_DOMAINS} websites.")
    return tuple(dict.fromkeys(found))


def _fields(params: Parameters, links: Links) -> tuple[Field, ...] | None:
    """Return the lines of the profile, the empty ones left out; None when nothing is said."""
    if params.get("fields_attributes") is None:
        return None
    found = []
    for each in params.groups("fields_attributes"):
        name, value = each.text("name").strip(), each.text("value").strip()
        if not name and not value:
            continue
        if not name or len(name) > MAX_FIELD or len(value) > MAX_FIELD:
            raise Invalid("fields", f"A line has a name and at most {MAX_FIELD} characters.")
        found.append(Field(name, html.clean(mentions.render_line(value, links))))
    return tuple(found)


def _chosen(call: Call, before: Preferences) -> Preferences:
    source = call.params.group("source")
    privacy = source.text("privacy")
    if privacy and privacy not in drafts.VISIBILITIES:
        raise Invalid("privacy", f"Choose one of {', '.join(drafts.VISIBILITIES)}.")
    language = source.maybe("language")
    if language and not (len(language) <= 12 and language.replace("-", "").isalnum()):
        raise Invalid("language", "A language is a code like fr.")
    quotes = source.text("quote_policy", before.quotes)
    if quotes not in drafts.QUOTES:
        raise Invalid("quote_policy", f"Choose one of {', '.join(drafts.QUOTES)}.")
    chosen: dict[str, Any] = {
        "visibility": drafts.VISIBILITIES[privacy] if privacy else before.visibility,
        "sensitive": source.flag("sensitive", default=before.sensitive),
        "language": before.language if language is None else language or None,
        "quotes": quotes,
    }
    return Preferences(**chosen)


async def _own(call: Call, account: Account) -> entities.CredentialAccount:
    shown = await render.account(call.db, call.instance, account, call.viewer)
    chosen = await preferences.of(call.db, account.id)
    source = entities.Source(
        note=account.source or html.plain(account.summary),
        fields=[
            entities.Field(name=each.name, value=html.plain(each.value)) for each in account.fields
        ],
        privacy=VISIBILITIES[chosen.visibility],
        sensitive=chosen.sensitive,
        language=chosen.language or "",
        follow_requests_count=await relations.count_requests(call.db, account.id),
        hide_collections=account.details.hides_follows,
        attribution_domains=list(account.details.attribution_domains),
        discoverable=account.discoverable,
        indexable=account.indexable,
        quote_policy=chosen.quotes,
    )
    return entities.CredentialAccount(
        **{name: getattr(shown, name) for name in entities.Account.__struct_fields__},
        source=source,
        role=_role(call, account),
    )


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/accounts/verify_credentials", verify, "read:accounts profile"),
    Endpoint(
        "PATCH",
        "/api/v1/accounts/update_credentials",
        update,
        "write:accounts",
        rate=PROFILE,
        body=2 * painters.MAX_BYTES + MAX_BODY,
    ),
    Endpoint("DELETE", "/api/v1/profile/avatar", remove_avatar, "write:accounts"),
    Endpoint("DELETE", "/api/v1/profile/header", remove_header, "write:accounts"),
    Endpoint("GET", "/api/v1/preferences", show_preferences, "read:accounts"),
)
