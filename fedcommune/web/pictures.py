"""One's face and banner, and those of the organisations and projects one administers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts import actions
from fedcommune.domain.accounts.model import Account, Changes
from fedcommune.domain.media.model import File
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.files import painters
from fedcommune.web import acting, forms, sessions
from fedcommune.web.signing import commune_of, onwards
from fedcommune.workshop import Purpose

LARGEST: Final = 2 * painters.MAX_BYTES + forms.LARGEST
# The field of the form, where it stands in the profile, and the size that it gets.
_PICTURES: Final[tuple[tuple[str, str, Purpose], ...]] = (
    ("avatar", "icon", "face"),
    ("header", "image", "banner"),
)


async def show(request: Request) -> Response:
    """The pictures as they are, and a form to change them."""
    return await _page(request, request.query_params.get("account", ""))


async def change(request: Request) -> Response:
    """Keep the pictures that were sent, or take away those that are not wanted any more."""
    who = await sessions.required(request)
    form, files = await forms.read_any(request, largest=LARGEST)
    chosen = form.get("account", "")
    commune = commune_of(request)
    account = _chosen(await acting.actors(commune.database.pool, who.account), chosen)
    try:
        pictures = await _drawn(request, form, files)
    except CommuneError as error:
        return await _page(request, chosen, error)
    async with commune.database.transaction() as tx:
        # Who administers it may have changed meanwhile.
        account = _chosen(await acting.actors(tx.db, who.account), chosen)
        await actions.edit(tx, account, Changes(), pictures=pictures)
    return onwards(f"/settings/pictures?account={account.id}")


async def _drawn(
    request: Request, form: Mapping[str, str], files: Mapping[str, bytes]
) -> dict[str, File | None]:
    found: dict[str, File | None] = {}
    for name, part, purpose in _PICTURES:
        if form.get(f"without_{name}"):
            found[part] = None
        elif name in files:
            try:
                found[part] = await commune_of(request).workshop.sized(files[name], purpose)
            except Invalid as error:
                raise Invalid.of(name, error) from None
    return found


def _chosen(found: list[Account], text: str) -> Account:
    """Return whom the form is about: oneself when it does not say. Raises NotFound."""
    for account in found:
        if text in ("", str(account.id)):
            return account
    raise NotFound


async def _page(request: Request, chosen: str, error: CommuneError | None = None) -> Response:
    who = await sessions.required(request)
    found = await acting.actors(commune_of(request).database.pool, who.account)
    account = _chosen(found, chosen)
    template = "settings/pictures.html"
    if error is None:
        return forms.page(request, template, here="settings", account=account, actors=found)
    return forms.again(request, template, error, {}, here="settings", account=account, actors=found)
