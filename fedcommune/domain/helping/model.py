"""An offer of help, and the words by which somebody makes one."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from fedcommune.domain.accounts.model import Account


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


State = Literal["offered", "accepted", "refused"]

# What the button says for somebody, so that every commune understands it.
I_CAN_HELP: Final = _("I can help.")
# Without accents, in lower case. "Je ne peux pas aider" and "I can't help" are none of them.
_WORDS: Final = (
    "je peux aider",
    "je peux vous aider",
    "je peux t'aider",
    "je viens aider",
    "je veux aider",
    "je veux bien aider",
    "j'aiderai",
    "on peut aider",
    "nous pouvons aider",
    "mi pe ede",
    "mi pe aide",
    "i can help",
    "i will help",
    "i'll help",
    "we can help",
    "i want to help",
)


@dataclass(frozen=True, slots=True)
class Help:
    """One row of ``commune.help``: *helper* said that they can help. Times are UTC."""

    id: int
    need_id: int
    helper_id: int
    answer_id: int | None
    state: State
    created_at: datetime
    decided_at: datetime | None
    decided_by: int | None


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer of help as those see it who decide: who, and what they wrote (plain text)."""

    help: Help
    helper: Account
    words: str


def offers_help(text: str) -> bool:
    """Tell whether *text* (plain) says that its author can help."""
    folded = "".join(
        letter
        for letter in unicodedata.normalize("NFD", text.lower().replace("\u2019", "'"))
        if not unicodedata.combining(letter)
    )
    tidy = " ".join(folded.split())
    return any(words in tidy for words in _WORDS)
