"""Scopes in words that a person understands."""

from __future__ import annotations

from typing import Final

from fedcommune.domain.grants.model import WIDE, Scopes


def _(message: str) -> str:
    """Mark *message* for the catalogues; it is translated where it is shown."""
    return message


# In the order in which they are shown; what only reads comes first.
WORDS: Final = {
    "profile": _("See who you are: your name and your picture"),
    "read": _("Read everything that you can read here, your private messages too"),
    "read:accounts": _("Read the profiles of people, and your own with its settings"),
    "read:statuses": _("Read what is written here, for you alone too"),
    "read:notifications": _("Read your notifications"),
    "read:search": _("Search in your name"),
    "read:favourites": _("See what you liked"),
    "read:bookmarks": _("See what you kept for later"),
    "read:lists": _("See your lists"),
    "read:collections": _("See your collections"),
    "read:filters": _("See what you do not want to read"),
    "read:follows": _("See whom you follow"),
    "read:mutes": _("See whom you silenced"),
    "read:blocks": _("See whom you blocked"),
    "write": _("Act in your name: write, answer, like, follow, change your profile"),
    "write:statuses": _("Write, change and delete posts in your name"),
    "write:media": _("Send pictures, sounds and films"),
    "write:favourites": _("Like in your name"),
    "write:bookmarks": _("Keep posts for later"),
    "write:accounts": _("Change your profile"),
    "write:notifications": _("Clear your notifications"),
    "write:conversations": _("Silence and remove conversations"),
    "write:lists": _("Change your lists"),
    "write:collections": _("Change your collections"),
    "write:filters": _("Change what you do not want to read"),
    "write:reports": _("Report people and posts"),
    "follow": _("See and change whom you follow, silence and block"),
    "write:follows": _("Follow and unfollow in your name"),
    "write:mutes": _("Silence people"),
    "write:blocks": _("Block people and servers"),
    "push": _("Show you notifications even when it is closed"),
    "admin:read": _("As a moderator: see everything that moderators see"),
    "admin:read:accounts": _("As a moderator: see e-mail and IP addresses of the people here"),
    "admin:read:reports": _("As a moderator: read the reports"),
    "admin:read:domain_allows": _("As a moderator: see which servers are welcome"),
    "admin:read:domain_blocks": _("As a moderator: see which servers are kept away"),
    "admin:read:ip_blocks": _("As a moderator: see which IP addresses are kept away"),
    "admin:read:email_domain_blocks": _("As a moderator: see which e-mail domains are kept away"),
    "admin:read:canonical_email_blocks": _(
        "As a moderator: see which e-mail addresses are kept away"
    ),
    "admin:write": _("As a moderator: do everything that moderators do"),
    "admin:write:accounts": _("As a moderator: let people in, limit, suspend and delete accounts"),
    "admin:write:reports": _("As a moderator: look into reports and close them"),
    "admin:write:domain_allows": _("As a moderator: say which servers are welcome"),
    "admin:write:domain_blocks": _("As a moderator: keep servers away"),
    "admin:write:ip_blocks": _("As a moderator: keep IP addresses away"),
    "admin:write:email_domain_blocks": _("As a moderator: keep e-mail domains away"),
    "admin:write:canonical_email_blocks": _("As a moderator: keep e-mail addresses away"),
}


def in_words(scopes: Scopes) -> list[str]:
    """Return what *scopes* allow, each thing once, to be translated.

    A narrow scope is left out when a wide one beside it allows the same.
    """
    wide = {each for name in scopes for each in WIDE.get(name, ())}
    return [words for name, words in WORDS.items() if name in set(scopes) and name not in wide]
