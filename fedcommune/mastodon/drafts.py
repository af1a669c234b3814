"""What somebody typed into an app becomes a draft, whom it names gathered beforehand."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fedcommune import lookup
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.classifieds import queries as classifieds
from fedcommune.domain.media.model import Words, description_of, focus_of
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import quoting
from fedcommune.domain.posts.choices import Asked, checked
from fedcommune.domain.posts.model import Draft, Post, QuotePolicy
from fedcommune.domain.preferences import queries as preferences
from fedcommune.domain.timelines import queries as timelines
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import Invalid, NotFound
from fedcommune.mastodon.call import Call
from fedcommune.mastodon.parameters import Parameters

VISIBILITIES: Final = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.FOLLOWERS,
    "direct": Visibility.DIRECT,
}
QUOTES: Final[tuple[QuotePolicy, ...]] = ("public", "followers", "nobody")
_MAX_LANGUAGE: Final = 12
# No poll lasts longer than this by far; more is no time at all.
MOST_SECONDS: Final = 10 * 365 * 86_400


def visibility(call: Call, default: Visibility = Visibility.PUBLIC) -> Visibility:
    """Return the visibility asked for. Raises :class:`Invalid`."""
    said = call.params.text("visibility")
    if not said:
        return default
    if said not in VISIBILITIES:
        raise Invalid("visibility", f"Choose one of {', '.join(VISIBILITIES)}.")
    return VISIBILITIES[said]


def quotes(call: Call) -> QuotePolicy | None:
    """Return who is to be allowed to quote, None when nothing is said. Raises :class:`Invalid`."""
    said = call.params.text("quote_approval_policy")
    for each in QUOTES:
        if said == each:
            return each
    if said:
        raise Invalid("quote_approval_policy", f"Choose one of {', '.join(QUOTES)}.")
    return None


async def quoted(call: Call) -> int | None:
    """Return the post to quote; that which is boosted, when a boost is named (W-QUO-03).

    Raises :class:`NotFound` when the caller may not see it (SEC-VIS-02).
    """
    said = call.params.identifier("quoted_status_id")
    if said is None:
        return None
    entry = await timelines.by_id(call.db, call.viewer, said)
    if entry is None:
        raise NotFound
    return entry.post.id


async def new(call: Call) -> Draft:
    """Return what somebody wants to publish, as they prefer it. Looks outward for whom it names."""
    params = call.params
    poll = _poll(call)
    usual = await preferences.of(call.db, call.account.id)
    text, warning = _words(params.text("status"), params.text("spoiler_text"))
    application = call.caller.grant.application if call.caller else None
    draft = Draft(
        text=text,
        visibility=visibility(call, usual.visibility),
        summary=warning,
        sensitive=params.flag("sensitive", default=usual.sensitive),
        language=_language(params.text("language")) or usual.language,
        in_reply_to=params.identifier("in_reply_to_id"),
        mentioned=await _named(call, text),
        poll=poll,
        application=None if application is None else application.name,
        application_website=None if application is None else application.website,
        quoted=await quoted(call),
        quotes=quotes(call) or usual.quotes,
        media=tuple(params.identifiers("media_ids")),
        words=_said_of_media(call),
    )
    # Whatever an app proposes: who answers a classified writes to who offers it (product 7.6).
    return await classifieds.in_private(call.db, call.account, draft)


async def changed(call: Call, post: Post) -> Draft:
    """Return what *post* is to say; what the app does not mention stays. Looks outward.

    A poll that is mentioned and empty is taken away.
    """
    params = call.params
    poll = _poll(call)
    wanted = await quoted(call)
    if wanted is not None and not await quoting.quotes(call.db, post.id, wanted):
        raise Invalid("quoted_status_id", "What a post quotes stays: delete it and write anew.")
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
        poll=poll,
        quotes=quotes(call),
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


def _poll(call: Call) -> Asked | None:
    """Return what the app wants to ask; a poll without choices is none, unless it says more.

    Raises :class:`Invalid` for a poll that cannot be asked.
    """
    params = call.params.group("poll")
    options = params.texts("options")
    if not options and not params.text("expires_in"):
        return None
    seconds = params.number("expires_in")
    if seconds is None:
        raise Invalid("poll", "Say how long the poll lasts: expires_in, in seconds.")
    return checked(
        Asked(
            options=tuple(options),
            lasts=timedelta(seconds=max(0, min(seconds, MOST_SECONDS))),
            multiple=params.flag("multiple"),
            hides_totals=params.flag("hide_totals"),
        )
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
