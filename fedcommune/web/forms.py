"""Fields that somebody sent, and the page that shows them again with what to correct."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from fedcommune.errors import CommuneError, Conflict, Invalid, TooMany
from fedcommune.web import sessions
from fedcommune.web.render import Pages

LARGEST: Final = 64 * 1024  # bytes of a whole form
MOST_FIELDS: Final = 60
_TYPE: Final = "application/x-www-form-urlencoded"
_FILES: Final = "multipart/form-data"


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


class Wrong(str):
    """The name of the field that is to be corrected; ``told`` says how, in the reader's language.

    It is empty where the whole form is meant.
    """

    told: str

    def __new__(cls, field: str, told: str) -> Wrong:
        made = super().__new__(cls, field)
        made.told = told
        return made


async def read(request: Request) -> dict[str, str]:
    """Return the fields of the form in *request*, once it is known to come from us.

    Of a field that is sent several times the last one counts. Raises NotAllowed for a form
    from elsewhere (SEC-AUT-08), Invalid for what is no form of ours.
    """
    form = await fields(request)
    sessions.check(request, form)
    return form


async def fields(request: Request) -> dict[str, str]:
    """Return the fields of the form in *request*, wherever it comes from."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
        raise Invalid("form", _("Send this form from its page."))
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise Invalid("form", _("This form is too long."))
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=MOST_FIELDS,
            errors="strict",
        )
    except ValueError:
        raise Invalid("form", _("Send this form from its page.")) from None
    if any("\x00" in value for pair in pairs for value in pair):
        raise Invalid("form", _("Send this form from its page."))
    return {name: value.replace("\r\n", "\n") for name, value in pairs}


async def read_files(request: Request, *, largest: int) -> tuple[dict[str, str], dict[str, bytes]]:
    """Return the fields and the files of a form with files, once it is known to come from us.

    *largest* is how many bytes the whole may have (SEC-DOS-01). A field for a file that was
    left empty is left out. Raises as :func:`read`.
    """
    taken = 0
    receive = request.receive

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > largest:
            raise Invalid("form", _("This is too heavy: choose a smaller picture, and try again."))
        return message

    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FILES:
        raise Invalid("form", _("Send this form from its page."))
    try:
        sent = await Request(request.scope, counted).form(max_files=4, max_fields=MOST_FIELDS)
    except (MultiPartException, StarletteHTTPException, UnicodeDecodeError, ValueError):
        raise Invalid("form", _("Send this form from its page.")) from None
    form: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for name, value in sent.multi_items():
        if isinstance(value, str):
            form[name] = value.replace("\x00", "")
        elif content := await value.read():
            files[name] = content
    sessions.check(request, form)
    return form, files


async def read_any(request: Request, *, largest: int) -> tuple[dict[str, str], dict[str, bytes]]:
    """Return fields and files of a form that may have files. Raises as :func:`read`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == _TYPE:
        return await read(request), {}
    return await read_files(request, largest=largest)


def page(request: Request, template: str, status_code: int = 200, **values: Any) -> Response:
    """Answer with a page that holds forms: never cached, with the token they must send back."""
    pages = request.app.state.pages
    assert isinstance(pages, Pages), "the application is made with its pages"
    values = {"problem": None, "wrong": "", "form": {}, **values}
    response = pages.page(
        request,
        template,
        status_code,
        csrf=sessions.token(request),
        **values,
    )
    response.headers["Cache-Control"] = "no-store"
    return sessions.keep(request, response)


def again(
    request: Request,
    template: str,
    error: CommuneError,
    form: Mapping[str, str],
    **values: Any,
) -> Response:
    """Show the form again, what was typed kept (secrets are not), with what to correct."""
    pages = request.app.state.pages
    assert isinstance(pages, Pages), "the application is made with its pages"
    kept = {name: text for name, text in form.items() if "password" not in name}
    told = pages.tell(request, error)
    response = page(
        request,
        template,
        status_of(error),
        problem=told,
        wrong=Wrong(error.field if isinstance(error, Invalid) else "", told),
        form=kept,
        **values,
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return response


def status_of(error: CommuneError) -> int:
    """Return the HTTP status that tells what kind of error it is."""
    match error:
        case Invalid():
            return 422
        case Conflict():
            return 409
        case TooMany():
            return 429
        case _:
            return 403
