"""What a citizen decides about their account: address, password, where they are signed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune import i18n
from fedcommune.domain.citizens import actions, passwords, throttles
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.citizens.queries import joining as stored
from fedcommune.domain.citizens.queries import passkeys
from fedcommune.domain.citizens.queries import sessions as session_queries
from fedcommune.domain.events.actions import departing
from fedcommune.domain.grants import actions as grants
from fedcommune.domain.grants import queries as grant_queries
from fedcommune.domain.moderation import told
from fedcommune.domain.moderation.model import Action
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.web import forms, official, sessions
from fedcommune.web.signing import LONGEST_PASSWORD, commune_of, count, onwards

# Who has no password proves it is them by having signed in this recently.
FRESH: Final = timedelta(minutes=15)


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


# What moderators did, as whom it concerns reads it.
STRIKES: Final = {
    Action.NONE: _("A word from the moderators"),
    Action.SENSITIVE: _("Your posts are behind a warning"),
    Action.MARK_POSTS: _("Your posts are behind a warning"),
    Action.DELETE_POSTS: _("Some of your posts were deleted"),
    Action.SILENCE: _("Your account is limited"),
    Action.DISABLE: _("Your account is closed"),
    Action.SUSPEND: _("Your account is suspended"),
}


async def overview(request: Request) -> Response:
    """What there is to decide, and how it stands."""
    who = await sessions.required(request)
    commune = commune_of(request)
    pool, now = commune.database.pool, commune.database.clock()
    return forms.page(
        request,
        "settings/overview.html",
        here="settings",
        who=who,
        change=await stored.email_change(pool, who.account.id),
        sessions=len(await session_queries.sessions_of(pool, who.account.id, now)),
        applications=len(await grant_queries.of_citizen(pool, who.account.id, now)),
        codes=await stored.recovery_codes_left(pool, who.account.id),
        passkeys=len(await passkeys.of_citizen(pool, who.account.id)),
        gives_notices=bool(await official.authorities(pool, who)),
        strikes=await told.strikes_of(pool, who.account.id),
        told=STRIKES,
    )


async def change_language(request: Request) -> Response:
    """Keep the language that letters are written in."""
    form = await forms.read(request)
    who = await sessions.required(request)
    if form.get("language", "") in i18n.languages():
        async with commune_of(request).database.transaction() as tx:
            await citizens.set_language(tx.db, who.account.id, form["language"])
    return onwards("/settings")


async def show_email(request: Request) -> Response:
    """The form for another e-mail address, and how a change stands."""
    return await _email_page(request)


async def change_email(request: Request) -> Response:
    """Begin a change of address: the password, then a letter to both ends (SEC-AUT-03)."""
    form = await forms.read(request)
    who = await sessions.required(request)
    try:
        await prove(request, who, form)
        email = form.get("email", "")
        await count(request, (throttles.LETTER_EMAIL, email))
        async with commune_of(request).database.transaction() as tx:
            await actions.ask_for_email(tx, who, email)
    except CommuneError as error:
        return await _email_page(request, error, form)
    return onwards("/settings/email")


async def cancel_email(request: Request) -> Response:
    """Forget a change of address that is not done."""
    await forms.read(request)
    who = await sessions.required(request)
    async with commune_of(request).database.transaction() as tx:
        await actions.cancel_email(tx, who)
    return onwards("/settings/email")


async def show_email_end(request: Request) -> Response:
    """The page behind the links of both letters; being signed in is not needed."""
    token = request.query_params.get("token", "")
    async with commune_of(request).database.transaction() as tx:
        try:
            _purpose, citizen, change = await actions.look_at_email(tx, token)
        except NotFound:
            return forms.page(request, "signing/void.html", 404, again="/settings/email")
    return forms.page(
        request,
        "settings/email_end.html",
        token=token,
        old=citizen.email,
        new=change.email,
    )


async def confirm_email(request: Request) -> Response:
    """Confirm a change of address at one end."""
    form = await forms.read(request)
    await count(request, (throttles.TICKET, sessions.browser_of(request).address))
    try:
        async with commune_of(request).database.transaction() as tx:
            done = await actions.confirm_email(tx, form.get("token", ""))
    except NotFound:
        return forms.page(request, "signing/void.html", 404, again="/settings/email")
    return forms.page(request, "settings/email_done.html", done=done)


async def show_password(request: Request) -> Response:
    """The form for another password."""
    who = await sessions.required(request)
    return forms.page(request, "settings/password.html", here="settings", who=who)


async def change_password(request: Request) -> Response:
    """Keep another password; sign out every other browser and application (SEC-AUT-04)."""
    form = await forms.read(request)
    who = await sessions.required(request)
    commune = commune_of(request)
    new = form.get("new_password", "")
    try:
        await prove(request, who, form)
        about = (who.citizen.email, who.account.username, who.account.name)
        try:
            passwords.check_strength(new, commune.instance.name, *about)
        except Invalid as error:
            raise Invalid.of("new_password", error) from None
        kept = await passwords.hash(new)
        async with commune.database.transaction() as tx:
            await actions.change_password(tx, who, kept)
    except CommuneError as error:
        return forms.again(request, "settings/password.html", error, form, here="settings", who=who)
    return onwards("/settings")


async def show_sessions(request: Request) -> Response:
    """Where one is signed in."""
    who = await sessions.required(request)
    commune = commune_of(request)
    found = await session_queries.sessions_of(
        commune.database.pool, who.account.id, commune.database.clock()
    )
    return forms.page(request, "settings/sessions.html", here="settings", who=who, sessions=found)


async def end_session(request: Request) -> Response:
    """Sign out one browser, or all others."""
    form = await forms.read(request)
    who = await sessions.required(request)
    number = form.get("session", "")
    async with commune_of(request).database.transaction() as tx:
        if number == "others":
            await actions.end_others(tx, who)
        else:
            await actions.end_session(tx, who.account.id, _number(number))
    return onwards("/settings/sessions")


async def show_applications(request: Request) -> Response:
    """Which applications may do what in one's name."""
    who = await sessions.required(request)
    commune = commune_of(request)
    found = await grant_queries.of_citizen(
        commune.database.pool, who.account.id, commune.database.clock()
    )
    return forms.page(request, "settings/applications.html", here="settings", who=who, grants=found)


