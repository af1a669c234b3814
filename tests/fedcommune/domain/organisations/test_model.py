"""Numbers that identify an organisation in France."""

from __future__ import annotations

import pytest

from fedcommune.domain.organisations.model import Draft, is_rna, is_siret
from fedcommune.errors import Invalid


@pytest.mark.parametrize("number", ["73282932000074", "35600000000048", "35600000049837"])
def test_a_siret_has_a_check_digit(number: str) -> None:
    assert is_siret(number)


@pytest.mark.parametrize(
    "number", ["73282932000075", "7328293200007", "7328293200007a", "", "７3282932000074"]
)
def test_a_mistyped_siret_is_seen(number: str) -> None:
    assert not is_siret(number)


def test_an_rna_number_begins_with_w() -> None:
    assert is_rna("W9R4001234")
    assert not is_rna("9R40012345")
    assert not is_rna("W9R400123")


def test_a_draft_says_which_field_to_correct() -> None:
    for draft, field in (
        (Draft("castle", "a", "A"), "kind"),
        (Draft("business", "a", "  "), "name"),
        (Draft("business", "a", "A", siret="1"), "siret"),
        (Draft("association", "a", "A", rna="1"), "rna"),
    ):
        with pytest.raises(Invalid) as refused:
            draft.check()
        assert refused.value.field == field
