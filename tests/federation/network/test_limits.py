"""However an answer is made, it costs us a bounded amount of bytes, memory and patience."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import pytest

from federation.errors import GoneError, RefusedError, UnavailableError
from federation.network import Client, Limits
from federation.network.hosts import UNREACHABLE
from tests.federation.network.conftest import Clock, MakeClient
from tests.support.evil import (
    AS2,
    Asked,
    EvilServer,
    answer,
    drips,
    endless_body,
    endless_headers,
    hangs,
    hangs_up,
)

IMPATIENT = Limits(connect=0.2, read=0.2, total=0.3)


def zeros(mebibytes: int) -> bytes:
    """Return a gzip of that many MiB of zeros."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(mebibytes)) + packer.flush()


async def test_sec_net_08_a_body_of_exactly_the_limit_is_read(
    client: Client, evil: EvilServer
) -> None:
    evil.says("/", b"x" * 100)

    response = await client.get(evil.url("evil.example"), accept=AS2, limit=100)

    assert response.body == b"x" * 100


async def test_sec_net_08_a_body_above_the_limit_is_refused(
    client: Client, evil: EvilServer
) -> None:
    evil.says("/", b"x" * 101)

    with pytest.raises(RefusedError, match="too long"):
        await client.get(evil.url("evil.example"), accept=AS2, limit=100)


async def test_sec_net_08_a_body_without_length_is_cut_at_the_limit(
    client: Client, evil: EvilServer
) -> None:
    evil.plays("/", endless_body)

    with pytest.raises(RefusedError, match="too long"):
        await client.get(evil.url("evil.example"), accept=AS2, limit=100_000)


async def test_sec_net_08_a_bomb_is_not_unpacked_beyond_the_limit(
    client: Client, evil: EvilServer
) -> None:
    bomb = zeros(256)
    assert len(bomb) < 1 << 20
    evil.says("/", bomb, headers=[("Content-Encoding", "gzip")])

    with pytest.raises(RefusedError, match="too long"):
        await client.get(evil.url("evil.example"), accept=AS2, limit=1 << 20)


async def test_sec_net_08_one_layer_of_gzip_is_undone(client: Client, evil: EvilServer) -> None:
    inner = gzip.compress(b"twice")
    evil.says("/", gzip.compress(b"once"), headers=[("Content-Encoding", "gzip")])
    evil.says("/twice", gzip.compress(inner), headers=[("Content-Encoding", "gzip")])

    once = await client.get(evil.url("evil.example"), accept=AS2, limit=1000)
    twice = await client.get(evil.url("evil.example", "/twice"), accept=AS2, limit=1000)

    assert once.body == b"once"
    assert twice.body == inner


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "deflate", "zstd", "gzip;q=1"])
async def test_sec_net_08_any_other_coding_is_refused(
    client: Client, evil: EvilServer, coding: str
) -> None:
    evil.says("/", gzip.compress(b"{}"), headers=[("Content-Encoding", coding)])

    with pytest.raises(RefusedError, match="packed"):
        await client.get(evil.url("evil.example"), accept=AS2, limit=1000)


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b"{}" * 50)[:-9], b"no gzip at all", gzip.compress(b"{}") + b"more", b""],
    ids=["cut off", "none at all", "with more behind", "empty"],
)
async def test_sec_net_08_a_broken_gzip_is_refused(
    client: Client, evil: EvilServer, body: bytes
) -> None:
    evil.says("/", body, headers=[("Content-Encoding", "gzip")])

    with pytest.raises(RefusedError, match="packed"):
        await client.get(evil.url("evil.example"), accept=AS2, limit=1000)


