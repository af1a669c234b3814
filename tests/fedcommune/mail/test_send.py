"""The queue of letters, and a real SMTP conversation over loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from fedcommune.database import Database
from fedcommune.instance import Instance
from fedcommune.keyring import Keyring
from fedcommune.mail import letters, queue
from fedcommune.mail.send import Folder, Postman, Smtp, sender_of
from fedcommune.settings import CommuneSection, Config, DevelopmentSection, MailSection
from tests.support.clock import Clock

INSTANCE = Instance("saint-leu.example", "Saint-Leu, « la » commune")
LINK = "https://saint-leu.example/sign-up/confirm?token=abc"
SECRET = bytes(range(32))


class Server:
    """An SMTP server that answers what it is told, and keeps what it was given."""

    def __init__(self) -> None:
        self.refuses: dict[str, str] = {}
        self.received: list[bytes] = []
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Server]:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example\r\n")
        while line := await reader.readline():
            word = line.split()[0].upper().decode() if line.split() else ""
            if word in self.refuses:
                writer.write(f"{self.refuses[word]} no\r\n".encode())
            elif word == "DATA":
                writer.write(b"354 go\r\n")
                self.received.append(await reader.readuntil(b"\r\n.\r\n"))
                writer.write(f"{self.refuses.get('.', '250')} done\r\n".encode())
            elif word == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 yes\r\n")
            await writer.drain()
        writer.close()


def config(folder: Path, port: int = 0) -> Config:
    mail = MailSection(host="127.0.0.1" if port else "", port=port or 587, security="none")
    return Config(
        commune=CommuneSection(domain="saint-leu.example"),
        development=DevelopmentSection(enabled=True),
        mail=mail,
        base=folder,
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def database(database_url: str, clock: Clock) -> AsyncIterator[Database]:
    opened = Database(database_url, INSTANCE, Keyring(SECRET), clock=clock)
    await opened.open()
    yield opened
    await opened.close()


async def write(database: Database, **values: object) -> None:
    expires_at = values.get("expires_at")
    letter = letters.write(
        INSTANCE,
        "confirm",
        "marie@mail.example",
        "fr",
        link=LINK,
        expires_at=expires_at,  # type: ignore[arg-type]  # a moment or nothing
        username="marie",
    )
    async with database.transaction() as tx:
        await queue.post(tx, letter)


async def test_a_letter_arrives_as_text_and_html_and_is_forgotten(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    async with Server().running() as server:
        settings = config(tmp_path, server.port)
        postman = Postman(database, Smtp(settings), settings, clock)
        await write(database)

        assert await postman.step()
        assert not await postman.step()
    message = message_from_bytes(server.received[0], policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert message["To"] == "marie@mail.example"
    assert "noreply@saint-leu.example" in message["From"]
    assert message["Subject"] == "Confirmez votre adresse e-mail"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "fr"
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        assert LINK in part.get_content()
    assert await database.pool.fetchval("select count(*) from commune.letter") == 0


@pytest.mark.parametrize(("word", "code"), [("RCPT", "451"), (".", "421"), ("MAIL", "450")])
async def test_a_letter_that_is_not_taken_now_is_sent_later(
    database: Database, clock: Clock, tmp_path: Path, word: str, code: str
) -> None:
    async with Server().running() as server:
        settings = config(tmp_path, server.port)
        postman = Postman(database, Smtp(settings), settings, clock)
        server.refuses = {word: code}
        await write(database)
        assert await postman.step()
        assert not await postman.step()
        status = await queue.status(database.pool)
        assert (status["waiting"], status["given_up"]) == (1, 0)

        server.refuses, server.received = {}, []
        clock.forward(queue.LONGEST_WAIT)
        assert await postman.step()
        assert len(server.received) == 1
    assert (await queue.status(database.pool))["waiting"] == 0


async def test_a_server_that_is_away_loses_nothing(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    settings = config(tmp_path, 1)
    postman = Postman(database, Smtp(settings), settings, clock)
    await write(database)
    for _number in range(3):
        assert await postman.step()
        clock.forward(queue.LONGEST_WAIT)
    assert (await queue.status(database.pool))["waiting"] == 1

    clock.forward(queue.PATIENCE)
    assert await postman.step()
    assert (await queue.status(database.pool))["given_up"] == 1
    assert await queue.retry(database.pool, clock()) == 1
    assert (await queue.status(database.pool))["waiting"] == 1


async def test_a_box_that_does_not_exist_is_tried_once(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    async with Server().running() as server:
        settings = config(tmp_path, server.port)
        server.refuses = {"RCPT": "550"}
        await write(database)
        assert await Postman(database, Smtp(settings), settings, clock).step()
    status = await queue.status(database.pool)

    assert (status["waiting"], status["given_up"]) == (0, 1)
    assert "550" in status["problem"]
    assert "marie" not in status["problem"]


async def test_a_link_that_is_worth_nothing_any_more_is_not_sent(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    settings = config(tmp_path)
    await write(database, expires_at=clock())
    assert await Postman(database, Folder(settings), settings, clock).step()

    assert (await queue.status(database.pool))["given_up"] == 1
    assert not (tmp_path / "var" / "letters").exists()


async def test_two_postmen_do_not_take_the_same_letter(database: Database, clock: Clock) -> None:
    await write(database)
    first = await queue.take(database.pool, database.keyring, clock())
    second = await queue.take(database.pool, database.keyring, clock())
    clock.forward(queue.LEASE)
    third = await queue.take(database.pool, database.keyring, clock())

    assert first is not None
    assert second is None
    assert third is not None
    assert (third.id, third.attempts) == (first.id, 2)


async def test_without_a_server_letters_stay_in_a_folder(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    settings = config(tmp_path)
    await write(database)
    assert await Postman(database, sender_of(settings), settings, clock).step()

    (kept,) = (tmp_path / "var" / "letters").iterdir()
    assert kept.name.endswith("-confirm.eml")
    assert b"marie@mail.example" in kept.read_bytes()


async def test_a_letter_that_is_rolled_back_was_never_written(database: Database) -> None:
    letter = letters.write(
        INSTANCE, "confirm", "marie@mail.example", "fr", link=LINK, username="marie"
    )

    async def fail() -> None:
        async with database.transaction() as tx:
            await queue.post(tx, letter)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert await database.pool.fetchval("select count(*) from commune.letter") == 0


async def test_sec_ops_01_links_are_sealed_while_they_wait(database: Database) -> None:
    await write(database)
    row = await database.pool.fetchrow("select * from commune.letter")

    assert row is not None
    assert b"token=abc" not in row["body"]
    assert "token" not in repr(
        letters.write(INSTANCE, "known", "a@b.example", "fr", link=LINK, username="m")
    )
