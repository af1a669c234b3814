"""What leaves with a request: nothing of this machine's environment, nothing of earlier answers."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from federation.errors import RefusedError, UnavailableError
from federation.network import Client
from federation.network.hosts import UNREACHABLE
from tests.federation.network.conftest import MakeClient
from tests.support.evil import AS2, EvilServer


def certificate(folder: Path, name: str) -> Path:
    """Write a certificate for *name*, signed by itself, and its key into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def speaks_tls(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


async def test_sec_net_07_proxies_and_passwords_of_the_environment_are_not_used(
    make_client: MakeClient, evil: EvilServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine evil.example login us password secret\ndefault login us password p\n")
    evil.says("/", {})
    async with EvilServer() as proxy:
        for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NETRC", str(netrc))
        client = make_client()

        await client.get(evil.url("evil.example"), accept=AS2, limit=100)
        await client.post(evil.url("evil.example"), b"{}", {})

        assert proxy.connections == 0
    assert [asked.header("authorization") for asked in evil.asked] == [None, None]


async def test_sec_net_07_cookies_are_not_kept(client: Client, evil: EvilServer) -> None:
    evil.says("/", {}, headers=[("Set-Cookie", "who=you; Path=/")])

    await client.get(evil.url("evil.example"), accept=AS2, limit=100)
    await client.post(evil.url("evil.example"), b"{}", {})
    await client.get(evil.url("evil.example"), accept=AS2, limit=100)

    assert [asked.header("cookie") for asked in evil.asked] == [None, None, None]


async def test_w_sig_04_a_request_says_who_we_are_and_asks_for_plain_bytes(
    client: Client, evil: EvilServer
) -> None:
    evil.says("/x?y=%C3%A9", {})

    await client.get(evil.url("evil.example", "/x?y=é#part"), accept=AS2, limit=100)

    asked = evil.asked[0]
    assert asked.target == "/x?y=%C3%A9"
    assert asked.header("user-agent") == "fedcommune/test (+https://commune.example/)"
    assert asked.header("accept") == AS2
    assert asked.header("accept-encoding") == "identity"
    assert asked.header("host") == f"evil.example:{evil.port}"


async def test_sec_net_07_a_certificate_nobody_vouches_for_is_refused(
    make_client: MakeClient, tmp_path: Path
) -> None:
    async with EvilServer(speaks_tls(certificate(tmp_path, "evil.example"))) as evil:
        evil.says("/", {})

        with pytest.raises(UnavailableError, match=UNREACHABLE):
            await make_client().get(evil.url("evil.example"), accept=AS2, limit=100)

        assert evil.asked == []


async def test_sec_net_07_ssl_cert_file_names_the_authorities(
    make_client: MakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certificate(tmp_path, "good.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    async with EvilServer(speaks_tls(path)) as evil:
        evil.says("/", b"there")
        client = make_client()

        response = await client.get(evil.url("good.example"), accept=AS2, limit=100)
        assert response.body == b"there"

        with pytest.raises(UnavailableError, match=UNREACHABLE):
            await client.get(evil.url("other.example"), accept=AS2, limit=100)
        assert len(evil.asked) == 1


async def test_sec_net_05_a_redirect_from_https_to_http_is_refused(
    make_client: MakeClient, evil: EvilServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certificate(tmp_path, "good.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    async with EvilServer(speaks_tls(path)) as protected:
        protected.redirects("/", evil.url("good.example"))

        with pytest.raises(RefusedError, match="not protected"):
            await make_client().get(protected.url("good.example"), accept=AS2, limit=100)

    assert evil.connections == 0


async def test_sec_ori_06_our_own_addresses_are_never_asked(
    make_client: MakeClient, evil: EvilServer
) -> None:
    client = make_client(own=f"commune.example:{evil.port}")
    evil.redirects("/", evil.url("commune.example", "/ap/posts/1"))

    with pytest.raises(RefusedError, match="ours"):
        await client.get(evil.url("COMMUNE.example"), accept=AS2, limit=100)
    with pytest.raises(RefusedError, match="ours"):
        await client.post(evil.url("commune.example"), b"{}", {})
    assert evil.asked == []

    with pytest.raises(RefusedError, match="ours"):
        await client.get(evil.url("evil.example"), accept=AS2, limit=100)
    assert len(evil.asked) == 1
