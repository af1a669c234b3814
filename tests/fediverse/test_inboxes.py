"""Inboxes at their door: POST and nothing else, and who is gone says so."""

from __future__ import annotations

import pytest

from fedcommune.domain.accounts import actions as account_actions
from federation import documents, signatures
from federation.vocabulary.context import with_context
from tests.fediverse.asking import PAGE, Signer, ask, raw
from tests.fediverse.conftest import Neighbours
from tests.support.communes import Town

INBOXES = ("/inbox", "/actor/inbox", "/ap/actors/{}/inbox")


@pytest.mark.parametrize("inbox", INBOXES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("accept", ["application/activity+json", PAGE])
async def test_s2s_13_nobody_reads_an_inbox(
    neighbours: Neighbours, inbox: str, method: str, accept: str
) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    answer = await ask(here, inbox.format(marie.id), method=method, accept=accept)
    if inbox.startswith("/ap/"):  # its owner does, with a token (C2S-30)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    else:
        assert answer.status_code == 405
        assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_s2s_30_what_an_inbox_does_not_take(neighbours: Neighbours, method: str) -> None:
    answer = await ask(neighbours.here, "/inbox", method=method)
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


async def test_s2s_30_nothing_else_is_posted_to(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    post = await here.say(marie, "Bonjour")
    for address in (
        "/",
        "/actors",
        marie.actor_id,
        f"{marie.actor_id}/followers",
        post.object_id,
        "/.well-known/webfinger",
        "/static/commune.css",
    ):
        for accept in ("application/activity+json", PAGE):
            answer = await ask(here, address, method="POST", accept=accept)
            assert answer.status_code == 405, address
            assert answer.headers["x-content-type-options"] == "nosniff"
    assert await here.count("inbox.received") == 0


async def test_w_doc_12_the_inbox_of_the_deleted_is_gone(neighbours: Neighbours) -> None:
    here, there = neighbours.here, neighbours.there
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    async with here.commune.database.transaction() as tx:
        await account_actions.delete(tx, marie)
    assert await _post(here, f"{marie.actor_id}/inbox", (there, jean)) == 410
    assert await _post(here, f"{here.origin}/ap/actors/1/inbox", (there, jean)) == 404
    assert await here.count("inbox.received") == 0
    assert await _post(here, f"{here.origin}/inbox", (there, jean)) == 202


async def _post(town: Town, inbox: str, signer: Signer) -> int:
    home, account = signer
    body = documents.write(
        with_context(
            {
                "id": f"{home.origin}/ap/activities/1",
                "type": "Like",
                "actor": account.actor_id,
                "object": f"{town.origin}/ap/posts/1",
                "to": [f"{town.origin}/actor"],
            }
        )
    )
    signed = signatures.sign(
        method="POST",
        url=inbox,
        body=body,
        signer=await home.commune.signers.signer(account.actor_id),
        scheme="cavage",
        now=home.commune.database.clock(),
    )
    target = inbox.removeprefix(town.origin)
    lines = [f"POST {target} HTTP/1.1", f"Host: {town.domain}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in signed.items() if name.lower() != "host"]
    lines.append(f"Content-Length: {len(body)}")
    status, _ = await raw(town, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    return status
