"""No other module of ours can ask a stranger anything (SEC-NET-01)."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOOR = ROOT / "federation" / "network"
FORBIDDEN = {"aiohttp", "httpx", "requests", "urllib.request", "http.client", "urllib3"}
# The application may listen on a socket, and never connect one.
LISTENERS = {"fedcommune"}
CALLS = {"open_connection", "create_connection", "getaddrinfo", "connect_ex", "sock_connect"}


def imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def called(tree: ast.AST) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_sec_net_01_only_the_network_folder_opens_sockets_to_strangers() -> None:
    guilty = []
    for package in ("federation", "inbox", "outbox", "fedcommune"):
        for path in (ROOT / package).rglob("*.py"):
            if path.is_relative_to(DOOR):
                continue
            tree = ast.parse(path.read_text("utf-8"))
            for name in imported(tree):
                top = name.partition(".")[0]
                unheard = name == "socket" and package not in LISTENERS
                if name in FORBIDDEN or top in FORBIDDEN or unheard:
                    guilty.append(f"{path.relative_to(ROOT)} imports {name}")
            guilty += [f"{path.relative_to(ROOT)} calls {name}" for name in called(tree) & CALLS]

    assert guilty == []
