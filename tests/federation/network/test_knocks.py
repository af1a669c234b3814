"""Signed requests reach servers of either scheme, and what they understood is remembered."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from federation import signatures
from federation.errors import RefusedError
from federation.keys import PublicKey, Signer
from federation.network import Client, post
from federation.signatures import Message
from tests.federation.network.conftest import Clock
from tests.support.evil import AS2, Asked, EvilServer, Play, answer


def scheme_of(asked: Asked) -> str:
    if asked.header("signature-input"):
        return "rfc9421"
    return "cavage" if asked.header("signature") else "none"


def verifying(
    evil: EvilServer, signer: Signer, clock: Clock, *, accepts: set[str], refusal: int = 401
) -> Play:
    """Answer 200 to requests of an accepted scheme whose signature really holds."""

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        message = Message(
            method=asked.method,
            target=asked.target,
            authority=f"evil.example:{evil.port}",
            scheme="http",
            headers=asked.headers,
            body=asked.body or None,
        )
        try:
            claim = signatures.claim(message, clock())
            key = PublicKey(
                id=signer.key_id,
                owner=signer.actor_id,
                algorithm="rsa",
                key=signer.key.public_key(),
            )
            signatures.verify(claim, key)
            accepted = claim.scheme in accepts
        except RefusedError:
            accepted = False
        writer.write(answer(200 if accepted else refusal, b"{}", [("Content-Type", AS2)]))

    return play


async def ask(client: Client, evil: EvilServer, signer: Signer, path: str = "/") -> bytes:
    response = await client.get(
        evil.url("evil.example", path), accept=AS2, limit=100, signer=signer
    )
    return response.body


async def test_w_sig_01_a_signed_get_is_verified_by_its_reader(
    client: Client, evil: EvilServer, signer: Signer, clock: Clock
) -> None:
    evil.plays("/x?y=%C3%A9", verifying(evil, signer, clock, accepts={"cavage"}))

    assert await ask(client, evil, signer, "/x?y=é#z") == b"{}"
    assert [scheme_of(asked) for asked in evil.asked] == ["cavage"]


@pytest.mark.parametrize("refusal", [400, 401, 403, 406])
async def test_w_9421_05_a_refused_first_knock_is_followed_by_another(
    client: Client, evil: EvilServer, signer: Signer, clock: Clock, refusal: int
) -> None:
    evil.plays("/", verifying(evil, signer, clock, accepts={"rfc9421"}, refusal=refusal))

    assert await ask(client, evil, signer) == b"{}"
    assert [scheme_of(asked) for asked in evil.asked] == ["cavage", "rfc9421"]


@pytest.mark.parametrize("status", [404, 410, 429, 500])
async def test_w_9421_05_other_answers_need_no_second_knock(
    client: Client, evil: EvilServer, signer: Signer, status: int
) -> None:
    evil.says("/", status=status)

    with pytest.raises(Exception, match="server"):
        await ask(client, evil, signer)

    assert len(evil.asked) == 1


async def test_w_9421_05_two_knocks_are_all(
    client: Client, evil: EvilServer, signer: Signer
) -> None:
    evil.says("/", status=401)

    with pytest.raises(RefusedError) as caught:
        await ask(client, evil, signer)

    assert caught.value.status_code == 401
    assert [scheme_of(asked) for asked in evil.asked] == ["cavage", "rfc9421"]
    assert client.schemes.known(f"evil.example:{evil.port}", client.clock()) is None


async def test_w_9421_05_the_winner_is_remembered_for_thirty_days(
    client: Client, evil: EvilServer, signer: Signer, clock: Clock
) -> None:
    evil.plays("/", verifying(evil, signer, clock, accepts={"rfc9421"}))
    await ask(client, evil, signer)
    evil.asked.clear()

    await ask(client, evil, signer)
    assert [scheme_of(asked) for asked in evil.asked] == ["rfc9421"]

    clock.move(days=31)
    evil.asked.clear()
    await ask(client, evil, signer)
    assert [scheme_of(asked) for asked in evil.asked] == ["cavage", "rfc9421"]


async def test_w_9421_05_a_server_that_changed_its_mind_is_learnt_anew(
    client: Client, evil: EvilServer, signer: Signer, clock: Clock
) -> None:
    evil.plays("/", verifying(evil, signer, clock, accepts={"rfc9421"}))
    await ask(client, evil, signer)
    evil.plays("/", verifying(evil, signer, clock, accepts={"cavage"}))
    evil.asked.clear()

    await ask(client, evil, signer)
    await ask(client, evil, signer)

    assert [scheme_of(asked) for asked in evil.asked] == ["rfc9421", "cavage", "cavage"]


async def test_w_9421_05_a_known_server_that_forbids_is_believed_at_once(
    client: Client, evil: EvilServer, signer: Signer, clock: Clock
) -> None:
    evil.plays("/", verifying(evil, signer, clock, accepts={"cavage"}))
    evil.says("/private", status=403)
    await ask(client, evil, signer)
    evil.asked.clear()

    with pytest.raises(RefusedError):
        await ask(client, evil, signer, "/private")

    assert len(evil.asked) == 1


async def test_w_sig_02_a_reader_that_drops_the_query_is_satisfied_in_the_end(
    client: Client, evil: EvilServer, signer: Signer, clock: Clock
) -> None:
    reader = verifying(evil, signer, clock, accepts={"cavage"})

    async def forgetful(asked: Asked, writer: asyncio.StreamWriter) -> None:
        path = urlsplit(asked.target).path
        await reader(Asked(asked.method, path, asked.headers, asked.body), writer)

    evil.plays("/x?page=1", forgetful)

    assert await ask(client, evil, signer, "/x?page=1") == b"{}"
    assert len(evil.asked) == 3


@pytest.mark.parametrize("scheme", ["cavage", "rfc9421"])
async def test_w_sig_03_a_posted_activity_is_verified_by_its_reader(
    client: Client,
    evil: EvilServer,
    signer: Signer,
    clock: Clock,
    scheme: signatures.Scheme,
) -> None:
    evil.plays("/inbox", verifying(evil, signer, clock, accepts={scheme}))

    received = await post.activity(
        client,
        evil.url("EVIL.example", "/inbox"),
        b'{"type":"Like"}',
        signer=signer,
        scheme=scheme,
        now=clock(),
    )

    assert received.status == 200
    assert evil.asked[0].body == b'{"type":"Like"}'
    assert scheme_of(evil.asked[0]) == scheme


async def test_w_sig_03_what_nobody_would_accept_is_not_sent(
    client: Client, evil: EvilServer, signer: Signer, clock: Clock
) -> None:
    with pytest.raises(RefusedError, match="too long"):
        await post.activity(
            client,
            evil.url("evil.example", "/inbox"),
            b" " * 61_441,
            signer=signer,
            scheme="cavage",
            now=clock(),
        )

    assert evil.connections == 0