async def test_sec_net_08_headers_end_or_are_cut(client: Client, evil: EvilServer) -> None:
    evil.plays("/endless", endless_headers)
    evil.says("/many", b"{}", headers=[(f"X-{n}", "m" * 1000) for n in range(17)])
    evil.says("/long", b"{}", headers=[("X-Long", "m" * 16_000)])
    evil.says("/enough", b"{}", headers=[(f"X-{n}", "m" * 1000) for n in range(15)])

    for path in ("/endless", "/many", "/long"):
        with pytest.raises((RefusedError, UnavailableError)):
            await client.get(evil.url(f"{path[1:]}.example", path), accept=AS2, limit=1000)
        with pytest.raises((RefusedError, UnavailableError)):
            await client.post(evil.url(f"{path[1:]}.example", path), b"{}", {})
    assert (
        await client.get(evil.url("evil.example", "/enough"), accept=AS2, limit=9)
    ).body == b"{}"


@pytest.mark.parametrize("play", [drips, hangs])
async def test_sec_dos_02_a_slow_server_meets_a_deadline(
    make_client: MakeClient, evil: EvilServer, play: object
) -> None:
    client = make_client(limits=IMPATIENT)
    evil.plays("/", drips if play is drips else hangs)

    with pytest.raises(UnavailableError, match=UNREACHABLE):
        await client.get(evil.url("evil.example"), accept=AS2, limit=1 << 20)
    with pytest.raises(UnavailableError, match=UNREACHABLE):
        await client.post(evil.url("evil.example"), b"{}", {})


async def test_sec_dos_02_the_deadline_covers_all_redirects_together(
    make_client: MakeClient, evil: EvilServer
) -> None:
    client = make_client(limits=Limits(connect=0.2, read=10, total=0.5))

    async def late(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        writer.write(answer(302, headers=[("Location", asked.target + "x")]))

    for path in ("/", "/x", "/xx"):
        evil.plays(path, late)

    with pytest.raises(UnavailableError, match=UNREACHABLE):
        await client.get(evil.url("evil.example"), accept=AS2, limit=100)

    assert len(evil.asked) < 3


async def test_sec_net_10_a_server_that_hangs_up_is_unreachable(
    client: Client, evil: EvilServer
) -> None:
    evil.plays("/", hangs_up)

    with pytest.raises(UnavailableError, match=UNREACHABLE):
        await client.get(evil.url("evil.example"), accept=AS2, limit=100)


async def test_sec_net_10_what_is_not_http_is_unreachable(client: Client, evil: EvilServer) -> None:
    async def smtp(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    evil.plays("/", smtp)

    with pytest.raises(UnavailableError, match=UNREACHABLE):
        await client.get(evil.url("evil.example"), accept=AS2, limit=100)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RefusedError),
        (401, RefusedError),
        (403, RefusedError),
        (404, RefusedError),
        (304, RefusedError),
        (408, UnavailableError),
        (429, UnavailableError),
        (500, UnavailableError),
        (503, UnavailableError),
        (410, GoneError),
    ],
)
async def test_an_answer_is_sorted_by_what_to_do_next(
    client: Client, evil: EvilServer, status: int, error: type[Exception]
) -> None:
    evil.says("/", b"", status=status)

    with pytest.raises(error) as caught:
        await client.get(evil.url("evil.example"), accept=AS2, limit=100)

    if isinstance(caught.value, RefusedError):
        assert caught.value.status_code == status


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("99999999999999999999999999", 86_400.0),
        ("Tue, 01 Sep 2026 12:00:30 GMT", 30.0),
        ("Tue, 01 Sep 2026 11:00:00 GMT", 0.0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 86_400.0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 86_400.0),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
        ("٣", None),
    ],
)
async def test_retry_after_is_read_and_bounded(
    client: Client, evil: EvilServer, clock: Clock, said: str, seconds: float | None
) -> None:
    header = said.encode().decode("latin-1")
    evil.says("/", b"", status=503, headers=[("Retry-After", header)])

    with pytest.raises(UnavailableError) as caught:
        await client.get(evil.url("evil.example"), accept=AS2, limit=100)
    posted = await client.post(evil.url("evil.example"), b"{}", {})

    assert caught.value.retry_after == seconds
    assert posted.retry_after == seconds
