"""One line per event on the standard error, for people or for machines, without secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.typing import Processor

_LONGEST: Final = 4000  # characters of one value
_SILENT: Final = "…"
# Where PostgreSQL quotes the values of a row that it refused.
_QUOTED_ROW: Final = re.compile(r"^DETAIL: .*$", re.MULTILINE)
# Names of values that never reach a log, whoever wrote the line (SEC-OPS-01).
_SECRET: Final = frozenset(
    {
        "authorization",
        "body",
        "content",
        "cookie",
        "email",
        "password",
        "private",
        "private_key",
        "secret",
        "secret_key",
        "signature",
        "token",
    }
)


def set_up(
    level: Literal["debug", "info", "warning", "error"] = "info",
    style: Literal["console", "json"] = "console",
    *,
    stream: TextIO | None = None,
) -> None:
    """Send what we and the libraries log from *level* on to *stream* (the standard error).

    Strangers' text is cut and its control characters are escaped, and values whose name
    says that they are secret are left out (SEC-OPS-01).
    """
    target = stream or sys.stderr
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        clean,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=target.isatty())
    )
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*before[:3], structlog.stdlib.ExtraAdder(), *before[3:]],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # A line per request of ours and of theirs says little and costs much.
    for chatty in ("httpx", "httpcore", "aiohttp", "uvicorn.access", "asyncio"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


def clean(_logger: object, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """Return *event* without secrets, every text short and without control characters."""
    event.pop("color_message", None)  # uvicorn says everything twice
    return {
        name: _SILENT if name.lower() in _SECRET else _escape(name, value)
        for name, value in event.items()
    }


def _escape(name: str, value: Any) -> Any:
    if isinstance(value, BaseException):
        value = f"{type(value).__name__}: {value}"
    if not isinstance(value, str):
        return value
    value = _QUOTED_ROW.sub(f"DETAIL: {_SILENT}", value)
    if len(value) > _LONGEST:
        # The end of a traceback says more than its beginning.
        value = value[: _LONGEST // 2] + _SILENT + value[-_LONGEST // 2 :]
    return "".join(
        letter
        if letter.isprintable() or (letter == "\n" and name == "exception")
        else letter.encode("unicode_escape").decode("ascii")
        for letter in value
    )
