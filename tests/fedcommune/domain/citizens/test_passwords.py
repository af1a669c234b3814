"""Passwords that are good enough, and what is kept of them (SEC-AUT-01)."""

from __future__ import annotations

import asyncio

import argon2
import pytest

from fedcommune.domain.citizens import passwords, throttles
from fedcommune.errors import Invalid, TooMany


@pytest.mark.parametrize(
    "password",
    [
        *("", "short", "elevenchars", "a" * 40, "abcabcabcabcabc", "x" * 257, "é" * 129),
        *("motdepasse1234", "Password12345!", "azertyuiopqs", "123456789012", "passwordpassword"),
        *("mariepayet12", "Saint-Leu2026", "marie@mail.example", "MARIE.PAYET1"),
    ],
)
def test_sec_aut_01_a_password_that_many_would_guess_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as caught:
        passwords.check_strength(
            password, "marie@mail.example", "mariepayet", "Marie Payet", "Saint-Leu"
        )

    assert caught.value.field == "password"


@pytest.mark.parametrize(
    "password",
    ["lagon calme sous filaos", "Marie aime le rhum arrangé", "vf8#kQ2p!zLw", "ü" * 6 + "abcdefg"],
)
def test_sec_aut_01_a_few_words_are_enough(password: str) -> None:
    passwords.check_strength(password, "marie@mail.example", "marie", "Saint-Leu")


async def test_sec_aut_01_a_hash_is_salted_and_checked() -> None:
    one, other = await asyncio.gather(passwords.hash("à la mer"), passwords.hash("à la mer"))

    assert one != other
    assert await passwords.check("à la mer", one)  # the accent written as two
    assert not await passwords.check("a la mer", one)
    assert not await passwords.check("à la mer", "not a hash")
    assert not await passwords.check("", None)


async def test_sec_aut_01_nobody_costs_as_much_as_somebody() -> None:
    real = argon2.extract_parameters(await passwords.hash("lagon calme sous filaos"))

    assert argon2.extract_parameters(passwords._nobodys()) == real
    assert real.type is argon2.Type.ID
    assert (real.memory_cost, real.time_cost) == (65536, 3)


async def test_sec_dos_the_pool_of_hashing_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_MOST_WAITING", 2)
    answers = await asyncio.gather(
        *(passwords.check("x", None) for _number in range(5)), return_exceptions=True
    )

    assert sum(isinstance(each, TooMany) for each in answers) == 3
    assert not await passwords.check("x", None)


def test_sec_aut_01_the_delay_grows_and_ends() -> None:
    delays = [throttles.delay_after(mistakes).total_seconds() for mistakes in range(40)]

    assert delays[:5] == [0] * 5
    assert delays == sorted(delays)
    assert delays[-1] == throttles.LONGEST_WAIT.total_seconds()
