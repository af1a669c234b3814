"""The numbers in our addresses: each has one spelling, so that a document is at its id only."""

from __future__ import annotations

from starlette.convertors import Convertor, register_url_convertor


class Number(Convertor[int]):
    """``{name:number}`` in a route: a positive 64-bit number without leading zeros.

    Anything else is no address of ours: it is not found, and no database is asked (W-DOC-02,
    SEC-PAR-03).
    """

    regex = "0|[1-9][0-9]{0,17}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("number", Number())


def number(name: str) -> str:
    """Return the part of a route's path that takes such a number under *name*."""
    return f"{{{name}:number}}"
