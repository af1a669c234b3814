"""Whatever a stranger sends, no answer is a 5xx (SEC-PAR-03, SEC-OPS-02)."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fediverse.conftest import Neighbours

_TEXT = st.text(max_size=40)
_NUMBER = st.one_of(
    st.integers(min_value=-(10**40), max_value=10**40).map(str),
    st.sampled_from(["0", "00", "1e9", "٣", "9223372036854775808", "9" * 5000, "%00"]),
)
_PART = st.one_of(_TEXT.map(lambda text: quote(text, safe="")), _NUMBER)
_PATH = st.one_of(
    st.builds("/ap/actors/{}".format, _NUMBER),
    st.builds("/ap/actors/{}/{}".format, _NUMBER, st.sampled_from(["outbox", "members/page"])),
    st.builds("/ap/posts/{}".format, _NUMBER),
    st.builds("/ap/posts/{}/replies/page/{}".format, _NUMBER, _NUMBER),
    st.builds("/actor/{}/page/{}".format, st.sampled_from(["outbox", "followers"]), _NUMBER),
    st.builds("/ap/answers/{}".format, _PART),
    st.builds("/ap/links/{}".format, _NUMBER),
    st.builds("/@{}".format, _PART),
    st.builds("/@marie/{}".format, _PART),
    st.builds("/tags/{}".format, _PART),
    st.builds("/static/{}".format, _PART),
    st.builds("/nodeinfo/{}".format, _PART),
    st.builds("/{}".format, _PART),
    st.sampled_from(["/", "/actors", "/actor", "/inbox", "//", "/./../", "/authorize_interaction"]),
    st.just("/.well-known/webfinger"),
)
_QUERY = st.one_of(
    st.just(""),
    st.builds("?before={}".format, _PART),
    st.builds("?kind={}&after={}".format, st.sampled_from(["project", "x", ""]), _PART),
    st.builds("?uri=https://{}".format, _PART),
    st.builds("?resource={}".format, _PART),
    st.builds(
        "?resource={}{}".format,
        st.sampled_from(["acct:", "https://", "http://", "@", "acct:marie@"]),
        _PART,
    ),
    st.binary(max_size=20).map(lambda raw: "?" + quote(raw)),
)
_VALUE = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, blacklist_characters="\x7f"), max_size=60
)
_HEADER = st.tuples(
    st.sampled_from(
        [
            "Accept",
            "Accept-Language",
            "If-None-Match",
            "Signature",
            "Signature-Input",
            "Date",
            "Digest",
            "X-Forwarded-For",
            "Cookie",
            "Range",
            "If-Modified-Since",
            "Content-Type",
        ]
    ),
    st.one_of(
        _VALUE,
        st.sampled_from(
            [
                "application/activity+json",
                "text/html",
                'keyId="http://10.0.0.1/k",headers="(request-target) host date",signature="AA=="',
                'sig=("@method");keyid="x";created=99999999999999999999',
                "bytes=0-99999999999999999999",
                "en;q=inf, fr;q=-1",
            ]
        ),
    ),
)


async def test_sec_par_03_nonsense_is_never_our_fault(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    await here.say(marie, "Bonjour #agenda")
    port = int(here.domain.partition(":")[2])

    @settings(
        max_examples=250,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "PUT"]),
        _PATH,
        _QUERY,
        st.lists(_HEADER, max_size=4),
    )
    def ask(method: str, path: str, query: str, headers: list[tuple[str, str]]) -> None:
        lines = [
            f"{method} {path}{query} HTTP/1.1",
            f"Host: {here.domain}",
            "Connection: close",
            *(f"{name}: {value.strip()}" for name, value in headers),
        ]
        answer = b""
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
            while piece := connection.recv(65536):
                answer += piece
        status = int(answer.split(b" ", 2)[1])
        assert status < 500, (method, path, query, headers, answer[-500:])
        assert b"Traceback" not in answer

    # The examples block; the commune that they ask lives in this loop.
    await asyncio.to_thread(ask)
