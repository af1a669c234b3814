"""Other software, as far as its code decides: what it reads of ours, and what it writes to us.

Each module applies the rules of one software to real documents: what it asks for, what it
stumbles over, and what it then shows. :class:`~tests.fediverse.peers.server.Peer` is its server.
"""


class Unread(Exception):
    """This software would not take the document; the text says why."""
