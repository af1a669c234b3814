"""The one picture of a form: it stays here while the form is corrected, so that it is sent once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.media import actions as media
from fedcommune.domain.media.model import Words
from fedcommune.errors import Invalid, NotFound
from fedcommune.web.composing import Kept
from fedcommune.web.signing import commune_of

# The hidden field of a form that is shown again: the number of the picture that waits.
FIELD: Final = "kept_picture"


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def of_form(
    request: Request,
    account: Account,
    form: Mapping[str, str],
    files: Mapping[str, bytes],
    *,
    name: str,
    words: str,
) -> Kept | None:
    """Return the picture of a form, which waits for what *account* publishes; None without one.

    It is in the field *name*, what it shows in the field *words*; one that was sent before the
    form had to be corrected stays, unless another is sent. Raises Invalid for what is no
    picture, for too long a description, and for one that *account* does not have (SEC-MED-07).
    """
    commune = commune_of(request)
    said = Words(description=form.get(words, ""))
    if name in files:
        try:
            made = await commune.workshop.attachment(files[name])
        except Invalid as error:
            raise Invalid.of(name, error) from None
        async with commune.database.transaction() as tx:
            found = await media.keep(tx, account.id, made, said)
    elif (number := form.get(FIELD, "")) and not form.get(f"without_{name}"):
        try:
            async with commune.database.transaction() as tx:
                found = await media.describe(tx, account.id, _number(number), said)
        except NotFound:
            raise Invalid(name, _("Choose the picture once more.")) from None
    else:
        return None
    shown = found.small or found.whole
    return Kept(found.id, commune.instance.media(shown) if shown else "", found.description)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
