"""What somebody typed into an app becomes a draft, whom it names gathered beforehand."""

from __future__ import annotations

from typing import Final

from fedcommune import lookup
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.media.model import Words, description_of, focus_of
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.preferences import queries as preferences
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import Invalid
from fedcommune.mastodon.call import Call
from fedcommune.mastodon.parameters import Parameters

VISIBILITIES: Final = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.FOLLOWERS,
    "direct": Visibility.DIRECT,
}
_MAX_LANGUAGE: Final = 12


def visibility(call: Call, default: Visibility = Visibility.PUBLIC) -> Visibility:
    """Return the visibility asked for. Raises :class:`Invalid`."""
    said = call.params.text("visibility")
    if not said:
        return default
    if said not in VISIBILITIES:
        raise Invalid("visibility", f"Choose one of {', '.join(VISIBILITIES)}.")
    return VISIBILITIES[said]


async def new(call: Call) -> Draft:
    """Return what somebody wants to publish, as they prefer it. Looks outward for whom it names."""
    _check_is_possible(call)
    params = call.params
    usual = await preferences.of(call.db, call.account.id)
    text, warning = _words(params.text("status"), params.text("spoiler_text"))
    application = call.caller.grant.application if call.caller else None
    return Draft(
        text=text,
        visibility=visibility(call, usual.visibility),
        summary=warning,
        sensitive=params.flag("sensitive", default=usual.sensitive),
        language=_language(params.text("language")) or usual.language,
        in_reply_to=params.identifier("in_reply_to_id"),
        mentioned=await _named(call, text),
        application=None if application is None else application.name,
        application_website=None if application is None else application.website,
        media=tuple(params.identifiers("media_ids")),
        words=_said_of_media(call),
    )


async def changed(call: Call, post: Post) -> Draft:
    """Return what *post* is to say; what the app does not mention stays. Looks outward."""
    _check_is_possible(call)
    params = call.params
    text = params.maybe("status")
    warning = params.maybe("spoiler_text")
    text, warning = _words(
        post.source if text is None else text, post.summary if warning is None else warning
    )
    return Draft(
        text=text,
        visibility=post.visibility,
        summary=warning,
        sensitive=params.flag("sensitive", default=post.sensitive and not post.summary),
        language=_language(params.text("language")) or post.language,
        mentioned=await _named(call, text),
        media=tuple(params.identifiers("media_ids")) if "media_ids" in params else None,
        words=_said_of_media(call),
    )


def _said_of_media(call: Call) -> dict[int, Words]:
    """Return what is said anew of what hangs on the post (``media_attributes[]``)."""
    found = {}
    for each in call.params.groups("media_attributes"):
        media_id = each.identifier("id")
        if media_id is not None:
            found[media_id] = words_of(each)
    return found


def words_of(params: Parameters) -> Words:
    """Return description and focal point as somebody sent them. Raises :class:`Invalid`."""
    description, focus = params.maybe("description"), params.text("focus").strip()
    return Words(
        None if description is None else description_of(description),
        focus_of(focus) if focus else None,
    )


def _words(text: str, warning: str) -> tuple[str, str]:
    """A warning of nothing is what was to be said."""
    return (warning, "") if not text.strip() else (text, warning)


async def _named(call: Call, text: str) -> tuple[Account, ...]:
    handles = posts.mentioned_in(text, call.instance.domain)
    return await lookup.mentioned(call.commune, handles)


def _language(text: str) -> str | None:
    said = text.strip()
    if not said:
        return None
    if len(said) > _MAX_LANGUAGE or not said.replace("-", "").isalnum() or not said.isascii():
        raise Invalid("language", "A language is a code like fr.")
    return said


def _check_is_possible(call: Call) -> None:
    params = call.params
    if params.get("poll"):
        raise Invalid("poll", "Polls cannot be asked here.")
    if params.text("scheduled_at"):
        raise Invalid("scheduled_at", "Posts cannot be planned for later here.")
