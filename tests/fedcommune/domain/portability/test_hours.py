"""Opening hours as they are typed, and as they are kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedcommune.domain.portability.readers import hours


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("lundi au vendredi de 8h à 12h30", "Mo-Fr 08:00-12:30"),
        ("Lun-Ven : 9h-12h et 13h30-17h; Sam 9h", "Lun-Ven : 9h-12h et 13h30-17h; Sam 9h"),
        ("Lun-Ven : 9h-12h et 13h30-17h", "Mo-Fr 09:00-12:00,13:30-17:00"),
        ("mardi, jeudi 14h-18h", "Tu,Th 14:00-18:00"),
        ("9h à 18h", "09:00-18:00"),
        ("Lu-Ve 8h30 - 17h; dimanche fermé", "Mo-Fr 08:30-17:00; Su off"),
        ("du mardi au samedi : 9:00-12:00 / 14:00-18:00", "Tu-Sa 09:00-12:00,14:00-18:00"),
        ("24h/24", "24/7"),
        ("7j/7", "7j/7"),
        ("Mo-Sa 06:00-13:00; PH off", "Mo-Sa 06:00-13:00; PH off"),
        ("sur rendez-vous", "sur rendez-vous"),
        ("2e samedi du mois 9h-12h", "2e samedi du mois 9h-12h"),
        ("99h-100h", "99h-100h"),
    ],
)  # fmt: skip
def test_what_is_understood_is_written_as_on_the_map_and_the_rest_as_typed(
    typed: str, kept: str
) -> None:
    assert hours.read(typed) == kept


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["lundi", "au", "8h", "à", "-", ",", "et", ":", ";", "fermé", "30"]))
    .map(" ".join)
)  # fmt: skip
def test_hours_that_were_read_are_read_as_the_same(typed: str) -> None:
    assert hours.read(hours.read(typed)) == hours.read(typed)
