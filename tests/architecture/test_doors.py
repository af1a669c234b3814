"""Who may open what: a transaction, a socket, a little box."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, files, imports, name, tree

# What can open a connection to somebody else.
SOCKETS = (
    "aiohttp",
    "ftplib",
    "http.client",
    "httpx",
    "httpx_aiohttp",
    "imaplib",
    "poplib",
    "requests",
    "smtplib",
    "socket",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "websockets",
    "xmlrpc.client",
)
# Listens, and calls nobody.
LISTENS = {"fedcommune/serving.py": {"socket.socket"}}
CONNECTS = {"open_connection", "open_unix_connection", "create_connection", "sock_connect"}


def _is_socket(module: str) -> bool:
    return any(module == each or module.startswith(each + ".") for each in SOCKETS)


def test_sec_net_01_only_the_network_folder_opens_sockets() -> None:
    outside = {
        f"{name(path)} imports {module}"
        for path in files(*PACKAGES)
        for module in imports(path)
        if _is_socket(module)
        and not name(path).startswith("federation/network/")
        and not (module == "socket" and name(path) in LISTENS)
    }

    assert outside == set()


def test_sec_net_01_nobody_connects_through_the_event_loop_either() -> None:
    outside = {
        f"{name(path)}:{node.lineno} {node.attr}"
        for path in files(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in CONNECTS
    }

    assert outside == set()


def test_what_listens_does_not_connect() -> None:
    for listener in LISTENS:
        called = {
            node.attr for node in ast.walk(tree(ROOT / listener)) if isinstance(node, ast.Attribute)
        }
        assert not called & {"connect", "connect_ex", "create_connection"}


def test_only_the_door_imports_little_boxes() -> None:
    importers = {
        name(path)
        for path in files(*PACKAGES)
        if any(module.split(".")[0] == "little_boxes" for module in imports(path))
    }

    assert importers == {"federation/boxes.py"}


def _opens_transaction(path: Path) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "transaction"
    ]


@pytest.mark.parametrize("folder", ["fedcommune/domain", "fedcommune/text", "federation"])
def test_no_action_opens_a_transaction_so_that_they_compose(folder: str) -> None:
    openers = {
        f"{name(path)}: {lines}" for path in files(folder) if (lines := _opens_transaction(path))
    }

    assert openers == set()


def test_nothing_reads_the_clock_inside_an_action() -> None:
    readers = {
        f"{name(path)}:{node.lineno}"
        for path in files("fedcommune/domain")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today")
        if isinstance(node.value, ast.Name) and node.value.id in ("datetime", "date", "time")
    }

    assert readers == set()


def test_sec_sig_03_nobody_trusts_an_address_rebuilt_from_a_request() -> None:
    rebuilt = {
        f"{name(path)}:{node.lineno} request.{node.attr}"
        for path in files(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in ("url", "base_url", "url_for")
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
        and name(path) != "federation/network/transport.py"  # httpx's own request
    }

    assert rebuilt == set()
