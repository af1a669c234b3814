"""The commune that the benchmark of timelines reads: its people, its posts, its server."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import sys
from pathlib import Path

import asyncpg
import uvloop
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fedcommune.asgi import application
from fedcommune.commune import opened
from fedcommune.config import Config
from fedcommune.serving import serving, settle
from fedcommune.settings import CommuneSection, DatabaseSection, DevelopmentSection

NAME = "commune.localhost"
TOKEN = "benchmark" * 4
SECRET = bytes(range(32))
READER = 1_000
BEGINNING = 1_790_000_000_000  # milliseconds since 1970
STRANGERS = 1.2  # for each who is followed, so many people altogether

_TEXT = "<p>Le conseil se réunit jeudi à la salle des fêtes, entrée libre, venez nombreux.</p>"


async def found(db: asyncpg.Connection[asyncpg.Record], *, posts: int, follows: int) -> None:
    """Fill an empty database: one reader who follows *follows* of more people, and *posts*."""
    people = int(follows * STRANGERS)
    await db.execute("alter table commune.post disable trigger user")
    await db.execute("drop index commune.post_words")
    await db.execute(
        """
        insert into commune.account (id, actor_id, local, type, kind, username, domain, name,
            summary, inbox, shared_inbox, created_at, updated_at)
        select $1::bigint + n, 'https://h' || n % 20 || '.example/users/' || n, n = 0, 'Person',
               case when n = 0 then 'citizen' else 'stranger' end, 'user' || n,
               case when n = 0 then $3 else 'h' || n % 20 || '.example' end, 'User ' || n,
               '<p>Bonjour</p>', 'https://h' || n % 20 || '.example/inbox/' || n,
               'https://h' || n % 20 || '.example/inbox', now(), now()
        from generate_series(0, $2::integer) n
        """,
        READER,
        people,
        NAME,
    )
    await db.execute(
        """
        insert into commune.follow (id, follower_id, followed_id, activity_id, state, created_at,
            accepted_at)
        select n, $1::bigint, $1::bigint + n, 'https://x.example/f' || n, 'accepted', now(), now()
        from generate_series(1, $2::integer) n
        """,
        READER,
        follows,
    )
    # One person in twenty writes as much as the others together.
    await db.execute(
        """
        insert into commune.post (id, object_id, url, local, author_id, type, visibility, content,
            in_reply_to, parent_id, conversation, published_at, received_at, language)
        select ($4::bigint + n::bigint * 1000) << 16, 'https://h.example/p/' || n,
               'https://h.example/@u/' || n, false,
               $1::bigint + 1 + case when n % 2 = 0 then n / 2 % $3 else n / 2 % ($3 / 20 + 1) end,
               'Note', case when n % 10 = 0 then 'unlisted' else 'public' end, $5,
               case when n % 5 = 4 then 'https://h.example/p/' || n - 3 end,
               case when n % 5 = 4 then ($4::bigint + (n - 3)::bigint * 1000) << 16 end,
               'https://h.example/c/' || n / 5,
               to_timestamp(($4::bigint + n::bigint * 1000) / 1000.0), now(), 'fr'
        from generate_series(1, $2::integer) n
        """,
        READER,
        posts,
        people,
        BEGINNING,
        _TEXT,
    )
    await db.execute(
        """
        insert into commune.reaction (id, kind, account_id, post_id, activity_id, created_at)
        select id + 1, 'boost', $1::bigint + 1 + (id >> 16) / 1000 % $2, id,
               'https://x.example/b' || id, now()
        from commune.post
        where visibility = 'public'
          and (id >> 16) / 1000 % 20 in (5, 8)
        on conflict do nothing
        """,
        READER,
        people,
    )
    await db.execute(
        """
        insert into commune.notification (id, account_id, kind, from_id, post_id, created_at)
        select id + 2, $1::bigint, 'mention', author_id, id, published_at
        from (select * from commune.post order by id desc limit 10000) post
        """,
        READER,
    )
    await db.execute(
        """
        insert into commune.tally (account_id, posts, last_post_at)
        select author_id, count(*), max(published_at)
        from commune.post
        group by author_id
        on conflict (account_id) do update
        set posts = excluded.posts, last_post_at = excluded.last_post_at
        """
    )
    await db.execute("alter table commune.post enable trigger user")
    await _sign_in(db)
    await db.execute("vacuum analyze")


async def _sign_in(db: asyncpg.Connection[asyncpg.Record]) -> None:
    """Give the reader a token that may do everything."""
    await db.execute(
        """
        insert into commune.citizen (account_id, email, created_at, confirmed_at, approved_at)
        values ($1, 'reader@mail.example', now(), now(), now())
        """,
        READER,
    )
    await db.execute(
        """
        insert into commune.application (id, client_id, name, redirect_uris, scopes, created_at)
        values (1, 'benchmark', 'Benchmark', '{urn:ietf:wg:oauth:2.0:oob}', '{read,write}', now())
        """
    )
    await db.execute(
        """
        insert into commune.token (id, token_hash, application_id, citizen_id, account_id, scopes,
            created_at, used_at)
        values (1, $2, 1, $1, $1, '{read,write}', now(), now())
        """,
        READER,
        hashlib.sha256(TOKEN.encode()).digest(),
    )


async def hello(request: Request) -> Response:
    return PlainTextResponse("hello")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def serve(url: str) -> None:
    """Answer until the standard input ends; say the port first."""
    port = _free_port()
    config = Config(
        commune=CommuneSection(name="Commune", insee="97413", domain=f"{NAME}:{port}"),
        database=DatabaseSection(url=url),
        development=DevelopmentSection(
            enabled=True, plain_http=True, loopback_peers=True, no_rate_limits=True
        ),
        base=Path.cwd(),
        secret_key=SECRET,
    )
    async with opened(config, migrating=False) as commune:
        app = application(commune)
        app.router.routes.insert(0, Route("/hello", hello))
        async with serving(app, "127.0.0.1", port):
            settle()
            print(port, flush=True)
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(sys.argv[1]))
