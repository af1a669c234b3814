"""What can go wrong among ourselves, sorted by what the person can do; no HTTP in sight.

CommuneError
  ├─ NotFound        it does not exist, or is not for you to see
  ├─ NotAllowed      you may see it, not do that
  ├─ Invalid         what you typed needs a correction
  ├─ Conflict        somebody was there before
  └─ TooMany         slow down
"""

from __future__ import annotations


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


# What the classes say by themselves.
SENTENCES = (
    _("You are not allowed to do this."),
    _("Somebody was there before you: look again and retry."),
    _("Too many requests: wait a moment."),
    _("It does not exist, or is not for you to see."),
    _("Something you typed needs a correction."),
    _("Something went wrong."),
)


class CommuneError(Exception):
    """Something went wrong.

    ``msgid`` is the English sentence as the catalogues know it, ``values`` what its ``{names}``
    stand for: whoever shows it to somebody says it in their language. As a text it is English.
    """

    def __init__(self, message: str | None = None, **values: object) -> None:
        self.msgid = message or " ".join(str(type(self).__doc__).partition("\n\n")[0].split())
        self.values = values
        super().__init__(self.msgid.format(**values) if values else self.msgid)


class NotFound(CommuneError):
    """It does not exist, or is not for you to see."""


class NotAllowed(CommuneError):
    """You are not allowed to do this."""


class Invalid(CommuneError):
    """Something you typed needs a correction.

    ``field`` names it.
    """

    def __init__(self, field: str, message: str, **values: object) -> None:
        super().__init__(message, **values)
        self.field = field

    @classmethod
    def of(cls, field: str, error: CommuneError) -> Invalid:
        """Return what *error* says, about *field*."""
        return cls(field, error.msgid, **error.values)


class Conflict(CommuneError):
    """Somebody was there before you: look again and retry."""


class TooMany(CommuneError):
    """Too many requests: wait a moment.

    ``retry_after`` is in seconds.
    """

    def __init__(
        self, message: str | None = None, *, retry_after: float = 60.0, **values: object
    ) -> None:
        super().__init__(message, **values)
        self.retry_after = retry_after
