"""OAuth 2 for applications: register, exchange a code, revoke, and who is signed in."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final
from urllib.parse import unquote_plus

from starlette.requests import Request

from fedcommune import i18n
from fedcommune.domain.grants import actions, model, queries
from fedcommune.domain.grants.model import Application, Registration, Scopes
from fedcommune.errors import Invalid
from fedcommune.mastodon import entities_instance as entities
from fedcommune.mastodon.call import Call, Endpoint
from fedcommune.mastodon.errors import OAuthError
from fedcommune.mastodon.instance import push_key
from fedcommune.mastodon.limits import REGISTRATION
from fedcommune.mastodon.password import by_password

_SERVICE: Final = "https://docs.joinmastodon.org/"


def issuer(origin: str) -> str:
    """Return the name under which we give tokens (RFC 8414 §2, RFC 9207)."""
    return f"{origin}/"


async def register(call: Call) -> entities.CredentialApplication:
    """``POST /api/v1/apps``: one or many redirect addresses, scopes default to ``read``."""
    params = call.params
    given = params.texts("redirect_uris") or params.texts("redirect_uri")
    async with call.transaction() as tx:
        application, secret = await actions.register(
            tx,
            Registration(
                params.required("client_name"),
                tuple(address for text in given for address in text.split()),
                Scopes.parse(params.text("scopes") or params.text("scope", "read")),
                params.maybe("website"),
            ),
        )
    return entities.CredentialApplication(
        **_described(call, application),
        client_id=application.client_id,
        client_secret=secret,
    )


async def application(call: Call) -> entities.Application:
    """``GET /api/v1/apps/verify_credentials``: any token will do."""
    assert call.caller is not None, "this endpoint is not reached without a token"
    return entities.Application(**_described(call, call.caller.grant.application))


def _described(call: Call, application: Application) -> dict[str, Any]:
    return {
        "id": str(application.id),
        "name": application.name,
        "website": application.website,
        "scopes": list(application.scopes),
        "redirect_uris": list(application.redirect_uris),
        "redirect_uri": "\n".join(application.redirect_uris),
        "vapid_key": push_key(call.commune.keyring),
    }


async def token(call: Call) -> entities.Token:
    """``POST /oauth/token`` (RFC 6749 §3.2): a code, the application itself, or a password.

    Credentials come as HTTP Basic or in the body.
    """
    match call.params.text("grant_type"):
        case "authorization_code":
            given = await _for_code(call, await _client(call))
        case "client_credentials":
            given = await _for_itself(call, await _client(call))
        case "password" if call.commune.config.development.password_grant:
            given = await _for_password(call, await _client(call))
        case "":
            raise OAuthError("invalid_request", "The parameter grant_type is missing.")
        case _:
            raise OAuthError(
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server.",
            )
    kept, value = given
    return entities.Token(
        access_token=value, scope=str(kept.scopes), created_at=int(kept.created_at.timestamp())
    )


async def _for_code(call: Call, application: Application) -> tuple[model.Token, str]:
    async with call.transaction() as tx:
        given = await actions.exchange(
            tx,
            application,
            code=call.params.text("code"),
            redirect_uri=call.params.text("redirect_uri"),
            verifier=call.params.maybe("code_verifier"),
        )
    # Only now: a code that came twice has taken back what it gave, and that stays.
    if given is None:
        raise _bad_grant()
    return given


async def _for_itself(call: Call, application: Application) -> tuple[model.Token, str]:
    async with call.transaction() as tx:
        try:
            return await actions.for_itself(tx, application, _scopes(call))
        except Invalid as error:
            raise OAuthError("invalid_scope", str(error)) from None


async def _for_password(call: Call, application: Application) -> tuple[model.Token, str]:
    """For trying things out only: see ``[development] password_grant``."""
    citizen = await by_password(
        call.commune, call.params.text("username"), call.params.text("password")
    )
    if citizen is None:
        raise _bad_grant()
    scopes = _scopes(call)
    if not citizen.role.moderates:
        scopes = scopes.without_administration()
    async with call.transaction() as tx:
        try:
            return await actions.give(
                tx, application, scopes, citizen_id=citizen.id, account_id=citizen.id
            )
        except Invalid as error:
            raise OAuthError("invalid_scope", str(error)) from None


def _bad_grant() -> OAuthError:
    return OAuthError(
        "invalid_grant",
        "The provided authorization grant is invalid, expired, revoked, does not match the "
        "redirection URI used in the authorization request, or was issued to another client.",
    )


def _scopes(call: Call) -> Scopes:
    try:
        return Scopes.parse(call.params.text("scope", "read"))
    except Invalid as error:
        raise OAuthError("invalid_scope", str(error)) from None


async def _client(call: Call) -> Application:
    """Return the application that calls. Raises ``invalid_client`` (RFC 6749 §2.3.1)."""
    basic = _basic(call.request)
    identity, secret = basic or (call.params.text("client_id"), call.params.text("client_secret"))
    found = await queries.application(call.db, identity) if identity else None
    if found is None or not found.knows(secret):
        raise OAuthError(
            "invalid_client",
            "Client authentication failed due to unknown client, no client authentication "
            "included, or unsupported authentication method.",
            401,
        )
    return found


def _basic(request: Request) -> tuple[str, str] | None:
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(text.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    name, _, secret = decoded.partition(":")
    return unquote_plus(name), unquote_plus(secret)


async def revoke(call: Call) -> dict[str, str]:
    """``POST /oauth/revoke`` (RFC 7009): again and again, it stays revoked."""
    value = call.params.text("token")
    refused = OAuthError("unauthorized_client", "You are not authorized to revoke this token", 403)
    if not value:
        raise refused
    client = await _client(call)
    async with call.transaction() as tx:
        allowed = await actions.revoke(tx, client, value)
    if not allowed:
        raise refused
    return {}


async def userinfo(call: Call) -> dict[str, str]:
    """``GET`` or ``POST /oauth/userinfo``: who acts, in the words of OpenID Connect."""
    account, instance = call.account, call.instance
    return {
        "iss": issuer(instance.origin),
        "sub": account.actor_id,
        "name": account.display_name,
        "preferred_username": account.username,
        "profile": instance.profile_page(account.username),
        "picture": account.icon or instance.static("icon.svg"),
    }


async def metadata(call: Call) -> dict[str, Any]:
    """``GET /.well-known/oauth-authorization-server`` (RFC 8414)."""
    origin = call.instance.origin
    grants = ["authorization_code", "client_credentials"]
    if call.commune.config.development.password_grant:
        grants.append("password")
    return {
        "issuer": issuer(origin),
        "service_documentation": _SERVICE,
        "authorization_endpoint": f"{origin}/oauth/authorize",
        "token_endpoint": f"{origin}/oauth/token",
        "app_registration_endpoint": f"{origin}/api/v1/apps",
        "revocation_endpoint": f"{origin}/oauth/revoke",
        "userinfo_endpoint": f"{origin}/oauth/userinfo",
        "scopes_supported": list(model.ALL),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": grants,
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": list(i18n.languages()),
    }


ENDPOINTS: Final = (
    Endpoint("POST", "/api/v1/apps", register, access="anyone", rate=REGISTRATION),
    Endpoint("GET", "/api/v1/apps/verify_credentials", application, access="app"),
    Endpoint("POST", "/oauth/token", token, access="anyone"),
    Endpoint("POST", "/oauth/revoke", revoke, access="anyone"),
    Endpoint("GET", "/oauth/userinfo", userinfo, scope="profile"),
    Endpoint("POST", "/oauth/userinfo", userinfo, scope="profile"),
    Endpoint("GET", "/.well-known/oauth-authorization-server", metadata, access="anyone"),
)
