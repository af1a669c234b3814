"""The dates of keys and proofs: exact, zoned, and of any year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from federation import instants
from federation.errors import RefusedError


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-09-01T12:00:00Z", datetime(2026, 9, 1, 12, tzinfo=UTC)),
        ("2026-09-01T16:00:00+04:00", datetime(2026, 9, 1, 12, tzinfo=UTC)),
        ("2026-09-01T12:00:00.5Z", datetime(2026, 9, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-09-01T12:00:00.123456789Z", datetime(2026, 9, 1, 12, 0, 0, 123_456, tzinfo=UTC)),
        ("3000-01-01T00:00:00Z", datetime(3000, 1, 1, tzinfo=UTC)),
    ],
)
def test_w_oip_01_a_full_date_is_read_in_utc(text: str, moment: datetime) -> None:
    assert instants.read(text) == moment


@pytest.mark.parametrize(
    "value",
    [
        *("", "once", "2026-09-01", "2026-09-01T12:00:00", "2026-09-01 12:00:00Z"),
        *("2026-02-30T12:00:00Z", "2026-09-01T25:00:00Z", "0000-01-01T00:00:00Z"),
        *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-09-01T12:00:00+99:99"),
        *("٢٠٢٦-09-01T12:00:00Z", "2026-09-01T12:00:00Z\n", None, 7, 1.5, [], {}),
    ],
)
def test_sec_par_03_what_is_no_date_is_refused(value: Any) -> None:
    with pytest.raises(RefusedError) as refusal:
        instants.read(value)
    assert refusal.value.status_code == 401


def test_w_oip_01_a_date_is_written_to_the_second_in_utc() -> None:
    reunion = datetime(2026, 9, 1, 16, 0, 0, 999, tzinfo=timezone(timedelta(hours=4)))

    assert instants.write(reunion) == "2026-09-01T12:00:00Z"
