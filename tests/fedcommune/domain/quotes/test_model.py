"""Who may quote what (W-QUO-03), without a database."""

from __future__ import annotations

import pytest

from fedcommune.domain.posts.model import Approval
from fedcommune.domain.quotes.model import leave

ADA = "https://elsewhere.example/users/ada"
CIRCLE = "https://elsewhere.example/users/bob/circle"


@pytest.mark.parametrize(
    ("automatic", "manual", "standing", "expected"),
    [
        (("public",), (), (), "automatic"),
        ((), ("public",), (), "manual"),
        (("followers",), ("public",), ("followers",), "automatic"),
        (("followers",), ("public",), (), "manual"),
        (("followers",), (), ("following",), "denied"),
        (("following",), (), ("following",), "automatic"),
        ((ADA,), (), (ADA,), "automatic"),
        ((), (CIRCLE,), (ADA,), "unknown"),
        ((), (), (ADA, "followers"), "denied"),
    ],
)
def test_w_quo_03_a_policy_says_who_may_quote(
    automatic: tuple[str, ...],
    manual: tuple[str, ...],
    standing: tuple[str, ...],
    expected: str,
) -> None:
    approval = Approval(automatic, manual)

    assert leave(approval, is_author=False, is_open=True, standing=standing) == expected
    assert leave(approval, is_author=True, is_open=False, standing=()) == "automatic"
    assert leave(approval, is_author=False, is_open=False, standing=standing) == "denied"
