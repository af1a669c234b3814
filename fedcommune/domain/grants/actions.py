"""Register an application, let it act, exchange a code, revoke; one transaction each."""

from __future__ import annotations

from datetime import datetime

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.grants import model, queries
from fedcommune.domain.grants.model import (
    Application,
    Authorisation,
    Registration,
    Scopes,
    Token,
    Wish,
)
from fedcommune.errors import Invalid


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


SCRIPTS = "Scripts"


async def register(tx: Transaction, registration: Registration) -> tuple[Application, str]:
    """Register an application; return it with its secret, which is never seen again.

    Raises :class:`Invalid` for a field that needs a correction.
    """
    registration = model.checked(registration)
    secret = model.fresh()
    application = Application(
        identifiers.new(tx.now),
        model.fresh(),
        model.hashed(secret),
        registration.name,
        registration.website,
        registration.redirect_uris,
        registration.scopes,
        tx.now,
    )
    await queries.insert_application(tx.db, application)
    return application, secret


async def authorise(
    tx: Transaction,
    application: Application,
    wish: Wish,
    *,
    citizen_id: int,
    account_id: int,
    may_moderate: bool = False,
) -> str:
    """Let *application* act as an account in a citizen's name; return the code for it.

    Who may act as whom is the caller's to know. Scopes of moderators are left out for
    others. Raises :class:`Invalid` when the wish is not one the application registered.
    """
    check_wish(application, wish)
    scopes = wish.scopes if may_moderate else wish.scopes.without_administration()
    code = model.fresh()
    await queries.forget_codes(tx.db, tx.now - model.CODE_LIVES)
    await queries.insert_authorisation(
        tx.db,
        Authorisation(
            model.hashed(code),
            application.id,
            citizen_id,
            account_id,
            wish.redirect_uri,
            scopes,
            wish.challenge,
            tx.now,
            tx.now + model.CODE_LIVES,
            None,
        ),
    )
    return code


def check_wish(application: Application, wish: Wish) -> None:
    """Raise :class:`Invalid` unless *application* may ask for this (SEC-AUT-05, SEC-AUT-06)."""
    if wish.redirect_uri not in application.redirect_uris:
        raise Invalid("redirect_uri", _("The redirect address is not one of the application's."))
    if not len(wish.scopes) or not application.scopes.covers_all(wish.scopes):
        raise Invalid("scope", _("The application did not register for these scopes."))


async def exchange(
    tx: Transaction,
    application: Application,
    *,
    code: str,
    redirect_uri: str,
    verifier: str | None,
) -> tuple[Token, str] | None:
    """Exchange a code for a token, once; return the token and its value.

    None when the code is not good for this application, address and verifier. A code that
    comes a second time takes back what it gave (RFC 6749 §4.1.2): commit in either case.
    """
    code_hash = model.hashed(code)
    found = await queries.authorisation(tx.db, code_hash)
    if found is None or found.application_id != application.id:
        return None
    if found.used_at is not None:
        await queries.revoke_of_code(tx.db, found, tx.now)
        return None
    if found.expires_at <= tx.now or found.redirect_uri != redirect_uri:
        return None
    if not model.answers(verifier, found.challenge):
        return None
    await queries.use_code(tx.db, code_hash, tx.now)
    return await _give(
        tx,
        application,
        found.scopes,
        citizen_id=found.citizen_id,
        account_id=found.account_id,
        code_hash=code_hash,
    )


async def for_itself(
    tx: Transaction, application: Application, scopes: Scopes
) -> tuple[Token, str]:
    """Give *application* a token in its own name. Raises :class:`Invalid` beyond its scopes."""
    if not application.scopes.covers_all(scopes) or scopes.administer:
        raise Invalid("scope", _("The application did not register for these scopes."))
    return await _give(tx, application, scopes)


async def give(
    tx: Transaction,
    application: Application,
    scopes: Scopes,
    *,
    citizen_id: int,
    account_id: int,
) -> tuple[Token, str]:
    """Give *application* a token of a citizen without a code; who asks has checked them.

    Raises :class:`Invalid` beyond the application's scopes.
    """
    if not len(scopes) or not application.scopes.covers_all(scopes):
        raise Invalid("scope", _("The application did not register for these scopes."))
    return await _give(tx, application, scopes, citizen_id=citizen_id, account_id=account_id)


async def decoy(tx: Transaction, application: Application) -> tuple[Token, str]:
    """Give *application* a token that looks like that of a newcomer, and is nobody's.

    Whoever signs up with an address that has an account learns nothing of that (SEC-AUT-03).
    """
    return await _give(tx, application, Scopes(()))


async def issue(
    tx: Transaction,
    *,
    citizen_id: int,
    account_id: int,
    scopes: Scopes,
    application: str = SCRIPTS,
    value: str | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Make a token for a script; return its value, *value* when a fixed one is wanted.

    Raises :class:`Invalid` for a value that is too short to be a secret, or taken.
    """
    name = " ".join(application.split())[: model.MAX_NAME] or SCRIPTS
    asking = await queries.made_for_scripts(tx.db, name)
    if asking is None:
        asking = Application(
            identifiers.new(tx.now),
            model.fresh(),
            None,
            name,
            None,
            (model.OUT_OF_BAND,),
            Scopes(model.ALL),
            tx.now,
        )
        await queries.insert_application(tx.db, asking)
    if value is not None:
        model.check_value(value)
        if await queries.of_value(tx.db, value) is not None:
            raise Invalid("value", _("This token exists already: choose another value."))
    _value, given = await _give(
        tx,
        asking,
        scopes,
        citizen_id=citizen_id,
        account_id=account_id,
        value=value,
        expires_at=expires_at,
    )
    return given


async def revoke(tx: Transaction, application: Application, value: str) -> bool:
    """End the token *value* when it is the application's; tell whether it may end it.

    A token that does not exist may be ended: it is (RFC 7009 §2.2).
    """
    token = await queries.of_value(tx.db, value)
    if token is None:
        return True
    if token.application_id != application.id:
        return False
    await queries.revoke(tx.db, token, tx.now)
    return True


async def revoke_own(tx: Transaction, citizen_id: int, token_id: int) -> bool:
    """End one of a citizen's tokens; return whether it was theirs and alive (SEC-VIS-11)."""
    return await queries.revoke_of_citizen(tx.db, citizen_id, token_id, tx.now)


async def revoke_all(tx: Transaction, citizen_id: int) -> None:
    """End every token of a citizen: password changed, suspended, gone (SEC-AUT-04)."""
    await queries.revoke_all(tx.db, citizen_id, tx.now)


async def _give(
    tx: Transaction,
    application: Application,
    scopes: Scopes,
    *,
    citizen_id: int | None = None,
    account_id: int | None = None,
    code_hash: bytes | None = None,
    value: str | None = None,
    expires_at: datetime | None = None,
) -> tuple[Token, str]:
    given = value or model.fresh()
    token = Token(
        identifiers.new(tx.now),
        application.id,
        citizen_id,
        account_id,
        scopes,
        tx.now,
        None,
        expires_at,
        None,
    )
    await queries.insert_token(tx.db, token, token_hash=model.hashed(given), code_hash=code_hash)
    if citizen_id is not None:
        await queries.revoke_oldest(tx.db, citizen_id, keep=model.MAX_TOKENS, now=tx.now)
    return token, given
