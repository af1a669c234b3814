"""Sign up: an e-mail address and a postal code, then a name, then a letter."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune import homes
from fedcommune.domain.accounts.model import Account, is_username
from fedcommune.domain.citizens import actions, passwords, throttles
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.citizens.model import Purpose, check_email
from fedcommune.domain.moderation import actions as moderation
from fedcommune.errors import CommuneError, Conflict, Invalid, NotAllowed, NotFound
from fedcommune.homes import ELSEWHERE, chosen
from fedcommune.timing import evenly
from fedcommune.web import forms, sessions
from fedcommune.web.pages import pages_of
from fedcommune.web.signing import commune_of, count, let_in, onwards
from federation import keys

# What is carried from one step to the next.
CARRIED: Final = ("email", "postal_code", "territory", "invitation", "friend")
_EVENLY: Final = 0.4


# Where somebody new is led first: to fill their three lists, or to skip that.
WELCOME: Final = "/welcome"


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def show(request: Request) -> Response:
    """The first step: two fields."""
    if await sessions.citizen_of(request) is not None:
        return onwards("/settings")
    form = {
        name: request.query_params.get(name, "")[:200]
        for name in ("email", "postal_code", "invitation")
    }
    return _page(request, "signing/sign_up.html", form)


async def begin(request: Request) -> Response:
    """Look at address and postal code: on to the name, or a choice of communes."""
    form = await forms.read(request)
    try:
        await count(request, (throttles.SIGN_UP_STEP, sessions.browser_of(request).address))
        _check_door(request, form)
        check_email(form.get("email", ""))
        found = await homes.of_postal_code(commune_of(request), form.get("postal_code", ""))
    except CommuneError as error:
        return forms.again(request, "signing/sign_up.html", error, form, mode=_mode(request))
    home = chosen(commune_of(request), found, form.get("territory", ""))
    if home is None:
        friends = commune_of(request).config.registration.friends
        return _page(request, "signing/where.html", form, places=found, friends=friends)
    form = {
        **form,
        "territory": home.insee or ELSEWHERE,
        "friend": "" if home.whose == "ours" else "1",
    }
    return _page(request, "signing/who.html", form)


async def finish(request: Request) -> Response:
    """Open the account, unseen until its address is confirmed; the answer is always the same."""
    form = await forms.read(request)
    try:
        async with evenly(_EVENLY):
            account = await _sign_up(request, form)
    except CommuneError as error:
        return forms.again(request, "signing/who.html", error, form, mode=_mode(request))
    if account is not None and account.is_active:
        # In development alone: confirmed at once.
        async with commune_of(request).database.transaction() as tx:
            citizen = await citizens.by_account(tx.db, account.id)
        if citizen is not None and citizen.may_enter:
            return await let_in(request, citizen, WELCOME)
    return forms.page(request, "signing/sent.html", email=form.get("email", ""), again="/sign-up")


async def show_confirm(request: Request) -> Response:
    """The page behind the link of the letter: one button, so that no mail scanner confirms."""
    token = request.query_params.get("token", "")
    async with commune_of(request).database.transaction() as tx:
        try:
            _ticket, citizen = await actions.look_at(tx, token, Purpose.CONFIRM)
        except NotFound:
            return forms.page(request, "signing/void.html", 404, again="/sign-in/letter")
    return forms.page(
        request, "signing/link.html", token=token, action="/sign-up/confirm", email=citizen.email
    )


async def confirm(request: Request) -> Response:
    """Confirm the address by the token of the letter, and let the new citizen in."""
    form = await forms.read(request)
    await count(request, (throttles.TICKET, sessions.browser_of(request).address))
    try:
        async with commune_of(request).database.transaction() as tx:
            citizen, account = await actions.confirm(tx, form.get("token", ""))
            await moderation.announce(tx, account)
    except NotFound:
        return forms.page(request, "signing/void.html", 404, again="/sign-in/letter")
    return await let_in(request, citizen, WELCOME)


async def _sign_up(request: Request, form: Mapping[str, str]) -> Account | None:
    commune = commune_of(request)
    _check_door(request, form)
    email, password = check_email(form.get("email", "")), form.get("password", "")
    username, name = form.get("username", "").strip().lower(), form.get("name", "").strip()
    if not is_username(username):
        raise Invalid("username", _("A short name has 1 to 30 letters a–z, digits and _."))
    if not name:
        raise Invalid("name", _("Write the name that others will read."))
    if form.get("agree") != "yes":
        raise Invalid("agree", _("One joins by agreeing to the rules of this place."))
    by_link = form.get("way") == "link"
    if not by_link:
        passwords.check_strength(password, email, username, name, commune.instance.name)
    found = await homes.of_postal_code(commune, form.get("postal_code", ""))
    home = chosen(commune_of(request), found, form.get("territory", ""))
    if home is None:
        raise Invalid("postal_code", _("Go back and say which commune you live in."))
    await count(request, (throttles.SIGN_UP, sessions.browser_of(request).address))
    await count(request, (throttles.LETTER_EMAIL, email))
    kept = None if by_link else await passwords.hash(password)
    pair = await asyncio.to_thread(keys.generate)
    language = pages_of(request).language(request)
    async with commune.database.transaction() as tx:
        return await actions.sign_up(
            tx,
            email=email,
            postal_code=form.get("postal_code", ""),
            username=username,
            name=name,
            password=kept,
            language=language,
            pair=pair,
            mode=commune.config.registration.mode,
            invitation=form.get("invitation", ""),
            territory=home.insee,
            friend=home.whose != "ours",
            reason=form.get("reason", ""),
            confirmed=commune.config.development.confirmed_signups,
            address=sessions.browser_of(request).address,
        )


def _check_door(request: Request, form: Mapping[str, str]) -> None:
    """Refuse robots, who fill in every field, and who needs an invitation and has none."""
    if form.get("website"):
        raise Conflict(_("Leave the field that is hidden empty, and send this again."))
    if _mode(request) == "invitation" and not form.get("invitation"):
        raise NotAllowed(_("One joins by invitation here: open the link of yours."))


def _mode(request: Request) -> str:
    return commune_of(request).config.registration.mode


def _page(request: Request, template: str, form: Mapping[str, str], **values: Any) -> Response:
    return forms.page(request, template, form=form, mode=_mode(request), **values)
