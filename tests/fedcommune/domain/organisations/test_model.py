"""Numbers that identify an organisation in France."""

from __future__ import annotations

import pytest

from fedcommune.domain.organisations.identifiers import has_rna, is_rna, is_siren, is_siret
from fedcommune.domain.organisations.model import Draft
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
    assert not is_rna("W9RR001234")


def test_associations_of_alsace_and_moselle_have_no_rna_number() -> None:
    assert not has_rna("67482")
    assert not is_rna("W672001234")
    assert has_rna("97413")


def test_a_siren_has_a_check_digit_too() -> None:
    assert is_siren("732829320")
    assert not is_siren("732829321")


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
