"""Which addresses may be dialled, against the corpus of what others forgot."""

from __future__ import annotations

import json
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.iris import PUBLIC_WEB, Reach
from federation.network.addresses import may_dial

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "ssrf_addresses.json").read_text("utf-8")
)
DEVELOPMENT = Reach(development=True)
LOOPBACK = {"127.0.0.1", "127.255.255.254", "::1"}


@pytest.mark.parametrize("address", VECTORS["deny"])
def test_sec_net_02_an_address_inside_is_refused(address: str) -> None:
    assert not may_dial(address, PUBLIC_WEB)


@pytest.mark.parametrize("address", VECTORS["allow"])
def test_sec_net_02_an_address_outside_is_allowed(address: str) -> None:
    assert may_dial(address, PUBLIC_WEB)
    assert may_dial(address, DEVELOPMENT)


@pytest.mark.parametrize("address", VECTORS["denied_but_python_is_global_true"])
def test_sec_net_03_what_python_believes_is_not_asked(address: str) -> None:
    assert not may_dial(address, PUBLIC_WEB)


@pytest.mark.parametrize("address", sorted(set(VECTORS["deny"]) - LOOPBACK))
def test_sec_net_02_development_adds_the_loopback_and_nothing_else(address: str) -> None:
    assert not may_dial(address, DEVELOPMENT)


@pytest.mark.parametrize("address", sorted(LOOPBACK))
def test_sec_net_02_the_loopback_may_be_dialled_in_development(address: str) -> None:
    assert may_dial(address, DEVELOPMENT)


@pytest.mark.parametrize(
    "text", ["", "evil.example", "127.1", "0x7f000001", "1.1.1.1 ", "1.1.1.1:80"]
)
def test_sec_net_02_what_is_no_address_is_refused(text: str) -> None:
    assert not may_dial(text, PUBLIC_WEB)
    assert not may_dial(text, DEVELOPMENT)


@given(st.ip_addresses())
def test_sec_net_02_nothing_private_is_ever_allowed(address: object) -> None:
    known = ip_address(str(address))
    if may_dial(str(known), PUBLIC_WEB):
        bad = known.is_private or known.is_multicast or known.is_reserved
        bad = bad or known.is_loopback or known.is_link_local or known.is_unspecified
        assert not bad
