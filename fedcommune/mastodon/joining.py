"""Become a citizen from within an app: sign up, and ask for the letter again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from fedcommune import homes
from fedcommune.domain.accounts.model import RESERVED, folded, is_username
from fedcommune.domain.citizens import actions, passwords, throttles
from fedcommune.domain.citizens.model import MAX_REASON, check_email
from fedcommune.domain.citizens.throttles import Limit
from fedcommune.domain.grants import actions as grants
from fedcommune.errors import Conflict, Invalid, NotAllowed
from fedcommune.homes import Place
from fedcommune.i18n import negotiate, translate
from fedcommune.mastodon import entities_instance as entities
from fedcommune.mastodon.call import Call, Endpoint
from fedcommune.mastodon.errors import Refused
from fedcommune.mastodon.limits import SIGN_UP
from fedcommune.timing import evenly
from federation import keys

_EVENLY: Final = 0.4
_LONGEST_NAME: Final = 30


@dataclass(frozen=True, slots=True)
class _Wish:
    """What somebody typed to sign up, looked at."""

    email: str
    username: str
    password: str
    reason: str
    postal_code: str
    home: Place


@dataclass(slots=True)
class _Mistakes:
    """What needs a correction, by parameter: codes of Mastodon's and sentences."""

    language: str
    found: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, name: str, code: str, sentence: str) -> None:
        self.found.setdefault(name, []).append((code, translate(self.language, sentence)))


async def sign_up(call: Call) -> entities.Token:
    """``POST /api/v1/accounts``: open an account that nobody sees before it is confirmed.

    The rule of postal codes is that of the pages: whoever names theirs lives in the commune,
    or is its friend; whoever names none is a friend, where friends are let in. The token is
    good once the address is confirmed and the person approved. The answer is the same for an
    address that has an account, and takes as long (SEC-AUT-03).
    """
    assert call.caller is not None, "this endpoint is not reached without a token"
    language = negotiate(call.params.text("locale")[:100], call.instance.language)
    grant = call.caller.grant
    async with evenly(_EVENLY):
        wish = await _wish(call, language)
        await count(call, (throttles.LETTER_EMAIL, wish.email))
        kept = await passwords.hash(wish.password)
        pair = await asyncio.to_thread(keys.generate)
        registration = call.commune.config.registration
        try:
            async with call.transaction() as tx:
                account = await actions.sign_up(
                    tx,
                    email=wish.email,
                    postal_code=wish.postal_code,
                    username=wish.username,
                    name=wish.username,
                    password=kept,
                    language=language,
                    pair=pair,
                    mode=registration.mode,
                    invitation=_invitation(call),
                    territory=wish.home.insee,
                    friend=wish.home.whose != "ours",
                    reason=wish.reason,
                    confirmed=call.commune.config.development.confirmed_signups,
                )
                if account is None:
                    given, value = await grants.decoy(tx, grant.application)
                else:
                    given, value = await grants.give(
                        tx,
                        grant.application,
                        grant.scopes,
                        citizen_id=account.id,
                        account_id=account.id,
                    )
        except Conflict as error:
            sentence = translate(language, error.msgid, **error.values)
            raise Refused({"username": [("ERR_TAKEN", sentence)]}) from None
    return entities.Token(
        access_token=value,
        scope=str(grant.scopes),
        created_at=int(given.created_at.timestamp()),
    )


async def ask_again(call: Call) -> dict[str, str]:
    """``POST /api/v1/emails/confirmations``: the letter again, to another address if one is given.

    Only for who signed up with this token and did not confirm yet.
    """
    assert call.caller is not None, "this endpoint is not reached without a token"
    email = call.params.text("email")
    citizen_id = call.caller.grant.token.citizen_id
    token_id = call.caller.grant.token.id
    async with evenly(_EVENLY):
        await count(call, (throttles.LETTER_EMAIL, f"token {token_id}"))
        if email.strip():
            email = check_email(email)
            await count(call, (throttles.LETTER_EMAIL, email))
        if citizen_id is not None:
            async with call.transaction() as tx:
                await actions.ask_again(tx, citizen_id, email)
    return {}


