"""Lines for people and for machines, without secrets and without tricks."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from fedcommune import logs


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_sec_ops_01_strangers_text_is_escaped_and_cut() -> None:
    stream = io.StringIO()
    logs.set_up("info", "json", stream=stream)

    structlog.get_logger("x").info("seen", header="a\r\n\x1b[31mred\u202e", long="y" * 99_999)

    (line,) = lines(stream)
    assert line["header"] == "a\\r\\n\\x1b[31mred\\u202e"
    assert len(line["long"]) < 5_000
    assert line["event"] == "seen"
    assert stream.getvalue().count("\n") == 1


def test_sec_ops_01_secrets_are_left_out_whoever_logs_them() -> None:
    stream = io.StringIO()
    logs.set_up("info", "json", stream=stream)

    structlog.get_logger("x").info("seen", token="canary", email="canary@a.example")
    logging.getLogger("library").warning("theirs", extra={"Authorization": "canary"})
    structlog.get_logger("x").error(
        "refused", exc_info=ValueError("duplicate key\nDETAIL: Key (email)=(canary) exists.")
    )

    assert "canary" not in stream.getvalue()
    assert [line["event"] for line in lines(stream)] == ["seen", "theirs", "refused"]


@pytest.mark.parametrize("style", ["console", "json"])
def test_what_is_less_important_than_the_level_is_not_written(style: str) -> None:
    stream = io.StringIO()
    logs.set_up("warning", style, stream=stream)  # type: ignore[arg-type]  # one of the two

    structlog.get_logger("x").info("small")
    logging.getLogger("library").info("small")
    structlog.get_logger("x").warning("large")

    assert "small" not in stream.getvalue()
    assert "large" in stream.getvalue()
