"""A request changed under way is refused, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.inbox.strangers import Commune, Stranger

Mutation = Callable[[bytes, dict[str, str]], tuple[bytes, dict[str, str]]]


def _without(name: str) -> Mutation:
    return lambda body, headers: (body, {k: v for k, v in headers.items() if k != name})


def _with(name: str, value: str) -> Mutation:
    return lambda body, headers: (body, {**headers, name: value})


def _signature(old: str, new: str) -> Mutation:
    return lambda body, headers: (
        body,
        {**headers, "Signature": headers["Signature"].replace(old, new)},
    )


# What is changed, and whether the key may still be asked for: only cryptography needs it.
MUTATIONS: dict[str, tuple[Mutation, int, bool]] = {
    "no signature": (_without("Signature"), 401, False),
    "no digest": (_without("Digest"), 401, False),
    "no date": (_without("Date"), 401, False),
    "another digest": (_with("Digest", "SHA-256=" + "A" * 43 + "="), 401, False),
    "digest of md5 only": (_with("Digest", "MD5=1B2M2Y8AsgTpgAmy7PhCfg=="), 401, False),
    "another date": (_with("Date", "Tue, 01 Sep 2026 08:00:01 GMT"), 401, True),
    "an old date": (_with("Date", "Mon, 31 Aug 2026 08:00:00 GMT"), 401, False),
    "another host": (_with("Host", "elsewhere.example"), 401, False),
    "target not covered": (_signature("(request-target) ", ""), 401, False),
    "host not covered": (_signature(" host ", " "), 401, False),
    "digest not covered": (_signature(" digest ", " "), 401, False),
    "date not covered": (_signature(" date ", " "), 401, False),
    "signature altered": (_signature('signature="', 'signature="AAAA'), 401, True),
    "signature not base64": (_signature('signature="', 'signature="?'), 400, False),
    "key id of nobody": (_signature("#main-key", "#other-key"), 401, True),
    "key id is a handle": (
        lambda body, headers: (
            body,
            {**headers, "Signature": 'keyId="acct:a@b.c",signature="AA=="'},
        ),
        401,
        False,
    ),
    "body altered": (
        lambda body, headers: (body.replace(b"Bonjour", b"Bonsoir"), headers),
        401,
        False,
    ),
    "body longer": (lambda body, headers: (body + b" ", headers), 401, False),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_sec_sig_01_a_changed_request_is_refused_and_leaves_nothing(
    commune: Commune, alice: Stranger, mutation: str
) -> None:
    change, status, may_ask = MUTATIONS[mutation]
    body, headers = change(*commune.signed(alice, alice.create()))

    answer = await commune.http.post("/inbox", content=body, headers=headers)

    assert answer.status_code == status
    await commune.assert_nothing_kept()
    assert commune.known.learnt == 0
    assert commune.hosts.heard_of == []
    assert set(commune.asked()) <= ({"/users/alice"} if may_ask else set())


async def test_sec_sig_03_a_message_for_another_inbox_is_refused(
    commune: Commune, alice: Stranger
) -> None:
    body, headers = commune.signed(alice, alice.create(), path="/inbox")

    answer = await commune.http.post("/ap/actors/1/inbox", content=body, headers=headers)

    assert answer.status_code == 401
    await commune.assert_nothing_kept()
