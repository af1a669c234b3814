"""A redirect is a stranger's suggestion: it is checked like any other, and not for long."""

from __future__ import annotations

import pytest

from federation.errors import RefusedError, UnavailableError
from federation.keys import Signer
from federation.network import Client
from tests.federation.network.conftest import MakeClient
from tests.support.evil import AS2, EvilServer, Names


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://db.internal/",
        "data:application/activity+json,{}",
        "file:///etc/passwd",
        "ftp://a.example/",
        "http://user@a.example/",
        "http://a.example\\@b.example/",
        "http://a.example/x y",
        "//[",
        "",
    ],
)
async def test_sec_net_05_a_redirect_to_where_we_do_not_go_is_refused(
    client: Client, evil: EvilServer, location: str
) -> None:
    evil.redirects("/", location)

    with pytest.raises(RefusedError):
        await client.get(evil.url("evil.example"), accept=AS2, limit=100)

    assert len(evil.asked) == 1


async def test_sec_net_05_a_redirect_to_a_name_that_leads_inside_is_not_dialled(
    make_client: MakeClient, evil: EvilServer
) -> None:
    names = Names({"evil.example": ["127.0.0.1"], "inside.example": ["192.168.0.1"]})
    client = make_client(resolver=names)
    evil.redirects("/", evil.url("inside.example"))

    with pytest.raises(UnavailableError):
        await client.get(evil.url("evil.example"), accept=AS2, limit=100)

    assert len(evil.asked) == 1


async def test_sec_net_05_three_redirects_are_followed_and_a_fourth_is_not(
    client: Client, evil: EvilServer
) -> None:
    for n in range(4):
        evil.redirects(f"/{n}", f"/{n + 1}", status=(301, 302, 307, 308)[n])
    evil.says("/4", b"there")

    response = await client.get(evil.url("evil.example", "/1"), accept=AS2, limit=100)
    assert response.body == b"there"
    assert response.url == evil.url("evil.example", "/4")

    evil.asked.clear()
    with pytest.raises(RefusedError, match="too often"):
        await client.get(evil.url("evil.example", "/0"), accept=AS2, limit=100)
    assert evil.targets() == ["/0", "/1", "/2", "/3"]


async def test_sec_net_05_a_circle_is_noticed(client: Client, evil: EvilServer) -> None:
    evil.redirects("/", "/")
    evil.redirects("/a", "/b#x")
    evil.redirects("/b", "/a#y")

    for path in ("/", "/a"):
        with pytest.raises(RefusedError, match="circle"):
            await client.get(evil.url("evil.example", path), accept=AS2, limit=100)

    assert evil.targets() == ["/", "/a", "/b"]


async def test_sec_net_05_a_redirect_without_location_is_refused(
    client: Client, evil: EvilServer
) -> None:
    evil.says("/", status=302)

    with pytest.raises(RefusedError, match="nowhere"):
        await client.get(evil.url("evil.example"), accept=AS2, limit=100)


async def test_sec_net_05_a_relative_path_is_understood(client: Client, evil: EvilServer) -> None:
    evil.redirects("/users/a", "../@a?x=1", status=301)
    evil.says("/@a?x=1", b"there")

    response = await client.get(evil.url("evil.example", "/users/a"), accept=AS2, limit=100)

    assert response.body == b"there"


async def test_w_sig_05_each_hop_of_one_origin_is_signed_anew(
    client: Client, evil: EvilServer, signer: Signer
) -> None:
    evil.redirects("/", "/next")
    evil.says("/next", b"there")

    await client.get(evil.url("evil.example"), accept=AS2, limit=100, signer=signer)

    signatures = [asked.header("signature") for asked in evil.asked]
    assert None not in signatures
    assert len(set(signatures)) == 2


async def test_sec_net_05_another_host_gets_no_signature_even_after_coming_back(
    client: Client, evil: EvilServer, signer: Signer
) -> None:
    evil.redirects("/", evil.url("other.example", "/there"))
    evil.redirects("/there", evil.url("evil.example", "/back"))
    evil.says("/back", b"there")

    await client.get(evil.url("evil.example"), accept=AS2, limit=100, signer=signer)

    signed, *unsigned = evil.asked
    assert signed.header("signature")
    for asked in unsigned:
        assert asked.header("signature") is None
        assert asked.header("signature-input") is None
        assert asked.header("authorization") is None


async def test_w_sig_05_a_redirect_of_a_post_is_not_followed(
    client: Client, evil: EvilServer
) -> None:
    for status in (301, 302, 303, 307, 308):
        evil.redirects(f"/{status}", "/inbox", status=status)
        answer = await client.post(evil.url("evil.example", f"/{status}"), b"{}", {})
        assert answer.status == status

    assert "/inbox" not in evil.targets()
