"""Who takes part, how that stands, and what is announced."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from fedcommune.domain.posts.occasions import Occasion

MAX_MESSAGE: Final = 1_000
# An address that nobody confirmed, and those of people who came, are kept so long (SEC-GDP).
UNCONFIRMED: Final = timedelta(days=2)
AFTERWARDS: Final = timedelta(days=30)
# When people are reminded.
A_DAY: Final = timedelta(days=1)
TWO_HOURS: Final = timedelta(hours=2)

Way = Literal["here", "join", "reply", "mail"]
Answer = Literal["comes", "does not come"]


class State(StrEnum):
    """How it stands between a participant and an event."""

    UNCONFIRMED = "unconfirmed"
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Participation:
    """One row of ``commune.participation``: an account, or somebody with an e-mail address."""

    id: int
    post_id: int
    account_id: int | None
    email: str | None
    name: str
    language: str
    message: str
    state: State
    way: Way
    activity_id: str | None
    token_hash: bytes | None = field(repr=False)
    token: bytes | None = field(repr=False)
    created_at: datetime
    changed_at: datetime

    @property
    def takes_part(self) -> bool:
        return self.state is State.ACCEPTED


@dataclass(frozen=True, slots=True)
class Announcement:
    """What somebody announces: an occasion, words in Markdown, tags, pictures.

    *rule* is an RRULE (see :mod:`fedcommune.domain.events.recurrence`): then it takes place
    again and again. *media* are pictures that who announces it sent before.
    """

    occasion: Occasion
    text: str = ""
    tags: tuple[str, ...] = ()
    rule: str = ""
    media: tuple[int, ...] | None = None

    @property
    def words(self) -> str:
        """The text with its tags below it, as a post is written."""
        wanted = (tag.strip().lstrip("#") for tag in self.tags)
        known = {each.lower() for each in re.findall(r"#(\w+)", self.text)}
        tags = " ".join(f"#{tag}" for tag in wanted if tag and tag.lower() not in known)
        return "\n\n".join(part for part in (self.text.strip(), tags) if part)


_COMES: Final = re.compile(
    r"(je participe(rai)?|j'y serai|j'y vais|j'irai|je viens|je viendrai|je serai la|"
    r"on y sera|nous y serons|on vient|nous viendrons|j'en suis|comptez sur moi|present(e)?s?\b|"
    r"i'?ll be there|i will be there|i'?m coming|i am coming|i'?m in\b|count me in|i'?ll come|"
    r"i will come|i'?ll join|i'?m going)"
)
_STAYS: Final = re.compile(
    r"(je ne (participe|viens|viendrai|pourrai|peux|serai)\w*( finalement)? (pas|plus)|"
    r"je n'y (serai|vais) (pas|plus)|je n'irai (pas|plus)|"
    r"je (participe|viens|viendrai|serai|pourrai|peux) (pas|plus)|j'y serai (pas|plus)|"
    r"je me desiste|j'annule|finalement non|je ne serai pas la|"
    r"i can'?t (come|make it)|i won'?t (be there|come|make it)|i'?m not coming|"
    r"i will not (come|be there)|i'?m out\b|i have to cancel)"
)
_UNSURE: Final = re.compile(
    r"\?|\bpeut[- ]etre\b|\bmaybe\b|\bsi\b|\bif\b|\bperhaps\b|\bj'aimerais\b|\bdommage\b"
)
_MENTION: Final = re.compile(r"@[\w.-]+(@[\w.:-]+)?")
_FIRST: Final = re.compile(
    r"[\s,.!:;–-]*(bonjour|bonsoir|salut|coucou|merci|super|chouette|genial|avec plaisir|oui|"
    r"yes|hello|hi|great|ok|alors|finalement|desolee?|sorry|malheureusement|non|no|et|and)?"
    r"[\s,.!:;–-]*"
)
_LONGEST: Final = 300


def understood(text: str) -> Answer | None:
    """Return what the plain words of an answer to an event say, None when they do not say.

    Only short answers that begin with it, after a greeting at most, count; a question, or what
    depends on something, says nothing.
    """
    plain = "".join(
        each
        for each in unicodedata.normalize("NFD", text.lower().replace("’", "'"))
        if not unicodedata.combining(each)
    )
    plain = " ".join(_MENTION.sub(" ", plain).split())
    if not plain or len(plain) > _LONGEST:
        return None
    sentence = re.split(r"[.!\n]", plain)
    for part in [plain, *sentence][: len(sentence) + 1]:
        if _UNSURE.search(part):
            return None
        words = part
        for _ in range(4):
            if _STAYS.match(words):
                return "does not come"
            if _COMES.match(words):
                return "comes"
            words = words[_matched(words) :]
    return None


def _matched(words: str) -> int:
    found = _FIRST.match(words)
    return found.end() if found else 0
