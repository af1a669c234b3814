"""The only package that opens a socket to a stranger."""

from federation.network.answers import Answer, Response
from federation.network.client import Client, Limits
from federation.network.resolver import Resolver

__all__ = ["Answer", "Client", "Limits", "Resolver", "Response"]
