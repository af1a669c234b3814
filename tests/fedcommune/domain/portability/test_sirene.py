"""What an establishment of SIRENE is called here, and when it is not told at all."""

from __future__ import annotations

from io import BytesIO

import pytest

from fedcommune.domain.portability.model import Entry, Gone, Passed, Row
from fedcommune.domain.portability.readers import formats
from fedcommune.domain.portability.readers.columns import Wanted
from tests.fedcommune.cli.test_registers import BAKERY

HEAD = (
    "siret,statutDiffusionEtablissement,etatAdministratifEtablissement,codeCommuneEtablissement,"
    "enseigne1Etablissement,denominationUsuelleEtablissement,categorieJuridiqueUniteLegale,"
    "denominationUniteLegale,nomUniteLegale,nomUsageUniteLegale,prenom1UniteLegale\n"
)


def read(sign: str, usual: str, category: str, denomination: str, *person: str) -> Row:
    cells = (BAKERY, "O", "A", "97413", sign, usual, category, denomination, *person)
    content = (HEAD + ",".join(cells) + "\n").encode()
    wanted = Wanted(insee=frozenset({"97413"}))
    (row,) = formats.rows("sirene", lambda: BytesIO(content), wanted)
    return row


@pytest.mark.parametrize(
    ("told", "name", "kind"),
    [
        (("", "", "5499", "LAGON SARL"), "Lagon SARL", "business"),
        (("AU LAGON", "", "5499", "LAGON SARL"), "Au Lagon", "business"),
        (("", "", "9220", "LES AMIS"), "Les Amis", "association"),
        (("", "", "7210", "COMMUNE DE SAINT LEU"), "Commune de Saint Leu", "authority"),
        (("BOULANGERIE HOARAU", "", "1000", "", "HOARAU", "", "ZOE"),
         "Boulangerie Hoarau", "business"),
        (("LE PHARE", "", "2110", "INDIVISION HOARAU"), "Le Phare", "business"),
    ],
)  # fmt: skip
def test_it_is_called_as_its_customers_know_it(
    told: tuple[str, str, str, str], name: str, kind: str
) -> None:
    row = read(*told)

    assert isinstance(row, Entry)
    assert (row.name, row.kind) == (name, kind)


@pytest.mark.parametrize(
    "told",
    [
        ("", "", "1000", "", "HOARAU", "", "ZOE"),
        ("", "HOARAU ZOE", "1000", "", "HOARAU", "", "ZOE"),
        ("MME HOARAU ZOE", "", "1000", "", "HOARAU", "", "ZOE"),
        ("Z. HOARAU EI", "", "1000", "", "HOARAU", "", "ZOE"),
        ("Zoé GRONDIN", "", "1000", "", "HOARAU", "GRONDIN", "ZOE"),
        ("", "", "1000", "HOARAU ZOE", "HOARAU", "", "ZOE"),
        ("", "", "2110", "INDIVISION HOARAU"),
        ("", "", "2310", "HOARAU ET GRONDIN"),
    ],
)
def test_the_name_of_a_person_is_never_told(told: tuple[str, str, str, str]) -> None:
    row = read(*told)

    assert isinstance(row, Gone)
    assert (row.reason, row.erase) == (Passed.PERSON, True)
