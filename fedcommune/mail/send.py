"""Hand letters over: to an SMTP server, or, without one, to a folder."""

from __future__ import annotations

import asyncio
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Final, Protocol

import structlog

from fedcommune.config import Config
from fedcommune.database import Clock, Database
from fedcommune.instance import Instance
from fedcommune.mail import queue
from fedcommune.mail.letters import Letter
from fedcommune.mail.queue import Queued

_log = structlog.get_logger(__name__)

SECONDS: Final = 30.0


class NoSuchBoxError(Exception):
    """The server will never take this letter."""


class LaterError(Exception):
    """The server cannot take a letter now."""


class Sender(Protocol):
    """Somewhere letters go."""

    async def send(self, message: EmailMessage, letter: Letter) -> None:
        """Hand *message* over. Raises NoSuchBoxError or LaterError."""
        ...


class Smtp:
    """The SMTP server of [mail]; one connection a letter, for there are few."""

    def __init__(self, config: Config) -> None:
        self._mail = config.mail

    async def send(self, message: EmailMessage, letter: Letter) -> None:
        """Hand *message* over. Raises NoSuchBoxError or LaterError."""
        import aiosmtplib

        mail = self._mail
        try:
            await aiosmtplib.send(
                message,
                hostname=mail.host,
                port=mail.port,
                username=mail.username or None,
                password=mail.password or None,
                use_tls=mail.security == "tls",
                start_tls=mail.security == "starttls",
                timeout=SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            if codes and all(code >= 500 for code in codes):
                raise NoSuchBoxError(f"refused with {codes[0]}") from None
            raise LaterError("not taken now") from None
        except aiosmtplib.SMTPDataError as error:
            if error.code >= 500:
                raise NoSuchBoxError(f"refused with {error.code}") from None
            raise LaterError(f"not taken now ({error.code})") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise LaterError(f"{type(error).__name__}: {mail.host}:{mail.port}") from None


class Folder:
    """Keeps letters as files; in development it says the link aloud."""

    def __init__(self, config: Config) -> None:
        self._folder = config.directory / "letters"
        self._aloud = config.development.enabled

    async def send(self, message: EmailMessage, letter: Letter) -> None:
        """Write *message* to a file of its own. Raises LaterError."""
        name = f"{(message['X-Letter'] or 'letter')}-{letter.kind}.eml"
        try:
            await asyncio.to_thread(self._write, self._folder / name, message.as_bytes())
        except OSError as error:
            raise LaterError(f"{self._folder}: {error.strerror}") from None
        if self._aloud:
            _log.info("letter", kind=letter.kind, to=letter.recipient, link=letter.link)
        else:
            _log.warning("letter_kept", kind=letter.kind, folder=str(self._folder))

    def _write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(content)


class Postman:
    """Works off the queue, one letter at a time; sending is outside of every transaction."""

    def __init__(self, database: Database, sender: Sender, config: Config, clock: Clock) -> None:
        self._database = database
        self._sender = sender
        self._from = config.mail_sender
        self._clock = clock

    async def step(self) -> bool:
        """Send the letter that is due first; return whether there was one."""
        pool = self._database.pool
        queued = await queue.take(pool, self._database.keyring, self._clock())
        if queued is None:
            return False
        expires_at = queued.letter.expires_at
        if expires_at is not None and expires_at <= self._clock():
            await queue.given_up(pool, queued, "too late to be of use", self._clock())
            return True
        message = self.message(queued)
        try:
            await self._sender.send(message, queued.letter)
        except NoSuchBoxError as error:
            await queue.given_up(pool, queued, str(error), self._clock())
            _log.warning("letter_refused", kind=queued.letter.kind, reason=str(error))
        except LaterError as error:
            await queue.postponed(pool, queued, str(error), self._clock())
            _log.warning("letter_postponed", kind=queued.letter.kind, reason=str(error))
        else:
            await queue.sent(pool, queued.id)
        return True

    def message(self, queued: Queued) -> EmailMessage:
        """Return the MIME message of a letter: text, and the same in HTML."""
        letter, instance = queued.letter, self._database.instance
        message = EmailMessage()
        message["From"] = _sender(instance, self._from)
        message["To"] = letter.recipient
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(queued.created_at)
        message["Message-ID"] = make_msgid(str(queued.id), instance.host)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers
        message["X-Letter"] = str(queued.id)
        if letter.unsubscribe:
            message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
        message.set_content(letter.text, cte="quoted-printable")
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
        # After the content: setting that takes every Content-… header away.
        message["Content-Language"] = letter.language
        return message


def sender_of(config: Config) -> Sender:
    """Return where the letters of *config* go."""
    return Smtp(config) if config.mail.host else Folder(config)


def _sender(instance: Instance, address: str) -> Address:
    name = " ".join("".join(each for each in instance.name if each.isprintable()).split())
    return Address(name, addr_spec=address)