async def end_application(request: Request) -> Response:
    """Take from an application what it was allowed, at once."""
    form = await forms.read(request)
    who = await sessions.required(request)
    async with commune_of(request).database.transaction() as tx:
        if not await grants.revoke_own(tx, who.account.id, _number(form.get("token", ""))):
            raise NotFound
    return onwards("/settings/applications")


async def show_leave(request: Request) -> Response:
    """The page that says what deleting means."""
    who = await sessions.required(request)
    return forms.page(request, "settings/leave.html", here="settings", who=who)


async def leave(request: Request) -> Response:
    """Delete the account, for good: the password and the name typed out."""
    form = await forms.read(request)
    who = await sessions.required(request)
    try:
        await prove(request, who, form)
        if form.get("username", "").strip().lstrip("@").lower() != who.account.username.lower():
            raise Invalid("username", _("Type your short name, so that it is no accident."))
        async with commune_of(request).database.transaction() as tx:
            await departing.withdraw(tx, who.account)
            await actions.leave(tx, who.account)
    except CommuneError as error:
        return forms.again(request, "settings/leave.html", error, {}, here="settings", who=who)
    # Who reads the answer is nobody's account any more.
    request.state.reader = None
    return sessions.end(request, forms.page(request, "settings/left.html"))


async def prove(request: Request, who: SignedIn, form: Mapping[str, str]) -> None:
    """Make sure that it is *who*: by the password, or, without one, by a fresh session.

    Raises Invalid, and TooMany after ten tries in ten minutes.
    """
    await count(request, (throttles.PASSWORD, str(who.account.id)))
    if who.citizen.password is None:
        now = commune_of(request).database.clock()
        if now - who.session.created_at > FRESH:
            raise Invalid("password", _("Sign out, sign in again by a link, and retry at once."))
        return
    typed = form.get("password", "")[:LONGEST_PASSWORD]
    if not await passwords.check(typed, who.citizen.password):
        raise Invalid("password", _("This is not your password."))


async def _email_page(
    request: Request, error: CommuneError | None = None, form: Mapping[str, str] | None = None
) -> Response:
    who = await sessions.required(request)
    change = await stored.email_change(commune_of(request).database.pool, who.account.id)
    template = "settings/email.html"
    if error is None:
        return forms.page(request, template, here="settings", who=who, change=change)
    return forms.again(
        request, template, error, form or {}, here="settings", who=who, change=change
    )


def _number(text: str) -> int:
    """Return the id in a hidden field. Raises NotFound for what is none (SEC-VIS-11)."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotFound
    return int(text)