async def count(call: Call, *limits: tuple[Limit, str]) -> None:
    """Count a try. Raises TooMany (SEC-DOS-11)."""
    if call.commune.config.development.no_rate_limits:
        return
    async with call.transaction() as tx:
        for limit, who in limits:
            await throttles.count(tx, limit, who)


async def _wish(call: Call, language: str) -> _Wish:
    """Return what somebody wants. Raises :class:`Refused` with everything that is wrong."""
    if call.commune.config.registration.mode == "invitation" and not _invitation(call):
        raise NotAllowed("One joins by invitation here: open the link of yours.")
    params, wrong = call.params, _Mistakes(language)
    email = _email(params.text("email"), wrong)
    username = _username(params.text("username"), wrong)
    password = params.text("password")
    if not password:
        wrong.add("password", "ERR_BLANK", "can't be blank")
    else:
        try:
            passwords.check_strength(password, email, username, call.instance.name)
        except Invalid as error:
            code = "ERR_TOO_SHORT" if len(password) < passwords.SHORTEST else "ERR_INVALID"
            wrong.add("password", code, str(error))
    if not params.flag("agreement"):
        wrong.add("agreement", "ERR_ACCEPTED", "must be accepted")
    reason = params.text("reason")
    if len(reason) > MAX_REASON:
        wrong.add("reason", "ERR_TOO_LONG", f"is too long (maximum is {MAX_REASON} characters)")
    home = await _home(call, wrong)
    if wrong.found or home is None:
        raise Refused(wrong.found)
    return _Wish(email, username, password, reason, params.text("postal_code").strip(), home)


def _email(text: str, wrong: _Mistakes) -> str:
    if not text.strip():
        wrong.add("email", "ERR_BLANK", "can't be blank")
        return ""
    try:
        return check_email(text)
    except Invalid as error:
        wrong.add("email", "ERR_INVALID", str(error))
        return ""


def _username(text: str, wrong: _Mistakes) -> str:
    name = text.strip().lower()
    if not name:
        wrong.add("username", "ERR_BLANK", "can't be blank")
    elif len(name) > _LONGEST_NAME:
        wrong.add(
            "username", "ERR_TOO_LONG", f"is too long (maximum is {_LONGEST_NAME} characters)"
        )
    elif not is_username(name):
        sentence = "must contain only letters, numbers and underscores"
        wrong.add("username", "ERR_INVALID", sentence)
    elif folded(name) in {folded(each) for each in RESERVED}:
        wrong.add("username", "ERR_RESERVED", "is reserved")
    return name


async def _home(call: Call, wrong: _Mistakes) -> Place | None:
    """Return where somebody lives, by the postal code they name, or as a friend from anywhere."""
    commune, code = call.commune, call.params.text("postal_code").strip()
    if not code:
        if commune.config.registration.friends:
            return Place("", "", "nobody")
        wrong.add("postal_code", "ERR_BLANK", "can't be blank")
        return None
    try:
        found = await homes.of_postal_code(commune, code)
    except Invalid as error:
        wrong.add("postal_code", "ERR_INVALID", str(error))
        return None
    home = homes.chosen(commune, found, call.params.text("territory"))
    if home is None:
        known = ", ".join(f"{each.insee} {each.name}" for each in found if each.insee)
        sentence = f"does not say which commune: add territory, one of {known}"
        wrong.add("postal_code", "ERR_INCLUSION", sentence)
    return home


def _invitation(call: Call) -> str:
    return call.params.text("invite_code") or call.params.text("invitation")


ENDPOINTS: Final = (
    Endpoint("POST", "/api/v1/accounts", sign_up, "write:accounts", "app", SIGN_UP),
    Endpoint("POST", "/api/v1/emails/confirmations", ask_again, access="newcomer"),
)
